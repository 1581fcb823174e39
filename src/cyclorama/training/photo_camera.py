"""Training of the network that guesses a photo's camera, on views cut from panoramas that were held level.

Every view has a camera of its own: field of view, pitch and roll are drawn as photographers hold cameras, mostly level
and some not at all (the mixtures are those of Gimbal360's photographs, 2026), yaw anywhere. The last tenth of the
panoramas is held out, and the errors on them are written into the weights file.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, UInt8
from rich.progress import track
from torch import Tensor
from torch.nn.functional import avg_pool2d, cross_entropy, interpolate

from cyclorama.data.folder import ImageFolder, resize_equirect
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import equirect_to_perspective
from cyclorama.models.photo_camera import (
    BINS_DEG,
    INPUT_SIZE,
    PACKAGED,
    Camera,
    CameraNetwork,
    bin_targets,
    save_camera_network,
)
from cyclorama.training.loop import LoopSettings, Task
from cyclorama.training.miniature.renders import write_image_folder

FEWEST_PANORAMAS, HELD_OUT = 10, 0.1
FOV_DEG, STEEPEST_DEG = (30.0, 110.0), 45.0
"""Of the square that the network sees. Narrower views would show how coarse the panoramas are."""
NUM_MEASURED, MEASURING_SEED = 1000, 1


@dataclass(frozen=True)
class PhotoCameraStage:
    """Train on level panoramas of an image folder, held in memory at `height` rows.

    With `renders`, a folder of the miniature's shards, the first `num_scenes` of them are written as that folder first.
    """

    name: str
    images: str
    loop: LoopSettings = field(default_factory=lambda: LoopSettings(num_steps=0))
    renders: str = ""
    num_scenes: int = 0
    height: int = 512

    def prepare(self, run_dir: Path, *, device: Any = None) -> "tuple[PhotoCameraTask, LoopSettings]":
        if self.renders:
            write_image_folder(Path(self.renders), self.num_scenes, Path(self.images))
        return PhotoCameraTask(self, read_panoramas(Path(self.images), self.height)), self.loop


def photo_camera() -> PhotoCameraStage:
    """The packaged network: 256,000 views of the renders, twenty minutes of two cores."""
    loop = LoopSettings(
        num_steps=4000,
        batch_size=64,
        lr=2e-3,
        warmup=200,
        decay_fraction=0.7,
        weight_decay=0.02,
        ema_decay=0.998,
        precision="fp32",
        checkpoint_every=200,
        sample_every=4000,
        prefetch=True,
    )
    return PhotoCameraStage("photo-camera", "runs/panoramas", loop, "runs/renders", 1600)


@dataclass(frozen=True)
class Levels:
    """A panorama, and the same at a half and a quarter of its size: wide views are cut from the coarser ones."""

    arrays: tuple[UInt8[np.ndarray, "_ _ 3"], ...]

    @classmethod
    def of(cls, image: Float[Tensor, "3 height width"]) -> "Levels":
        halves = [image, *(avg_pool2d(image, side) for side in (2, 4))]
        levels = [rearrange((half * 255).round().byte(), "c h w -> h w c") for half in halves]
        return cls(tuple(level.contiguous().numpy() for level in levels))

    def view(self, camera: Camera, yaw_deg: float) -> UInt8[np.ndarray, "size size 3"]:
        """What the camera sees of the level whose pixels are nearest to the view's in size."""
        wanted = Perspective(INPUT_SIZE, INPUT_SIZE, camera.fov_deg).pixel_angle
        shrunk = wanted / Equirect(*self.arrays[0].shape[:2]).pixel_angle
        level = min(max(round(math.log2(shrunk)), 0), len(self.arrays) - 1)
        return equirect_to_perspective(
            self.arrays[level],
            INPUT_SIZE,
            INPUT_SIZE,
            camera.fov_deg,
            yaw_deg=yaw_deg,
            pitch_deg=camera.pitch_deg,
            roll_deg=camera.roll_deg,
            antialias=False,
        )


def read_panoramas(folder: Path, height: int) -> list[Levels]:
    """Every equirect of an image folder once, at `height` rows.

    Raises:
        ValueError: what `ImageFolder` raises, and fewer than ten panoramas.
    """
    paths = {item.path: item for item in ImageFolder(folder) if item.projection == "equirect"}
    if len(paths) < FEWEST_PANORAMAS:
        raise ValueError(f"got {len(paths)} panoramas in {folder}, wanted {FEWEST_PANORAMAS} or more; render some")
    return [Levels.of(resize_equirect(item.read(), height)) for item in track(paths.values(), "read", transient=True)]


@dataclass(frozen=True)
class Cameras:
    """Angles of a batch in degrees; `fov_deg` is that of a square view."""

    fov_deg: Float[Tensor, " batch"]
    pitch_deg: Float[Tensor, " batch"]
    roll_deg: Float[Tensor, " batch"]
    yaw_deg: Float[Tensor, " batch"]


def draw_cameras(num: int, generator: torch.Generator) -> Cameras:
    """Cameras as photographers hold them."""
    low, high = FOV_DEG
    uniform, kinds = torch.rand(4, num, generator=generator), torch.rand(3, num, generator=generator)
    fov, pitch, roll = torch.randn(3, num, generator=generator)
    steep = (2 * uniform[:3] - 1) * STEEPEST_DEG
    return Cameras(
        fov_deg=torch.where(kinds[0] < 0.5, 58 + 14 * fov, low + (high - low) * uniform[3]).clamp(low, high),
        pitch_deg=torch.where(kinds[1] < 0.7, 15 * pitch, steep[1]).clamp(-STEEPEST_DEG, STEEPEST_DEG),
        roll_deg=torch.where(kinds[2] < 0.8, 5 * roll, steep[2]).clamp(-STEEPEST_DEG, STEEPEST_DEG),
        yaw_deg=360 * uniform[0] - 180,
    )


def cut_views(panoramas: Sequence[Levels], cameras: Cameras) -> UInt8[Tensor, "batch 3 size size"]:
    """One square view of each panorama by its camera, as large as the network's input."""
    angles = zip(*(angle.tolist() for angle in vars(cameras).values()), strict=True)
    rows = zip(panoramas, angles, strict=True)
    views = [panorama.view(Camera(fov, pitch, roll), yaw) for panorama, (fov, pitch, roll, yaw) in rows]
    return rearrange(torch.from_numpy(np.stack(views)), "b h w c -> b c h w")


def finish_views(
    views: Float[Tensor, "batch 3 size size"], generator: torch.Generator
) -> Float[Tensor, "batch 3 size size"]:
    """Exposure, contrast, colour, sharpness and grain as of any camera, so that none of them tells the angles."""

    def draw(low: float, high: float, channels: int = 1) -> Tensor:
        drawn = torch.rand(len(views), channels, 1, 1, generator=generator, device=views.device)
        return low + (high - low) * drawn

    coarse = interpolate(interpolate(views, scale_factor=0.5, mode="area"), views.shape[-2:], mode="bilinear")
    views = torch.lerp(views, coarse, draw(-1.0, 1.0).clamp(min=0))
    views = torch.lerp(views.mean(1, keepdim=True), views, draw(0.3, 1.3)) * draw(0.85, 1.15, 3)
    views = (views.clamp(0, 1) ** draw(0.6, 1.6) - 0.5) * draw(0.7, 1.2) + 0.5 + draw(-0.1, 0.1)
    noise = torch.randn(views.shape, generator=generator, device=views.device)
    return (views + draw(-0.04, 0.04).clamp(min=0) * noise).clamp(0, 1)


class PhotoCameraTask(Task):
    """Cross-entropy of the bins of the three angles."""

    def __init__(self, stage: PhotoCameraStage, panoramas: Sequence[Levels]) -> None:
        num_seen = len(panoramas) - max(1, round(HELD_OUT * len(panoramas)))
        self.stage, self.seen, self.held_out = stage, panoramas[:num_seen], panoramas[num_seen:]
        torch.manual_seed(stage.loop.seed)
        self.network = CameraNetwork()
        self.modules = {"network": self.network}

    def batch(self, step: int, generator: torch.Generator) -> dict[str, Tensor]:
        size = self.stage.loop.batch_size
        chosen = torch.randint(len(self.seen), (size,), generator=generator).tolist()
        cameras = draw_cameras(size, generator)
        views = cut_views([self.seen[number] for number in chosen], cameras)
        mirrored = torch.rand(size, generator=generator) < 0.5
        views = torch.where(mirrored[:, None, None, None], views.flip(-1), views)
        roll_deg = torch.where(mirrored, -cameras.roll_deg, cameras.roll_deg)
        return {"views": views, "fov_deg": cameras.fov_deg, "pitch_deg": cameras.pitch_deg, "roll_deg": roll_deg}

    def loss(self, batch: Any, generator: torch.Generator) -> tuple[Tensor, dict[str, Any]]:
        logits = self.network(finish_views(batch["views"].float() / 255, generator))
        losses = {angle: cross_entropy(logits[angle], bin_targets(batch[angle], angle)) for angle in BINS_DEG}
        return torch.stack(list(losses.values())).sum(), {f"loss_{angle}": value for angle, value in losses.items()}

    def export(self, run_dir: Path) -> None:
        """The weights file, with the errors on the held-out panoramas."""
        errors = measure_errors(self.network, self.held_out, num=NUM_MEASURED)
        self.network.errors_deg = {angle: median for angle, (median, _) in errors.items()}
        facts = {"recipe": asdict(self.stage), "num_panoramas": len(self.seen), "median_and_80_percent_deg": errors}
        save_camera_network(self.network, run_dir / PACKAGED.name, metadata={"training": json.dumps(facts)})


@torch.no_grad()
def measure_errors(
    network: CameraNetwork,
    panoramas: Sequence[Levels],
    *,
    num: int,
    seed: int = MEASURING_SEED,
) -> dict[str, tuple[float, float]]:
    """For each angle the errors in degrees that half, and 80 %, of `num` views drawn by the seed stay under."""
    device = next(network.parameters()).device
    generator = torch.Generator().manual_seed(seed)
    cameras = draw_cameras(num, generator)
    chosen = torch.randint(len(panoramas), (num,), generator=generator).tolist()
    views = cut_views([panoramas[number] for number in chosen], cameras)
    found = [network.angles(part.to(device).float() / 255) for part in views.split(64)]
    errors = {angle: torch.cat([part[angle].cpu() for part in found]) - getattr(cameras, angle) for angle in BINS_DEG}
    levels = torch.tensor([0.5, 0.8])
    return {angle: tuple(error.abs().quantile(levels).tolist()) for angle, error in errors.items()}  # pyright: ignore[reportReturnType]
