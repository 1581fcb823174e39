import errno
import os
import resource
import subprocess
import sys

import pytest

from cyclorama.cli.faults import describe_fault

COMMAND = (sys.executable, "-c", "from cyclorama.cli import main; main()")
VERBS = ("generate", "outpaint", "inpaint", "refine", "enlarge", "convert", "view", "info", "models", "render", "train")


def assert_one_error_line(result, message, status=2):
    """`result` is (status, stdout, stderr)."""
    got_status, out, err = result
    assert got_status == status, err
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert message in err


def test_help_is_instant_and_names_every_verb(command):
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = command("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert result.returncode == 0
        assert all(verb in result.stdout for verb in VERBS)
    assert min(seconds) < 0.5


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_explains_itself_in_at_most_twelve_flags(cyclorama, verb):
    status, out, err = cyclorama(verb, "--help")
    assert status == 0, err
    flags = [line for line in out.splitlines() if line.lstrip().startswith("-")]
    assert len(flags) - 1 <= 12


def test_version(cyclorama):
    status, out, _ = cyclorama("--version")
    assert status == 0
    assert out.startswith("cyclorama 0.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("paint",), "No such command 'paint'"),
        (("generate",), "Missing argument"),
        (("generate", "a lake"), "Missing option"),
        (("generate", "a lake", "-o", "a.jpg", "--method", "magic"), "'magic' is not one of"),
        (("generate", "a lake", "-o", "a.jpg", "--num-steps", "0"), "--num-steps"),
        (("view", "none.jpg", "-o", "a.html"), "no such file"),
        (("info", "none.jpg"), "no such file"),
        (("train", "x", "-o", "run", "--set", "lr"), "wanted FIELD=VALUE"),
    ],
)
def test_bad_input_is_one_line(cyclorama, arguments, message):
    assert_one_error_line(cyclorama(*arguments), message)


def test_a_reader_that_leaves_early_is_no_error():
    read_end, write_end = os.pipe()
    os.close(read_end)
    result = subprocess.run([*COMMAND, "--help"], stdout=write_end, stderr=subprocess.PIPE, check=False)
    os.close(write_end)
    assert (result.returncode, result.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (ValueError("got 3;\nwanted 4"), 2, "got 3; wanted 4"),
        (OSError(errno.ENOSPC, "No space left on device", "a.jpg"), 2, "a.jpg: no space left on the disk"),
        (PermissionError(errno.EACCES, "Permission denied", "a.jpg"), 2, "a.jpg: Permission denied"),
        (MemoryError(), 2, "out of memory: use a smaller --height"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried ..."), 2, "out of memory"),
        (TypeError("boo"), 1, "a fault of cyclorama (TypeError: boo)"),
    ],
)
def test_faults_are_one_line(fault, status, words):
    line, got = describe_fault(fault)
    assert (got, "\n" in line) == (status, False)
    assert words in line


def test_out_of_gpu_memory_is_told_as_such():
    import torch

    assert describe_fault(torch.OutOfMemoryError("CUDA out of memory. Tried ..."))[0].startswith("out of memory")


def test_debug_shows_the_traceback(command):
    assert "Traceback" not in command("info", "none.jpg").stderr
    shown = command("info", "none.jpg", CYCLORAMA_DEBUG="1").stderr
    assert "Traceback" in shown
    assert shown.splitlines()[-1].startswith("error: ")
