"""The command line as a user runs it (a process of its own) and, where that is too slow, in this process."""

import os
import subprocess
import sys

import pytest

from cyclorama.cli.app import run

COMMAND = (sys.executable, "-c", "from cyclorama.cli import main; main()")


@pytest.fixture
def command(tmp_path):
    """Runs one command line in `tmp_path` as its own process."""

    def call(*arguments, **environment):
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call


@pytest.fixture
def cyclorama(capsys, tmp_path, monkeypatch):
    """Runs one command line in this process and in `tmp_path`: (exit status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        status = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return call
