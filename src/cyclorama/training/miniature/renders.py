"""Renders of the diorama as training data: shards of panoramas and photographs of the same scenes, made once.

Scene k has the seed k, and the combinations of place, time and sky take turns, so every prefix is balanced.
A shard is one .npz file, written atomically; several processes fill one folder by taking every n-th shard.
"""

import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from cyclorama.diorama import (
    PLACES,
    TIMES,
    Scene,
    Sighting,
    render_camera,
    sightings,
    skies_of,
    write_caption,
)
from cyclorama.diorama.objects import named_objects
from cyclorama.diorama.places import build
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import equirect_to_perspective
from cyclorama.geometry.rotations import rotation
from cyclorama.media.atomic import atomic_file, write_text
from cyclorama.training.processes import make_accelerator

SCENES_PER_SHARD = 32
PANORAMA_HEIGHT, VIEW_SIZE, NUM_VIEWS = 512, 256, 8
LARGE_VIEW_SIZE, NUM_LARGE_VIEWS = 512, 1
NUM_WORDINGS = 3
COMBINATIONS = tuple((place, time, sky) for place, time in itertools.product(PLACES, TIMES) for sky in skies_of(place))
STRIDE = 149
"""Consecutive scenes are this many combinations apart; it shares no factor with their number (a test)."""


@dataclass(frozen=True)
class Camera:
    """Where a photograph looks, and how wide (horizontal field of view), in degrees."""

    yaw_deg: float
    pitch_deg: float
    fov_deg: float

    def sees(self, things: Sequence[Sighting], *, flipped: bool = False) -> tuple[Sighting, ...]:
        """The things whose middle is well inside the square picture, as it shows them; `flipped`: its mirror image."""
        seen = []
        share = 4 * math.pi / _solid_angle(self.fov_deg)
        for thing in things:
            yaw = (thing.yaw_deg - self.yaw_deg + 180) % 360 - 180
            pitch = thing.pitch_deg - self.pitch_deg
            if max(abs(yaw) * math.cos(math.radians(thing.pitch_deg)), abs(pitch)) < 0.42 * self.fov_deg:
                turned = -yaw if flipped else yaw
                seen.append(replace(thing, yaw_deg=turned, pitch_deg=pitch, share=min(1.0, thing.share * share)))
        return tuple(seen)


def _solid_angle(fov_deg: float) -> float:
    """Of a square pinhole picture, in steradians."""
    return 4 * math.asin(math.sin(math.radians(fov_deg) / 2) ** 2)


@dataclass(frozen=True)
class Facts:
    """What is known of one scene's renders: its things as seen from the eye, and the cameras of its photographs."""

    scene: Scene
    things: tuple[Sighting, ...]
    views: tuple[Camera, ...]
    large_views: tuple[Camera, ...]


@dataclass(frozen=True)
class Shard:
    """Panoramas [N, 3, 512, 1024], photographs [N, 8, 3, 256, 256] and [N, 1, 3, 512, 512] (uint8)."""

    facts: tuple[Facts, ...]
    panoramas: UInt8[Tensor, "scenes 3 height width"]
    views: UInt8[Tensor, "scenes views 3 size size"]
    large_views: UInt8[Tensor, "scenes large_views 3 large_size large_size"]


def scene_of(index: int) -> Scene:
    """Scene number `index` of the balanced sequence."""
    return Scene(*COMBINATIONS[(index * STRIDE) % len(COMBINATIONS)], index)


def render_shards(
    folder: Path, num_scenes: int, *, part: int = 0, num_parts: int = 1, device: torch.device | None = None
) -> None:
    """Render what is missing of the first `num_scenes` scenes; process `part` of `num_parts` takes every n-th shard."""
    folder.mkdir(parents=True, exist_ok=True)
    num_shards = -(-num_scenes // SCENES_PER_SHARD)
    for number in range(part, num_shards, num_parts):
        path = shard_path(folder, number)
        if not path.exists():
            with atomic_file(path) as file:
                np.savez(file, **_render_shard(number, device or torch.device("cpu")))


def shard_path(folder: Path, number: int) -> Path:
    return folder / f"renders-{number:05d}.npz"


def load_renders(folder: Path, num_scenes: int, *, device: str | torch.device | None = None) -> list[Path]:
    """The shards of the first `num_scenes` scenes, rendered first where they are missing, on the device of training.

    Raises ValueError for no scenes at all.
    """
    if num_scenes < 1:
        raise ValueError(f"got num_scenes {num_scenes}, wanted the number of scenes to train on, 1 or more")
    place = torch.device(device) if device is not None else make_accelerator().device
    render_shards(folder, num_scenes, device=place)
    return [shard_path(folder, number) for number in range(-(-num_scenes // SCENES_PER_SHARD))]


def read_shard(path: Path) -> Shard:
    """One shard, as `render_shards` wrote it."""
    with np.load(path) as arrays:
        facts = tuple(_facts(row) for row in json.loads(arrays["facts"].tobytes()))
        return Shard(facts, *(torch.from_numpy(arrays[name]) for name in ("panoramas", "views", "large_views")))


def write_image_folder(renders: Path, num_scenes: int, folder: Path) -> None:
    """Panoramas of the first `num_scenes` scenes as PNG files with `metadata.jsonl`, as `cyclorama render` would.

    Each stands there with several captions; they name no direction, because training turns panoramas at random.
    """
    if (folder / "metadata.jsonl").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for path in load_renders(renders, num_scenes):
        shard = read_shard(path)
        for facts, image in zip(shard.facts, shard.panoramas, strict=True):
            name = f"{facts.scene.seed:06d}.png"
            Image.fromarray(image.permute(1, 2, 0).numpy()).save(folder / name, compress_level=1)
            labels = asdict(facts.scene) | {"objects": named_objects(facts.things)}
            rows += [{"file_name": name, "text": text, **labels} for text in _panorama_captions(facts)]
    write_text("".join(json.dumps(row) + "\n" for row in rows), folder / "metadata.jsonl")


def _panorama_captions(facts: Facts) -> list[str]:
    seeds = range(facts.scene.seed * NUM_WORDINGS, (facts.scene.seed + 1) * NUM_WORDINGS)
    return [write_caption(facts.scene, seed, sightings=facts.things, directions=False) for seed in seeds]


def _render_shard(number: int, device: torch.device) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(number)
    scenes = (scene_of(number * SCENES_PER_SHARD + k) for k in range(SCENES_PER_SHARD))
    rendered = [_render_scene(scene, generator, device) for scene in scenes]
    facts, panoramas, views, large_views = zip(*rendered, strict=True)
    return {
        "facts": np.frombuffer(json.dumps([asdict(row) for row in facts]).encode(), np.uint8),
        "panoramas": _to_uint8(panoramas),
        "views": _to_uint8(views),
        "large_views": _to_uint8(large_views),
    }


def _render_scene(
    scene: Scene, generator: torch.Generator, device: torch.device
) -> tuple[Facts, Tensor, Tensor, Tensor]:
    world = build(scene, device)
    equirect = Equirect(PANORAMA_HEIGHT, 2 * PANORAMA_HEIGHT)
    rendered = render_camera(scene, equirect, device=device)
    panorama = rendered.colours.cpu()
    things = sightings(rendered, world, equirect)
    views = tuple(_camera(generator, 60.0, 100.0) for _ in range(NUM_VIEWS))
    large_views = tuple(_camera(generator, 75.0, 110.0) for _ in range(NUM_LARGE_VIEWS))
    small = [
        equirect_to_perspective(
            panorama, VIEW_SIZE, VIEW_SIZE, camera.fov_deg, yaw_deg=camera.yaw_deg, pitch_deg=camera.pitch_deg
        )
        for camera in views
    ]
    large = [_photograph(scene, camera, device) for camera in large_views]
    return Facts(scene, things, views, large_views), panorama, torch.stack(small), torch.stack(large)


def _photograph(scene: Scene, camera: Camera, device: torch.device) -> Tensor:
    square = Perspective(LARGE_VIEW_SIZE, LARGE_VIEW_SIZE, camera.fov_deg)
    turn = rotation(yaw_deg=camera.yaw_deg, pitch_deg=camera.pitch_deg)
    return render_camera(scene, square, rotation=turn, device=device).colours.cpu()


def _camera(generator: torch.Generator, narrowest: float, widest: float) -> Camera:
    """Any yaw, mostly near the horizon, some far up and down."""
    yaw, kind, far, fov = torch.rand(4, generator=generator).tolist()
    near = float(torch.randn((), generator=generator)) * 12
    pitch = near if kind < 0.72 else (40 + 50 * far) * (1 if kind < 0.86 else -1)
    return Camera(360 * yaw - 180, pitch, narrowest + (widest - narrowest) * fov)


def _facts(row: dict[str, Any]) -> Facts:
    return Facts(
        Scene(**row["scene"]),
        tuple(Sighting(**thing) for thing in row["things"]),
        tuple(Camera(**camera) for camera in row["views"]),
        tuple(Camera(**camera) for camera in row["large_views"]),
    )


def _to_uint8(images: Sequence[Tensor]) -> np.ndarray:
    stack = torch.stack(list(images))
    return (stack.clamp(0, 1) * 255).round().to(torch.uint8).numpy()
