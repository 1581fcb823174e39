"""Whatever the input, `convert`, `info` and `view` end in a result or in one line on stderr, and in whole files."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

from cyclorama.cli.app import run
from cyclorama.media.kinds import file_kind
from cyclorama.media.pictures import read_picture
from tests.cli.malformed import Case, cases, good_files

SETTINGS = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}


def test_malformed_inputs(capfd):
    _throw(capfd, max_examples=150)


@pytest.mark.slow
def test_two_thousand_malformed_inputs(capfd):
    _throw(capfd, max_examples=2200)


def _throw(capfd, *, max_examples):
    good_files()  # not inside a strategy
    count = 0

    @settings(max_examples=max_examples, **SETTINGS)
    @given(cases())
    def check(case: Case) -> None:
        nonlocal count
        count += 1
        before = Path.cwd()
        with TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                _check(case, capfd)
            finally:
                os.chdir(before)

    check()
    assert count >= max_examples * 0.9


def _check(case, capfd):
    for name, data in case.files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(data)
    before = _files()
    status = run(case.arguments)
    out, err = capfd.readouterr()  # what C libraries write included
    after = _files()
    assert not [name for name in after if name.endswith(".part")]
    if status == 0:
        _check_results({name for name in after if after[name] != before.get(name)}, out, err)
        return
    assert status == 2, err
    lines = err.splitlines()
    if "were not converted" in lines[-1]:  # a folder names each of its faults and says how many it converted
        lines.remove(next(line for line in lines if " converted, " in line))
    else:
        assert (out, len(lines), after) == ("", 1, before), err
    assert all(line.startswith("error: ") for line in lines), err


def _check_results(written, out, err):
    assert "Traceback" not in out + err
    for name in written:
        if name.endswith(".html"):
            assert Path(name).read_text(encoding="utf-8").rstrip().endswith("</html>")
        elif file_kind(name) == "picture":
            read_picture(name)
        else:
            from cyclorama.media.video import describe_video

            describe_video(name)


def _files():
    return {str(path): path.read_bytes() for path in sorted(Path().rglob("*")) if path.is_file()}
