"""What the verbs that run a model say about it: a plan before it is loaded, the settings in use, words it never saw."""

from pathlib import Path
from typing import Any

from cyclorama import __version__
from cyclorama.cli.console import warn


def plan_model(asked: dict[str, Any]) -> dict[str, Any]:
    """What is known without loading: the settings asked for, and the row of a known model."""
    from cyclorama.models.table import find_row

    row = find_row(asked["model"], "base")
    if row is None and "/" not in asked["model"] and not Path(asked["model"]).is_dir():
        raise ValueError(f"got model {asked['model']!r}; wanted a name of `cyclorama models`, a folder or a hub id")
    known = {"licence": row.licence, "memory_gb": row.memory_gb, "download_gb": row.download_gb} if row else {}
    return {key: value for key, value in asked.items() if value is not None} | known


def settings_in_use(model: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """The settings as they are stored in the picture: names, no paths of this machine."""
    from cyclorama.models.table import find_row

    row = find_row(asked["model"], "base")
    lora = asked["lora"] or (row.default_lora if row else "")
    names = {"model": model.capabilities.name, "lora": Path(lora).name or "none", "wrap": model.wrap}
    defaults = {"num_steps": model.default_steps, "guidance_scale": model.default_guidance}
    used = {name: defaults.get(name) if value is None else value for name, value in (defaults | asked | names).items()}
    return used | {"version": __version__}


def warn_unknown_words(model: Any, prompt: str) -> dict[str, str | None]:
    """The words that the model never saw, each with the one it is read as, after a warning that names them."""
    unknown = model.unknown_words(prompt)
    if unknown:
        read_as = (f"{word} -> {known}" if known else f"{word} (ignored)" for word, known in unknown.items())
        warn(f"words that this model never saw: {'; '.join(read_as)}")
    return unknown
