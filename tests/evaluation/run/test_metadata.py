import json
import os
import sys

import pytest

from cyclorama.evaluation.run.metadata import read_metadata, read_prompts
from cyclorama.evaluation.run.samples import list_samples
from tests.evaluation.run.small_sets import write_folder

NAMES = ["a.png", "b.png"]
TEXTS = {"a.png": "a beach", "b.png": "a city, at night"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.jsonl", "".join(json.dumps({"file_name": name, "text": text}) + "\n" for name, text in TEXTS.items())),
        ("p.jsonl", '{"file_name": "b", "prompt": "a city, at night"}\n\n{"file_name": "a.jpg", "prompt": "a beach"}'),
        ("p.csv", 'file_name,text\na.png,a beach\nb.png,"a city, at night"\n'),
        ("p.csv", 'seed,prompt,file_name\n1,"a city, at night",b\n2,a beach,a\n'),
        ("p.txt", "b.png\ta city, at night\na.png\ta beach\n"),
        ("p.txt", "a beach\na city, at night\n"),
        (
            "p.jsonl",
            '\ufeff{"file_name": "./a.png", "text": "a beach"}\n{"file_name": "b", "text": "a city, at night"}',
        ),
    ],
)
def test_prompts_are_found_by_the_files_names(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    found = read_prompts(tmp_path / name, NAMES)
    assert {file: described.text for file, described in found.items()} == TEXTS


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("p.txt", "one\ntwo\nthree\n", "got 3 lines in .* for 2 files"),
        ("p.csv", "name,text\na,b\n", "row 1 has no file_name"),
        ("p.csv", "file_name,text\nother.png,b\n", "got 1 prompts in .*, none for a file such as a.png"),
        ("p.jsonl", '{"file_name": "", "text": "b"}\n', "row 1 has no file_name"),
        ("p.jsonl", '{"file_name": "a.png", "caption": "a beach"}\n', "without a text for any file"),
        ("p.jsonl", "a beach\n", "line 1 is no JSON"),
        ("p.jsonl", '["a beach"]\n', "row 1 has no file_name"),
        ("p.doc", "a beach\n", r"wanted \.jsonl, \.csv"),
    ],
)
def test_prompts_that_cannot_be_paired_are_refused_in_one_line(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=words) as caught:
        read_prompts(tmp_path / name, NAMES)
    assert "\n" not in str(caught.value)


def test_samples_are_the_pictures_on_top_and_those_that_the_metadata_names(tmp_path):
    write_folder(tmp_path, [3, 1])
    write_folder(tmp_path / "below", [5, 6])
    (tmp_path / ".hidden.png").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("")
    assert [sample.name for sample in list_samples(tmp_path, "panorama")] == ["001.png", "003.png"]
    rows = [{"file_name": name, "text": "", "place": "city"} for name in ("below/005.png", "../out.png", "gone.png")]
    (tmp_path / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert [sample.name for sample in list_samples(tmp_path, "panorama")] == ["001.png", "003.png", "below/005.png"]
    assert read_metadata(tmp_path)["below/005.png"].labels == {"place": "city"}
    assert [sample.name for sample in list_samples(tmp_path, "scene")] == ["below"]


def test_a_scene_is_known_by_the_contents_and_names_of_its_files(tmp_path):
    write_folder(tmp_path / "room", [1, 2])
    (room,) = list_samples(tmp_path, "scene")
    before = room.digest()
    assert room.digest() == before
    (tmp_path / "room" / "001.png").rename(tmp_path / "room" / "004.png")
    assert room.digest() != before


def test_only_line_feeds_end_a_row(tmp_path):
    (tmp_path / "p.jsonl").write_text('{"file_name": "a.png", "text": "a\u2028beach"}\n', encoding="utf-8")
    (tmp_path / "p.txt").write_text("a\u2028beach\na\x0bcity\n", encoding="utf-8")
    assert read_prompts(tmp_path / "p.jsonl", NAMES)["a.png"].text == "a\u2028beach"
    assert read_prompts(tmp_path / "p.txt", NAMES)["b.png"].text == "a\x0bcity"


def test_a_name_without_extension_may_hold_a_point(tmp_path):
    rows = [{"file_name": f"a.{version}", "text": version} for version in ("v1", "v2")]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = read_prompts(tmp_path / "p.jsonl", ["a.v1.png", "a.v2.png"])
    assert {name: described.text for name, described in found.items()} == {"a.v1.png": "v1", "a.v2.png": "v2"}


def test_a_file_is_one_sample_however_the_metadata_spells_it_and_other_files_are_none(tmp_path):
    write_folder(tmp_path, [1])
    (tmp_path / "notes.txt").write_text("")
    rows = [{"file_name": "./001.png", "text": "a beach"}, {"file_name": "notes.txt", "text": ""}]
    (tmp_path / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert [sample.name for sample in list_samples(tmp_path, "panorama")] == ["001.png"]
    assert read_metadata(tmp_path)["001.png"].text == "a beach"


def test_a_link_that_leads_nowhere_is_a_sample_that_cannot_be_read(tmp_path):
    write_folder(tmp_path, [1])
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    samples = list_samples(tmp_path, "panorama")
    assert [sample.name for sample in samples] == ["001.png", "gone.png", "loop.png"]
    for sample in samples[1:]:
        with pytest.raises(OSError, match=sample.name):
            sample.digest()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_text_is_refused_before_the_work(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.png")).write_bytes(b"")
    with pytest.raises(ValueError, match=r"caf.udce9\.png.*rename") as caught:
        list_samples(tmp_path, "panorama")
    str(caught.value).encode()
