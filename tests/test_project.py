"""The project as a whole: what an import costs, how the house is divided, and that the documents tell the truth."""

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from cyclorama.cli import app

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "cyclorama"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGES = ("diorama", "miniature", "seams", "training", "painting", "evaluation", "protocols")
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs" / f"{page}.md" for page in PAGES)]
MAX_WEIGHTS_MIB = 32
PLACELESS_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base"}


def packages() -> set[str]:
    return {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def lines_of_code(document: Path) -> Iterator[str]:
    """The lines of a document's fenced blocks."""
    for block in re.findall(r"```\w*\n(.*?)```", document.read_text(encoding="utf-8"), flags=re.DOTALL):
        yield from block.splitlines()


def command_lines(document: Path, program: str) -> list[list[str]]:
    """The arguments of every call of `program` in a document's fenced blocks."""
    lines = [shlex.split(line, comments=True) for line in lines_of_code(document) if line.startswith(f"{program} ")]
    return [words[1:] for words in lines]


def test_import_is_instant_and_loads_no_torch():
    code = (
        "import sys, time; begin = time.process_time(); import cyclorama; seconds = time.process_time() - begin; "
        "cyclorama.list_models(); print(seconds, sorted({'torch', 'diffusers', 'numpy'} & set(sys.modules)))"
    )
    seconds, loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split(maxsplit=1)
    assert float(seconds) < 0.1
    assert loaded.strip() == "[]"


def test_python_dash_m_is_the_command():
    from cyclorama import __version__

    said = subprocess.check_output([sys.executable, "-m", "cyclorama", "--version"], text=True)
    assert said.split() == ["cyclorama", __version__] == ["cyclorama", PROJECT["project"]["version"]]


def test_files_are_named_after_their_topic():
    folders = ("src", "tests", "benchmarks", "examples")
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    assert not [path for path in paths if path.stem.lower().removeprefix("test_") in PLACELESS_NAMES]


def test_every_package_has_its_layer():
    [contract] = PROJECT["tool"]["importlinter"]["contracts"]
    layered = [name.strip() for row in contract["layers"] for name in row.split("|")]
    assert contract["type"] == "layers"
    assert sorted(layered) == sorted(f"cyclorama.{name}" for name in packages())


def test_tests_mirror_the_packages():
    assert {path.name for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py"))} <= packages()


def test_packaged_weights_are_small():
    weights = [path.stat().st_size for path in PACKAGE.glob("**/*.safetensors")]
    assert sum(weights) <= MAX_WEIGHTS_MIB * 2**20


def test_package_is_typed():
    assert (PACKAGE / "py.typed").is_file()


def test_lock_pins_every_dependency():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[a-z0-9-]+==[\w.]+(; platform_machine .*)?", line)] == []
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["dev"]
    names = {re.split(r"[^\w-]", requirement)[0].replace("_", "-").lower() for requirement in wanted}
    assert names <= {line.partition("==")[0] for line in pins}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documented_make_targets_exist(document):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    documented = {word for words in command_lines(document, "make") for word in words if "=" not in word}
    assert documented <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documented_commands_and_options_exist(document):
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for verb, *words in command_lines(document, "cyclorama"):
        command = verbs[verb]
        if words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if re.match(r"--?[a-z]", word)} <= known, verb


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documented_recipes_and_their_fields_exist(document):
    from cyclorama.training.recipes import load_recipe

    for recipe, *words in (words[1:] for words in command_lines(document, "cyclorama") if words[0] == "train"):
        load_recipe(recipe, dict(word.split("=", 1) for word in words if re.fullmatch(r"[a-z_.]+=.*", word)))


def test_readme_shows_the_two_commands():
    lines = list(lines_of_code(ROOT / "README.md"))
    assert "make panorama" in lines
    assert any(line.startswith('cyclorama generate "a village street at sunset"') for line in lines)


def test_relative_links_of_the_documents_lead_somewhere():
    for document in (*DOCUMENTS, ROOT / "docs" / "README.md"):
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
        assert [link for link in links if not (document.parent / link).exists() and not link.endswith(".jpg")] == []
