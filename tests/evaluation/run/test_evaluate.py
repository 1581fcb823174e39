import json

import numpy as np
import pytest
import torch

from cyclorama.evaluation.distributions.frechet import frechet_distance
from cyclorama.evaluation.networks.faed import load_faed
from cyclorama.evaluation.resizing import resize
from cyclorama.evaluation.run.evaluate import fill_cache
from cyclorama.evaluation.seams import discontinuity_score
from cyclorama.media.images import read_image
from cyclorama.media.pictures import write_picture
from tests.evaluation.run.small_sets import DS, FD, PLACE, RECALL, panorama, rows_of, write_folder


def notes_of(evaluation):
    return {(note.set, note.file): (note.status, note.reason) for note in evaluation.report.files}


def features_of(folder, path):
    images = torch.stack([read_image(file) for file in sorted(folder.iterdir())])
    return load_faed(path).features(resize(images, (16, 32), "aa"))


def test_a_set_metric_is_the_statistic_of_the_networks_features(run, folders, tiny_faed):
    real, fake = (features_of(folder, tiny_faed) for folder in folders)
    row = rows_of(run())["FD"]
    assert row.value == pytest.approx(frechet_distance(real, fake), rel=1e-4)
    assert (row.status, row.num, row.curve[-1]) == ("ok", 6, (6, row.value))
    assert row.low is not None
    assert row.low < row.value < (row.high or 0)
    assert row.floor is not None
    assert len(row.replicates) == 100


def test_a_picture_metric_is_the_mean_of_the_files_figures(run, folders):
    figures = [discontinuity_score(read_image(file)[None]).item() for file in sorted(folders[1].iterdir())]
    done = run()
    row = rows_of(done)["DS"]
    assert row.value == pytest.approx(np.mean(figures), rel=1e-6)
    assert list(done.table.column("DS").values()) == pytest.approx(figures, rel=1e-6)
    assert row.real_value is not None
    assert row.real_value.num == 8


def test_the_same_input_gives_the_same_bytes(run):
    first, second = run(), run()
    assert first.report.to_json() == second.report.to_json()
    assert first.table.to_csv() == second.table.to_csv()


def test_a_fresh_cache_gives_the_same_bytes_as_a_full_one(run, tmp_path):
    run()
    assert run().report.to_json() == run(cache=tmp_path / "other").report.to_json()


def test_nothing_names_the_folders_place(run, tmp_path):
    assert str(tmp_path) not in run().report.to_json()


def test_two_files_more_compute_two(run, folders):
    assert (run().tally.computed, run().tally.from_cache) == (14, 14)
    write_folder(folders[1], range(30, 32))
    tally = run().tally
    assert (tally.computed, tally.from_cache) == (2, 14)


def test_two_parts_give_what_one_run_gives(run, tmp_path, folders, tiny_faed):
    whole = run(cache=tmp_path / "whole")
    protocol = tmp_path / "protocol.json"
    parts = [
        fill_cache(
            folders[1],
            part=(number, 2),
            real=folders[0],
            protocol=protocol,
            weights={"faed": tiny_faed},
            cache=tmp_path / "parts",
            device="cpu",
        )
        for number in (1, 2)
    ]
    assert [tally.computed for tally in parts] == [7, 7]
    merged = run(cache=tmp_path / "parts")
    assert merged.tally.computed == 0
    assert merged.report.to_json() == whole.report.to_json()
    assert merged.table.to_csv() == whole.table.to_csv()


def test_an_interrupted_run_goes_on_where_it_was(run):
    def stop(label, done, total):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(update=stop)
    assert run().tally.from_cache >= 4  # other threads may have been further


def test_a_damaged_entry_is_computed_again(run, tmp_path):
    whole = run()
    for path in list((tmp_path / "cache").rglob("*.safetensors"))[::3]:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    again = run()
    assert again.tally.computed > 0
    assert again.report.to_json() == whole.report.to_json()


def test_other_weights_find_no_old_features(run, other_faed):
    before = rows_of(run())["FD"].value
    done = run(weights={"faed": other_faed})
    assert rows_of(done)["FD"].value != before
    assert done.report.networks["faed"].file == "other-faed.safetensors"


def test_doubtful_files_are_named_and_the_rest_is_computed(run, folders):
    real, fake = folders
    (fake / "bad.png").write_bytes(b"no picture")
    write_picture(panorama(50)[:, :48], fake / "narrow.png")
    write_picture(panorama(51).astype(np.uint16) * 257, fake / "deep.png")
    from PIL import Image

    Image.fromarray(panorama(52)).convert("RGBA").save(fake / "clear.png")
    (fake / "copy.png").write_bytes((real / "000.png").read_bytes())
    write_picture(panorama(1), fake / "again.tif")
    done = run()
    notes = notes_of(done)
    assert notes["fake", "bad.png"][0] == "error"
    assert "bad.png" in notes["fake", "bad.png"][1]
    assert notes["fake", "narrow.png"] == (
        "error",
        "narrow.png is 32x48 (height x width), wanted a panorama twice as wide as high",
    )
    assert notes["fake", "deep.png"] == ("note", "16 bits a channel: reduced to 8 bit levels")
    assert notes["fake", "clear.png"] == ("note", "an alpha channel: laid over black")
    assert notes["fake", "copy.png"] == ("note", "the same as real 000.png")
    assert notes["fake", "again.tif"] == ("note", "the same as real 001.png")
    told = "2 of the fakes are the same as real ones, and count: again.tif is real 001.png, copy.png is real 000.png"
    assert told in done.report.warnings
    assert [row.num for row in done.report.metrics] == [10, 10, 8, 8]
    assert done.report.failed


def test_a_16_bit_copy_has_the_figures_of_the_8_bit_one(run, folders):
    write_picture(panorama(20, shift=10).astype(np.uint16) * 257, folders[1] / "deep.png")
    column = run(DS).table.column("DS")
    assert column["deep.png"] == column["020.png"]


def test_fewer_pictures_than_features_are_told(run):
    assert "6 fake vectors for 16 features" in " ".join(rows_of(run())["FD"].warnings)


def test_without_a_real_set_what_needs_one_is_absent(run):
    niqe = {"name": "NIQE", "metric": "niqe"}
    done = run(DS, FD, niqe, real=None)
    assert list(rows_of(done)) == ["DS"]
    assert list(done.report.inputs) == ["fake"]
    assert not done.report.failed
    with pytest.raises(ValueError, match="nothing of the protocol test can be measured without a real set"):
        run(FD, real=None)


def test_missing_weights_are_skipped_and_no_failure(run, monkeypatch):
    for name in ("CYCLORAMA_INCEPTION", "CYCLORAMA_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)
    done = run(DS, FD | {"network": "inception"})
    row = rows_of(done)["FD"]
    assert row.status == "skipped"
    assert "pt_inception-2015-12-05-6726825d.pth (95.6 MB)" in row.reason
    assert rows_of(done)["DS"].status == "ok"
    assert not done.report.failed


def test_a_metric_that_fails_everywhere_is_an_error_and_the_rest_is_computed(run):
    done = run(DS, {"name": "NIQE", "metric": "niqe", "options": {"patch_size": 64}})
    row = rows_of(done)["NIQE"]
    assert (row.status, row.value) == ("error", None)
    assert "\n" not in row.reason
    assert rows_of(done)["DS"].status == "ok"
    assert done.report.failed
    assert not done.report.files


def test_weights_that_do_not_fit_are_an_error_of_their_metric(run, tmp_path):
    (tmp_path / "wrong.safetensors").write_bytes(b"nothing")
    done = run(DS, FD, weights={"faed": tmp_path / "wrong.safetensors"})
    assert rows_of(done)["FD"].status == "error"
    assert "wrong.safetensors" in rows_of(done)["FD"].reason
    assert rows_of(done)["DS"].status == "ok"


def test_texts_come_from_the_file_of_prompts_the_metadata_or_the_picture(run, folders, tmp_path):
    done = run(DS, PLACE)
    assert rows_of(done)["place"].status == "skipped"
    assert "--prompts" in rows_of(done)["place"].reason
    assert not done.report.failed
    write_folder(tmp_path / "told", range(20, 26), prompt="a sandy beach at noon")
    assert rows_of(run(PLACE, fake=tmp_path / "told"))["place"].num == 6
    lines = [{"file_name": f"{seed:03d}.png", "text": "x", "place": "city"} for seed in range(20, 24)]
    (folders[1] / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    by_metadata = run(PLACE)
    assert rows_of(by_metadata)["place"].num == 4
    (tmp_path / "prompts.csv").write_text("file_name,text\n020,a city square\n021,a beach by the sea\n")
    (folders[1] / "metadata.jsonl").unlink()
    done = run(PLACE, prompts=tmp_path / "prompts.csv")
    values = done.table.column("place")
    assert set(values) == {"020.png", "021.png"}
    assert sorted(values.values()) == [0, 1]  # the tiny eyes see one place everywhere


def test_damaged_metadata_are_a_warning(run, folders):
    (folders[1] / "metadata.jsonl").write_text("{not json\n")
    assert "fake: texts and labels of the metadata are not used" in " ".join(run(DS).report.warnings)


PSNR = {"name": "PSNR", "metric": "ws_psnr"}


def test_pairs_go_by_name_and_not_by_order(run, tmp_path):
    real = write_folder(tmp_path / "originals", [3, 4, 5, 6])
    fake = write_folder(tmp_path / "copies", [4, 5, 6, 9], suffix=".tif", shift=8)
    done = run(PSNR, real=real, fake=fake)
    row, notes = rows_of(done)["PSNR"], notes_of(done)
    assert row.num == 3
    assert row.value == pytest.approx(20 * np.log10(255 / 8), abs=1.0)
    assert done.table.column("PSNR").keys() == {"004.tif", "005.tif", "006.tif"}
    assert notes["fake", "009.tif"][0] == notes["real", "003.png"][0] == "skipped"
    assert not done.report.failed
    row = rows_of(run(PSNR, DS))["PSNR"]
    assert row.status == "error"
    assert "no fake has a real file of its name" in row.reason


def test_a_pair_of_two_sizes_is_named(run, tmp_path):
    real, fake = write_folder(tmp_path / "originals", [3, 4, 5]), write_folder(tmp_path / "copies", [3, 4, 5])
    write_picture(panorama(3)[::2, ::2], fake / "003.png")
    done = run(PSNR, real=real, fake=fake)
    assert notes_of(done)["fake", "003.png"][0] == "error"
    assert "16x32" in notes_of(done)["fake", "003.png"][1]


def test_sets_that_differ_in_format_and_size_are_told(run, tmp_path):
    fake = write_folder(tmp_path / "jpegs", range(6), suffix=".jpg")
    write_picture(panorama(9)[::2, ::2], fake / "small.jpg")
    told = " ".join(run(DS, fake=fake).report.warnings)
    assert "several sizes (6 of 32x64, 1 of 16x32)" in told
    assert "other formats (JPEG and PNG)" in told
    assert "7 fake and 8 real" in told


def test_figures_that_are_no_numbers_are_left_out_by_name(run, folders):
    write_picture(np.full((32, 64, 3), 90, np.uint8), folders[1] / "flat.png")
    row = rows_of(run({"name": "ratio", "metric": "seam_ratio"}))["ratio"]
    assert row.num == 6
    assert "flat.png" in " ".join(row.warnings)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fake": "nowhere"}, "got nothing at nowhere, wanted a folder"),
        ({"protocol": "best"}, "got the protocol 'best', wanted one of miniature"),
        ({"weights": {"other": "x"}}, "got weights of 'other', wanted one of"),
        ({"weights": {"faed": "nowhere.ckpt"}}, "nowhere.ckpt of faed, wanted a file or folder that exists"),
        ({"device": "toaster"}, "got the device 'toaster'"),
        ({"prompts": "none.txt"}, "cannot read the prompts none.txt"),
    ],
)
def test_what_cannot_be_done_is_one_line(run, changes, words):
    with pytest.raises(ValueError, match="(?s)" + words) as caught:
        run(**changes)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_readable_picture_is_refused(run, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no pictures"):
        run(fake=tmp_path / "empty")
    (tmp_path / "empty" / "a.png").write_bytes(b"x")
    with pytest.raises(ValueError, match="none of the 1 files"):
        run(fake=tmp_path / "empty")


def test_recall_of_few_pictures_has_no_ends_but_a_value(run, tmp_path):
    row = rows_of(run(RECALL, fake=write_folder(tmp_path / "few", range(3))))["recall"]
    assert (row.status, row.value) == ("ok", pytest.approx(row.value))
    assert json.loads(run(RECALL).report.to_json())["metrics"][0]["status"] == "ok"


def test_weights_and_prompts_that_nothing_uses_are_told(run, tmp_path):
    (tmp_path / "p.jsonl").write_text('{"file_name": "020.png", "text": "a beach"}')
    warnings = run(DS, weights={"clip": tmp_path}, prompts=tmp_path / "p.jsonl").report.warnings
    assert any("weights of clip were named" in text for text in warnings)
    assert any("prompts were named" in text for text in warnings)
    assert not any("were named" in text for text in run(FD).report.warnings if "eyes" not in text)
