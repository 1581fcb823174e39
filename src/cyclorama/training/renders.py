"""Renders of the diorama as training data: shards of panoramas and photographs of the same scenes, made once.

Scene k has the seed k, and the combinations of place, time and sky take turns, so every prefix is balanced.
A shard is one .npz file, written atomically; several processes fill one folder by taking every n-th shard.
"""

import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from PIL import Image
from torch import Tensor

from cyclorama.diorama import PLACES, SKIES, TIMES, Scene, render_panorama, write_caption
from cyclorama.geometry.reprojection import equirect_to_perspective
from cyclorama.media.atomic import atomic_file, write_text

SCENES_PER_SHARD = 64
PANORAMA_HEIGHT, VIEW_SIZE, NUM_VIEWS = 256, 128, 8
COMBINATIONS = tuple(itertools.product(PLACES, TIMES, SKIES))


@dataclass(frozen=True)
class Shard:
    """Panoramas [N, 3, 256, 512], photographs [N, 8, 3, 128, 128] (uint8) and the pitch of these in degrees."""

    scenes: tuple[Scene, ...]
    panoramas: UInt8[Tensor, "scenes 3 height width"]
    views: UInt8[Tensor, "scenes views 3 size size"]
    pitch_deg: Float32[np.ndarray, "scenes views"]


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
                panoramas, views, pitch_deg = _render_shard(number)
                np.savez(file, panoramas=panoramas, views=views, pitch_deg=pitch_deg)


def shard_path(folder: Path, number: int) -> Path:
    return folder / f"renders-{number:05d}.npz"


def read_shards(folder: Path) -> list[Path]:
    """The shards that are complete, in order. Raises ValueError when there are none."""
    paths = sorted(folder.glob("renders-*.npz"))
    if not paths:
        raise ValueError(f"no renders in {folder}: the stages of the miniature make them first")
    return paths


def read_shard(path: Path) -> Shard:
    """One shard, as `render_shards` wrote it."""
    number = int(path.stem.split("-")[1])
    with np.load(path) as arrays:
        panoramas, views = (torch.from_numpy(arrays[name]) for name in ("panoramas", "views"))
        return Shard(_scenes(number), panoramas, views, arrays["pitch_deg"])


def write_image_folder(renders: Path, num_scenes: int, folder: Path) -> None:
    """Panoramas of the first `num_scenes` scenes as PNG files with `metadata.jsonl`, as `cyclorama render` would."""
    if (folder / "metadata.jsonl").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for path in read_shards(renders)[: -(-num_scenes // SCENES_PER_SHARD)]:
        shard = read_shard(path)
        for scene, image in zip(shard.scenes, shard.panoramas, strict=True):
            name = f"{scene.seed:06d}.png"
            Image.fromarray(image.permute(1, 2, 0).numpy()).save(folder / name, compress_level=1)
            rows.append({"file_name": name, "text": write_caption(scene, scene.seed), **asdict(scene)})
    write_text("".join(json.dumps(row) + "\n" for row in rows), folder / "metadata.jsonl")


def _scenes(number: int) -> tuple[Scene, ...]:
    return tuple(scene_of(number * SCENES_PER_SHARD + k) for k in range(SCENES_PER_SHARD))


def _render_shard(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = torch.Generator().manual_seed(number)
    panoramas, views, pitches = [], [], []
    for scene in _scenes(number):
        panorama = render_panorama(scene, PANORAMA_HEIGHT, supersample=1).colours
        panoramas.append(panorama)
        photos, pitch = _photographs(panorama, generator)
        views.append(photos)
        pitches.append(pitch)
    return _to_uint8(panoramas), _to_uint8(views), np.array(pitches, np.float32)


def _photographs(panorama: Tensor, generator: torch.Generator) -> tuple[Tensor, list[float]]:
    """Eight photographs: any yaw, mostly near the horizon, some far up and down; 60 to 100 degrees wide."""
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
