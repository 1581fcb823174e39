"""Checkpoints that are either whole or absent.

A checkpoint is the folder `checkpoint-<step>` with `modules.safetensors` (everything that training changes: trainable
parameters and buffers), `ema.safetensors`, `optimizer.pt` and `state.json`. It is written under a hidden name, flushed
to the disk and renamed, so a process killed at any moment leaves no half checkpoint under the final name.
`state.json` lists the size of every file: a folder that does not match its own list is not a checkpoint.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

KEEP = 2
_PARTIAL = ".partial-"
_WRITE_ERRORS = (OSError, RuntimeError, SafetensorError)  # torch.save turns a full disk into a RuntimeError


@dataclass(frozen=True)
class Checkpoint:
    """What is needed to continue after `step` updates. The RNG needs no state: it is seeded from (seed, step)."""

    step: int
    modules: dict[str, Tensor]
    optimizer: dict[str, Any]
    ema: dict[str, Tensor] | None
    settings: dict[str, Any]


def trained_state(modules: dict[str, nn.Module]) -> dict[str, Tensor]:
    """The state of `modules` on the CPU, `<module>.<key>`, without frozen parameters (a LoRA run stays small)."""
    return {
        f"{name}.{key}": value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, module in modules.items()
        for key, value in _trained_items(module)
    }


def _trained_items(module: nn.Module) -> list[tuple[str, Tensor]]:
    frozen = {key for key, parameter in module.named_parameters(remove_duplicate=False) if not parameter.requires_grad}
    return [(key, value) for key, value in module.state_dict().items() if key not in frozen]


@torch.no_grad()
def load_trained_state(modules: dict[str, nn.Module], state: dict[str, Tensor]) -> None:
    """Inverse of `trained_state`. `ValueError` unless names and shapes agree exactly."""
    wanted = {f"{name}.{key}": value for name, module in modules.items() for key, value in _trained_items(module)}
    odd = sorted(key for key in wanted.keys() | state.keys() if not _same_shape(wanted.get(key), state.get(key)))
    if odd:
        raise ValueError(f"the checkpoint does not fit the modules at {odd[0]} ({len(odd)} differ); start a new run")
    for key, value in wanted.items():
        value.copy_(state[key])


def _same_shape(a: Tensor | None, b: Tensor | None) -> bool:
    return a is not None and b is not None and a.shape == b.shape


def save_checkpoint(run_dir: Path, checkpoint: Checkpoint, *, keep: int = KEEP) -> Path:
    """Write `run_dir/checkpoint-<step>` atomically and delete all but the last `keep`.

    Raises:
        ValueError: when it cannot be written, for a full disk say; the earlier checkpoints are whole then.
    """
    final = run_dir / f"checkpoint-{checkpoint.step:07d}"
    partial = run_dir / f"{_PARTIAL}{final.name}"
    clear_partial(run_dir)
    if _is_whole(final):
        return final
    try:
        partial.mkdir(parents=True)
        _write_files(partial, checkpoint)
        _retire(final)
        partial.rename(final)
    except _WRITE_ERRORS as error:
        reason = " ".join(str(error).split())[:120]
        raise ValueError(
            f"cannot write {final} ({reason}); free some space and give the same command again: it goes on from the "
            "last whole checkpoint"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    _flush(run_dir)
    for old in list_checkpoints(run_dir)[:-keep]:
        _retire(old)
    return final


def _write_files(folder: Path, checkpoint: Checkpoint) -> None:
    save_file(checkpoint.modules, folder / "modules.safetensors")
    torch.save(checkpoint.optimizer, folder / "optimizer.pt")
    if checkpoint.ema is not None:
        save_file(checkpoint.ema, folder / "ema.safetensors")
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    state = {"step": checkpoint.step, "settings": checkpoint.settings, "sizes": sizes}
    (folder / "state.json").write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
    for path in [*folder.iterdir(), folder]:
        _flush(path)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _retire(folder: Path) -> None:
    """Delete a checkpoint so that a kill half-way leaves nothing under its name."""
    if folder.exists():
        doomed = folder.with_name(f"{_PARTIAL}retired-{folder.name}")
        shutil.rmtree(doomed, ignore_errors=True)
        folder.rename(doomed)
        shutil.rmtree(doomed)


def clear_partial(run_dir: Path) -> None:
    """Remove what killed processes left half-written."""
    for path in run_dir.glob(f"{_PARTIAL}*"):
        shutil.rmtree(path, ignore_errors=True)


def list_checkpoints(run_dir: Path) -> list[Path]:
    """The whole checkpoints of a run, oldest first."""
    found = {_step_of(path): path for path in run_dir.glob("checkpoint-*") if _is_whole(path)}
    return [found[step] for step in sorted(found)]


def latest_checkpoint(run_dir: Path) -> Path | None:
    """The newest whole checkpoint, or None."""
    return next(reversed(list_checkpoints(run_dir)), None)


def _step_of(path: Path) -> int:
    return int(path.name.removeprefix("checkpoint-"))


def _is_whole(path: Path) -> bool:
    try:
        state = json.loads((path / "state.json").read_text(encoding="utf-8"))
        sizes = {file.name: file.stat().st_size for file in path.iterdir() if file.name != "state.json"}
        return state["step"] == _step_of(path) and state["sizes"] == sizes
    except (OSError, ValueError, KeyError, TypeError):
        return False


def load_checkpoint(folder: Path) -> Checkpoint:
    """Read a checkpoint to the CPU."""
    state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    ema = folder / "ema.safetensors"
    return Checkpoint(
        step=state["step"],
        modules=load_file(folder / "modules.safetensors"),
        optimizer=torch.load(folder / "optimizer.pt", map_location="cpu", weights_only=True),
        ema=load_file(ema) if ema.exists() else None,
        settings=state["settings"],
    )
