"""The command line: one file per verb. Heavy libraries are imported inside the verbs, so that `--help` is instant."""

from cyclorama.cli.app import app, main

__all__ = ["app", "main"]
