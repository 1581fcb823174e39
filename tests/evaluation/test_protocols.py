import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cyclorama.evaluation.measures import NETWORK_NAMES, QUESTION_NAMES, RULES, Measure
from cyclorama.evaluation.protocols import Protocol, load_protocol, packaged_protocols
from cyclorama.evaluation.resizing import PRESETS
from cyclorama.evaluation.views import VIEW_SETS, find_view_set

# a packaged protocol whose hash changes gets a new version: its figures no longer compare with the old ones
HASHES = {
    "miniature": ("1", "27a74c97a223d987"),
    "dit360": ("1", "f46e98336e61780e"),
    "hunyuanworld": ("1", "a1915872d51223ec"),
    "pairs": ("1", "d46c98c69f9df250"),
    "panfusion": ("1", "a549faea92c6c393"),
    "panorama": ("1", "b47c3eb80d8f58c0"),
    "scenes": ("1", "6247779c3a6aa1dc"),
    "spherediff": ("1", "010192c533065a06"),
    "tandit": ("1", "fd118895bc4b4dc8"),
    "video": ("1", "ece9f659dd431a21"),
}
FID = {"name": "FID", "metric": "frechet", "network": "inception", "views": "equirect", "resize": "tf1"}
POLE = FID | {"name": "FID_pole", "views": "poles", "options": {"view_size": 299}}
OWN: dict[str, Any] = {"name": "own", "version": "1", "title": "Mine", "samples": "panorama", "measures": [FID, POLE]}


def load(tmp_path: Path, found: Any) -> Protocol:
    path = tmp_path / "own.json"
    path.write_text(found if isinstance(found, str) else json.dumps(found))
    return load_protocol(path)


@pytest.mark.parametrize("name", packaged_protocols())
def test_a_packaged_protocol_loads_under_its_name_and_its_hash_is_that_of_its_version(name: str):
    protocol = load_protocol(name)
    assert protocol.name == name
    assert protocol.title
    assert re.fullmatch(r"[0-9a-f]{16}", protocol.hash)
    assert (protocol.version, protocol.hash) == HASHES[name]


def test_all_planned_protocols_are_packaged_and_the_default_comes_first():
    assert packaged_protocols()[0] == "miniature"
    assert set(packaged_protocols()) == set(HASHES)


def test_the_default_needs_no_weights_but_the_packaged():
    networks = {measure.network for measure in load_protocol("miniature").measures}
    assert networks == {"eyes-panorama", "eyes-view", "faed-mini", None}


def test_views_for_inception_are_taken_at_its_own_size_unless_published_otherwise():
    for name in packaged_protocols():
        sizes = {m.view_size for m in load_protocol(name).measures if m.network == "inception" and m.view_size}
        assert sizes <= ({(299, 299), (192, 192)} if name == "tandit" else {(299, 299)})


def test_the_rules_know_the_metrics_the_networks_and_the_questions_there_are():
    metrics = pytest.importorskip("cyclorama.evaluation.run.metrics")
    table = pytest.importorskip("cyclorama.evaluation.networks.table")
    judge = pytest.importorskip("cyclorama.evaluation.networks.judge")
    assert set(RULES) == set(metrics.METRICS)
    assert set(NETWORK_NAMES) == set(table.NETWORKS)
    assert set(QUESTION_NAMES) == set(judge.QUESTIONS)


def test_an_own_protocol_is_a_json_file_by_path_or_text(tmp_path: Path):
    protocol = load(tmp_path, OWN)
    assert protocol == load_protocol(str(tmp_path / "own.json"))
    assert protocol.measures[0] == Measure("FID", "frechet", "inception", "equirect", "tf1")
    assert (protocol.measures[0].view_size, protocol.measures[1].view_size) == (None, (299, 299))
    wide = POLE | {"options": {"view_size": [20, 30]}}
    assert load(tmp_path, OWN | {"measures": [wide]}).measures[0].view_size == (20, 30)


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "other"},
        {"version": "2"},
        {"measures": [FID]},
        {"measures": [FID | {"name": "FD"}, POLE]},
        {"measures": [FID | {"metric": "kid"}, POLE]},
        {"measures": [FID | {"network": "dino"}, POLE]},
        {"measures": [FID | {"views": "equirect-rows"}, POLE]},
        {"measures": [FID | {"resize": "aa"}, POLE]},
        {"measures": [FID, POLE | {"options": {"view_size": 298}}]},
    ],
)
def test_the_hash_changes_with_whatever_changes_a_figure(tmp_path: Path, changed: dict[str, Any]):
    assert load(tmp_path, OWN | changed).hash != load(tmp_path, OWN).hash


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Another"},
        {"notes": ["Said here."]},
        {"measures": [POLE, FID]},
        {"measures": [dict(reversed(FID.items())), POLE]},
        {"measures": [FID | {"options": {}}, POLE]},
    ],
)
def test_the_hash_does_not_change_with_what_changes_no_figure(tmp_path: Path, changed: dict[str, Any]):
    assert load(tmp_path, OWN | changed).hash == load(tmp_path, OWN).hash
    assert load(tmp_path, dict(reversed(OWN.items()))).hash == load(tmp_path, OWN).hash


def test_a_whole_number_and_a_null_are_what_they_are_however_they_are_written(tmp_path: Path):
    def scene(threshold: str, network: str) -> str:
        measure = f'{{"name": "T", "metric": "tsed", "options": {{"threshold_px": {threshold}}}{network}}}'
        return f'{{"name": "own", "version": "1", "samples": "scene", "measures": [{measure}]}}'

    hashes = {load(tmp_path, scene(*how)).hash for how in (("2", ""), ("2.0", ""), ("2e0", ', "network": null'))}
    assert len(hashes) == 1
    assert load(tmp_path, scene("2.5", "")).hash not in hashes


def test_the_hash_changes_with_the_version_of_a_view_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    before = load(tmp_path, OWN).hash
    monkeypatch.setitem(VIEW_SETS, "poles", replace(find_view_set("poles"), version=2))
    assert load(tmp_path, OWN).hash != before


def test_an_unknown_name_is_refused_in_one_line_with_the_names():
    with pytest.raises(ValueError, match=r"^got the protocol 'fid', wanted one of miniature, dit360, .*, or a \.json"):
        load_protocol("fid")


def changed_measure(**changed: Any) -> dict[str, Any]:
    return OWN | {"measures": [FID, POLE | changed]}


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ("{", "is no JSON: line 1, "),
        ("[]", "got list, wanted an object with name, version"),
        ('{"name": "a", "name": "b"}', "got the key 'name' twice, wanted it once"),
        (OWN | {"metrics": []}, "got the key 'metrics', wanted name, version, title"),
        (OWN | {"version": 1}, "got version = 1, wanted a text"),
        (OWN | {"samples": "photo"}, "got the samples 'photo', wanted one of panorama, video, scene"),
        (OWN | {"measures": []}, "got no measures, wanted one"),
        (OWN | {"measures": ["FID"]}, "measure 1: got str, wanted an object with name, metric"),
        (OWN | {"measures": [FID, FID]}, "got two measures named 'FID', wanted each name once"),
        (OWN | {"notes": [1]}, "got notes that are no texts, wanted a list of texts"),
        (changed_measure(view="poles"), "measure 2 (FID_pole): got the key 'view', wanted name, metric"),
        (changed_measure(metric="fid"), "measure 2 (FID_pole): got the metric 'fid', wanted one of frechet, kid"),
        (changed_measure(metric="flicker"), "got the metric flicker for samples of panorama, wanted samples of video"),
        (changed_measure(network="vgg"), "got the network 'vgg' for frechet, wanted one of eyes-panorama"),
        (changed_measure(network=None), "got the network None for frechet, wanted one of"),
        (changed_measure(network="faed"), "got the views poles for faed, wanted equirect: it sees panoramas"),
        (changed_measure(views="cube"), "got the view set 'cube', wanted one of equirect"),
        (changed_measure(views=None), "got no views for frechet, wanted one of"),
        (changed_measure(metric="omnifid"), "got the views poles for omnifid, wanted faces"),
        (changed_measure(resize="lanczos"), "got the resize 'lanczos' for frechet, wanted one of tf1, bilinear"),
        (changed_measure(resize=None), "got the resize None for frechet, wanted one of"),
        (changed_measure(options={}), "got no option view_size for frechet, wanted the pixels of a side"),
        (changed_measure(options={"size": 9}), "got the option 'size' for frechet, wanted one of view_size"),
        (changed_measure(options={"view_size": 2.5}), "got the option view_size = 2.5, wanted the pixels of a side"),
        (changed_measure(options={"view_size": True}), "got the option view_size = True, wanted the pixels"),
        (OWN | {"measures": [{"name": "DS", "metric": "discontinuity_score", "views": "faces"}]}, "wanted none"),
        (OWN | {"measures": [{"name": "DS", "metric": "discontinuity_score", "network": "dino"}]}, "wanted none"),
        ('{"name": "a", "version": "1", "samples": "scene", "x": NaN}', "got NaN, wanted a finite number"),
    ],
)
def test_a_fault_in_a_protocol_is_refused_with_its_place_in_one_line(tmp_path: Path, found: Any, line: str):
    with pytest.raises(ValueError, match=r"^the protocol own\.json") as fault:
        load(tmp_path, found)
    assert line in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path):
    with pytest.raises(ValueError, match=r"^cannot read the protocol .*missing\.json: No such file"):
        load_protocol(tmp_path / "missing.json")
    (tmp_path / "own.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(ValueError, match=r"^cannot read the protocol .*own\.json: it is not UTF-8"):
        load_protocol(tmp_path / "own.json")


def test_the_documentation_names_every_protocol_view_set_and_preset():
    page = (Path(__file__).parents[2] / "docs" / "protocols.md").read_text(encoding="utf-8")
    for name in (*packaged_protocols(), *VIEW_SETS, *PRESETS):
        assert f"| `{name}`" in page


def test_the_documented_example_is_a_protocol_and_its_needs_are_those_of_the_packaged(tmp_path: Path):
    page = (Path(__file__).parents[2] / "docs" / "protocols.md").read_text(encoding="utf-8")
    assert len(load(tmp_path, page.split("```json\n")[1].split("```")[0]).measures) == 3
    for name in packaged_protocols():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}`"))
        networks = {measure.network for measure in load_protocol(name).measures if measure.network}
        packaged = {"eyes-panorama", "eyes-view", "faed-mini"}
        assert set(re.findall(r"`([^`]+)`", row.split("|")[4])) == networks - packaged
