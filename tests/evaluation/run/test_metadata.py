import json

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
