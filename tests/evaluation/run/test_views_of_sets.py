import pytest

from tests.evaluation.run.small_sets import rows_of

POLES = {
    "name": "FD_pole",
    "metric": "frechet",
    "network": "eyes-view",
    "views": "poles",
    "resize": "aa",
    "options": {"view_size": 64},
}
DRAWN = POLES | {"name": "drawn", "views": "random20"}


def test_each_view_has_its_figure_and_random_views_follow_the_name(run, tiny_view_eyes):
    omni = POLES | {"name": "Omni", "metric": "omnifid", "views": "faces"}
    done = run(POLES, omni, DRAWN, weights={"eyes-view": tiny_view_eyes})
    rows = rows_of(done)
    assert list(rows["FD_pole"].per_view) == ["up", "down"]
    faces = rows["Omni"].per_view
    assert rows["Omni"].value == pytest.approx(
        (faces["up"] + sum(faces[name] for name in ("front", "right", "back", "left")) / 4 + faces["down"]) / 3
    )
    assert faces["up"] == pytest.approx(rows["FD_pole"].per_view["up"])
    assert rows["drawn"].per_view == {}
    assert rows["drawn"].status == "ok"


def test_a_copy_under_another_name_has_its_own_random_views(run, folders, tiny_view_eyes, tmp_path):
    run(DRAWN, weights={"eyes-view": tiny_view_eyes})
    entries = len(list((tmp_path / "cache").glob("eyes-view*/*/*")))
    (folders[1] / "020.png").rename(folders[1] / "renamed.png")
    run(DRAWN, weights={"eyes-view": tiny_view_eyes})
    assert len(list((tmp_path / "cache").glob("eyes-view*/*/*"))) == entries + 1
