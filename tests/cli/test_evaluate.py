import json
import subprocess
import sys
import time

import numpy as np
import pytest

from cyclorama.cli.app import app
from cyclorama.media.pictures import write_picture

DS = {"name": "DS", "metric": "discontinuity_score"}
FID = {"name": "FID", "metric": "frechet", "network": "inception", "views": "equirect", "resize": "aa"}


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Folders real and fake, a protocol test.json, a cache of its own."""
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    for name in ("CYCLORAMA_INCEPTION", "CYCLORAMA_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)
    draw = np.random.default_rng(0)
    for name, count in (("real", 4), ("fake", 3)):
        (tmp_path / name).mkdir()
        for number in range(count):
            write_picture(draw.integers(0, 256, (16, 32, 3), np.uint8), tmp_path / name / f"{number}.png")
    protocol = {"name": "test", "version": "1", "samples": "panorama", "measures": [DS, FID]}
    (tmp_path / "test.json").write_text(json.dumps(protocol))
    return tmp_path


ARGUMENTS = ("evaluate", "--fake", "fake", "--protocol", "test.json")


def test_help_is_quick_and_short(command):
    began = time.perf_counter()
    done = command("evaluate", "--help")
    seconds = time.perf_counter() - began
    assert done.returncode == 0
    assert "Exit status: 0" in done.stdout
    assert done.stdout.count("\n  --") + done.stdout.count("\n  -o") <= 12
    for word in ("compare", "list", "fit-faed", "train-eyes"):
        assert word in done.stdout
    assert seconds < 5  # a bound for a busy machine; the next test names the cause


def test_the_command_line_itself_loads_no_torch():
    code = "import sys, cyclorama.cli.app, cyclorama.evaluation; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert app is not None


def test_a_report_is_written_and_what_is_skipped_is_named(cyclorama, folders):
    status, out, err = cyclorama(*ARGUMENTS, "--real", "real", "-o", "report")
    assert (status, {path.name for path in (folders / "report").iterdir()}) == (
        0,
        {"report.json", "pictures.csv", "index.html"},
    ), err
    assert out.startswith("DS: ")
    assert "lower is better" in out
    assert "skipped: FID: got no weights of inception" in err
    assert "7 files computed, 0 from the cache" in err
    report = json.loads((folders / "report" / "report.json").read_text())
    assert report["metrics"][1]["status"] == "skipped"
    status, out, err = cyclorama(*ARGUMENTS, "--real", "real", "-o", "report", "--json")
    assert (status, json.loads(out)) == (0, report)
    assert "0 files computed, 7 from the cache" in err


def test_without_a_reference(cyclorama, folders):
    status, out, _ = cyclorama(*ARGUMENTS, "--no-reference", "-o", "report")
    assert (status, out.count("\n")) == (0, 1)
    report = json.loads((folders / "report" / "report.json").read_text())
    assert [row["name"] for row in report["metrics"]] == ["DS"]


def test_a_damaged_picture_is_named_and_the_status_is_one(cyclorama, folders):
    (folders / "fake" / "bad.png").write_bytes(b"x")
    status, out, err = cyclorama(*ARGUMENTS, "--real", "real", "-o", "report")
    assert (status, "error: fake bad.png: cannot read" in err, out.startswith("DS: ")) == (1, True, True)
    assert (folders / "report" / "report.json").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--real real -o report", "got no --fake FOLDER"),
        ("--fake fake -o report", "got no --real FOLDER; name one, or say --no-reference"),
        ("--fake fake --real real --no-reference -o report", "give one of them"),
        ("--fake fake --real real", "got no -o FOLDER"),
        ("--fake nowhere --real real -o report", "got nothing at nowhere"),
        ("--fake fake --real real -o report --protocol best", "got the protocol 'best'"),
        ("--fake fake --real real -o report --weights x", "wanted NAME=PATH"),
        ("--fake fake --real real -o report --weights inception=no.pth", "wanted a file or folder that exists"),
        ("--fake fake --real real -o report --part 3/2", "wanted K/N"),
        ("--fake fake --real real -o real", "it holds 0.png"),
        ("--fake fake --real real -o none/report", "does not exist"),
        ("--fake fake --real real -o report --prompts p.txt", "cannot read the prompts p.txt"),
        ("compare a.json b.json", "cannot read a.json"),
        ("fit-faed nowhere -o out", "nowhere"),
    ],
)
def test_a_bad_input_is_one_line_and_status_two(cyclorama, folders, arguments, words):
    before = sorted(path.name for path in folders.iterdir())
    status, out, err = cyclorama("evaluate", *arguments.split())
    assert (status, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("error: ")
    assert words in err
    assert [name for name in sorted(path.name for path in folders.iterdir()) if name != "cache"] == before


def test_parts_fill_the_cache_and_write_nothing(cyclorama, folders):
    for number in (1, 2):
        status, out, err = cyclorama(*ARGUMENTS, "--real", "real", "--part", f"{number}/2")
        assert (status, out, err.startswith(f"part {number}/2: ")) == (0, "", True)
    assert not (folders / "report").exists()
    assert "0 files computed, 7 from the cache" in cyclorama(*ARGUMENTS, "--real", "real", "-o", "report")[2]


def test_a_dry_run_computes_nothing(cyclorama, folders):
    status, out, _ = cyclorama(*ARGUMENTS, "--real", "real", "--dry-run", "--json")
    found = json.loads(out)
    assert (status, found["fake"], found["real"]) == (0, 3, 4)
    assert [row["status"] for row in found["measures"]] == ["ok", "skipped"]
    assert not list((folders / "cache").rglob("*.safetensors"))
    assert "protocol test 1: 3 fake, 4 real" in cyclorama(*ARGUMENTS, "--real", "real", "--dry-run")[1]


def test_two_reports_are_compared(cyclorama, folders):
    for name in ("a", "b"):
        cyclorama(*ARGUMENTS, "--real", "real", "-o", name)
    status, out, _ = cyclorama("evaluate", "compare", "a/report.json", "b/report.json")
    assert (status, "no difference" in out, "FID: not compared" in out) == (0, True, True)
    assert json.loads(cyclorama("evaluate", "compare", "a", "b", "--json")[1])["rows"][0]["difference"] == 0
    protocol = {"name": "test", "version": "2", "samples": "panorama", "measures": [DS]}
    (folders / "test.json").write_text(json.dumps(protocol))
    cyclorama(*ARGUMENTS, "--real", "real", "-o", "c")
    status, out, err = cyclorama("evaluate", "compare", "a", "c")
    assert (status, out, err.count("\n"), "--force" in err) == (2, "", 1, True)
    assert cyclorama("evaluate", "compare", "a", "c", "--force")[0] == 0


def test_the_list_names_protocols_metrics_and_missing_weights(cyclorama, folders):
    status, out, _ = cyclorama("evaluate", "list")
    assert status == 0
    assert "pt_inception-2015-12-05-6726825d.pth (95.6 MB)" in out
    found = json.loads(cyclorama("evaluate", "list", "--json")[1])
    assert {row["name"] for row in found["protocols"]} >= {"miniature", "panorama", "dit360"}
    assert all(len(row["hash"]) == 16 for row in found["protocols"])
    missing = {row["name"]: row for row in found["networks"] if not row["here"]}
    assert missing["inception"]["files"][0]["num_bytes"] == 95_628_359
