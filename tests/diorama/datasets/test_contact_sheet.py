"""The contact sheet shows everything that there is, unselected, in a small file."""

import pytest
from PIL import Image

from cyclorama.diorama import PLACES, SKIES, TIMES
from cyclorama.diorama.datasets import sheet_scenes, write_contact_sheet


def test_all_places_times_and_skies_are_on_it_with_the_first_seeds():
    scenes = sheet_scenes()
    assert [scene.seed for scene in scenes] == list(range(48))
    assert {scene.place for scene in scenes} == set(PLACES)
    assert {scene.time for scene in scenes} == set(TIMES)
    assert {scene.sky for scene in scenes} == set(SKIES)


def test_the_sheet_is_a_small_picture(tmp_path):
    scenes = [scene for scene in sheet_scenes() if scene.place == "living room"]
    write_contact_sheet(tmp_path / "sheet.jpg", scenes, columns=2, height=64)
    with Image.open(tmp_path / "sheet.jpg") as sheet:
        assert sheet.width > 2 * 128
        assert sheet.height > 64
    assert (tmp_path / "sheet.jpg").stat().st_size <= 1_500_000


@pytest.mark.parametrize(("name", "message"), [("a.png", r"wanted one of \.jpg"), ("no/a.jpg", "does not exist")])
def test_paths_that_cannot_be_are_refused_first(tmp_path, name, message):
    with pytest.raises(ValueError, match=message):
        write_contact_sheet(tmp_path / name, sheet_scenes(1))
