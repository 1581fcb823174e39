"""Renders of the diorama as training data: shards of panoramas and photographs of the same scenes, made once.

Scene `k` has the seed `k` and the combination `k % 128` of place, time and sky, so every prefix of the data is balanced.
A shard is one .npz file, written atomically; several processes fill one folder by taking every n-th shard.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from cyclorama.diorama import PLACES, SKIES, TIMES, Scene, render_panorama
from cyclorama.geometry.perspective import equirect_to_perspective
from cyclorama.media.atomic import atomic_file

SCENES_PER_SHARD = 64
PANORAMA_HEIGHT, VIEW_SIZE, NUM_VIEWS = 256, 128, 8
COMBINATIONS = tuple(itertools.product(PLACES, TIMES, SKIES))


@dataclass(frozen=True)
class Shard:
    """Panoramas [N, 3, 256, 512], photographs [N, 8, 3, 128, 128] as uint8, and the photographs' pitch [N, 8] in degrees."""

    scenes: tuple[Scene, ...]
    panoramas: UInt8[Tensor, "scenes 3 height width"]
    views: UInt8[Tensor, "scenes views 3 size size"]
    pitch_deg: np.ndarray


def scene_of(index: int) -> Scene:
    """Scene number `index` of the balanced sequence."""
    return Scene(*COMBINATIONS[(index * 37) % len(COMBINATIONS)], index)


def render_shards(folder: Path, num_scenes: int, *, part: int = 0, num_parts: int = 1) -> None:
    """Render what is missing of the first `num_scenes` scenes; process `part` of `num_parts` takes every n-th shard."""
    folder.mkdir(parents=True, exist_ok=True)
    num_shards = -(-num_scenes // SCENES_PER_SHARD)
    for number in range(part, num_shards, num_parts):
        path = shard_path(folder, number)
        if not path.exists():
            with atomic_file(path) as file:
                np.savez(file, **_render_shard(number))


def shard_path(folder: Path, number: int) -> Path:
    return folder / f"renders-{number:05d}.npz"


def read_shards(folder: Path) -> list[Path]:
    """The shards that are complete, in order. Raises ValueError when there are none."""
    paths = sorted(folder.glob("renders-*.npz"))
    if not paths:
        raise ValueError(f"no renders in {folder}: make them first with `cyclorama train miniature-renders`")
    return paths


def read_shard(path: Path) -> Shard:
    """One shard, as `render_shards` wrote it."""
    number = int(path.stem.split("-")[1])
    with np.load(path) as arrays:
        panoramas, views = (torch.from_numpy(arrays[name]) for name in ("panoramas", "views"))
        return Shard(_scenes(number), panoramas, views, arrays["pitch_deg"])


def _scenes(number: int) -> tuple[Scene, ...]:
    return tuple(scene_of(number * SCENES_PER_SHARD + k) for k in range(SCENES_PER_SHARD))


def _render_shard(number: int) -> dict[str, np.ndarray]:
    generator = torch.Generator().manual_seed(number)
    panoramas, views, pitches = [], [], []
    for scene in _scenes(number):
        panorama = render_panorama(scene, PANORAMA_HEIGHT, supersample=1).colours
        panoramas.append(panorama)
        photos, pitch = _photographs(panorama, generator)
        views.append(photos)
        pitches.append(pitch)
    return {"panoramas": _to_uint8(panoramas), "views": _to_uint8(views), "pitch_deg": np.array(pitches, np.float32)}


def _photographs(panorama: Tensor, generator: torch.Generator) -> tuple[Tensor, list[float]]:
    """Eight photographs: any yaw, mostly near the horizon, some far up and down, fields of view of 60 to 100 degrees."""
    photos, pitches = [], []
    for _ in range(NUM_VIEWS):
        yaw, kind, far, fov = torch.rand(4, generator=generator).tolist()
        near = float(torch.randn((), generator=generator)) * 12
        pitch = near if kind < 0.72 else (40 + 50 * far) * (1 if kind < 0.86 else -1)
        photos.append(
            equirect_to_perspective(
                panorama, VIEW_SIZE, VIEW_SIZE, 60 + 40 * fov, yaw_deg=360 * yaw - 180, pitch_deg=pitch
            )
        )
        pitches.append(pitch)
    return torch.stack(photos), pitches


def _to_uint8(images: Sequence[Tensor]) -> np.ndarray:
    stack = torch.stack(list(images))
    return (stack.clamp(0, 1) * 255).round().to(torch.uint8).numpy()
