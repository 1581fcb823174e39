"""The camera of an unknown photo: a small network that was trained on views of panoramas and guesses three angles.

It sees the middle square of the photo, `INPUT_SIZE` pixels a side, and answers with probabilities of bins of the
square's field of view, of pitch and of roll: classifying them beats regressing them (CamFreeDiff, 2025). The answer
is the median of the probabilities. A photo and its mirror image are looked at and agree exactly: the same field of view
and pitch, the opposite roll. `training/photo_camera.py` trains it.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn
from torch.nn.functional import interpolate

from cyclorama.geometry.perspective import half_extent
from cyclorama.geometry.rotations import Degrees
from cyclorama.media.atomic import atomic_file

PACKAGED = Path(__file__).parent / "photo_camera.safetensors"
INPUT_SIZE = 96
WIDTHS = (16, 32, 64, 96, 96)
NUM_LAST, NUM_HIDDEN = 24, 80
BINS_DEG = {"fov_deg": (28.0, 112.0, 28), "pitch_deg": (-48.0, 48.0, 32), "roll_deg": (-48.0, 48.0, 32)}
"""For each angle the lower end of the first bin, the upper end of the last, and how many there are."""
_READ_ERRORS = (OSError, SafetensorError, KeyError, ValueError, RuntimeError)


@dataclass(frozen=True)
class Camera:
    """The horizontal field of view of a whole photo, and how it was held, in degrees (`geometry`'s conventions)."""

    fov_deg: Degrees
    pitch_deg: Degrees = 0.0
    roll_deg: Degrees = 0.0


class CameraNetwork(nn.Module):
    """Convolutions with a halving after each, then one hidden layer that knows where in the picture things are.

    `errors_deg` are the median errors of each angle on views that the training never saw.
    """

    def __init__(self, errors_deg: Mapping[str, float] | None = None) -> None:
        super().__init__()
        self.errors_deg = dict(errors_deg or {})
        self.convolutions = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in pairwise((3, *WIDTHS)))
        self.norms = nn.ModuleList(nn.GroupNorm(8, width) for width in WIDTHS)
        self.last = nn.Conv2d(WIDTHS[-1], NUM_LAST, 1)
        num_places = (INPUT_SIZE >> len(WIDTHS)) ** 2
        self.hidden = nn.Linear(NUM_LAST * num_places, NUM_HIDDEN)
        self.dropout = nn.Dropout(0.1)
        self.heads = nn.ModuleDict({angle: nn.Linear(NUM_HIDDEN, bins[2]) for angle, bins in BINS_DEG.items()})

    def forward(self, squares: Float[Tensor, "batch 3 size size"]) -> dict[str, Float[Tensor, "batch _"]]:
        """Logits of the bins of each angle; squares in [0, 1], already of the input size."""
        x = squares * 4 - 2
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = nn.functional.avg_pool2d(nn.functional.silu(norm(convolution(x))), 2)
        x = nn.functional.silu(self.hidden(self.dropout(self.last(x).flatten(1))))
        return {angle: head(self.dropout(x)) for angle, head in self.heads.items()}

    @torch.no_grad()
    def angles(self, squares: Float[Tensor, "batch 3 size size"]) -> dict[str, Float[Tensor, " batch"]]:
        """The medians in degrees; `fov_deg` is that of the square."""
        seen, mirrored = self(squares), self(squares.flip(-1))
        mirrored["roll_deg"] = mirrored["roll_deg"].flip(-1)
        return {
            angle: median_deg((logits.softmax(-1) + mirrored[angle].softmax(-1)) / 2, angle)
            for angle, logits in seen.items()
        }


def bin_targets(values_deg: Float[Tensor, " batch"], angle: str) -> Float[Tensor, "batch bins"]:
    """Probabilities of the bins for true values: shared by the two bins whose middles are nearest."""
    low, high, num = BINS_DEG[angle]
    place = ((values_deg - low) / (high - low) * num - 0.5).clamp(0, num - 1)
    return (1 - (place[:, None] - torch.arange(num, device=place.device)).abs()).clamp(min=0)


def median_deg(probabilities: Float[Tensor, "batch bins"], angle: str) -> Float[Tensor, " batch"]:
    """The angle in degrees on either side of which lies half of the probability, evenly spread in each bin."""
    low, high, num = BINS_DEG[angle]
    until = probabilities.cumsum(-1)
    middle = (until < 0.5 * until[:, -1:]).sum(-1, keepdim=True).clamp(max=num - 1)
    within = probabilities.gather(-1, middle)
    before = until.gather(-1, middle) - within
    place = middle + (0.5 * until[:, -1:] - before) / within.clamp(min=1e-12)
    return (low + (high - low) / num * place)[:, 0]


def middle_square(photo: Float[Tensor, "3 height width"]) -> Float[Tensor, "3 size size"]:
    """The middle square of a photo, reduced (or enlarged) to the network's input."""
    height, width = photo.shape[-2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = photo[None, :, top : top + side, left : left + side].float()
    size = (INPUT_SIZE, INPUT_SIZE)
    return interpolate(square, size, mode="bilinear", antialias=True, align_corners=False)[0].clamp(0, 1)


def estimate_camera(photo: Float[Tensor, "3 height width"], network: CameraNetwork | None = None) -> Camera:
    """The camera of a photo in [0, 1], guessed by the packaged network or another.

    Raises:
        ValueError: when the packaged weights are missing or damaged.
    """
    network = load_camera_network() if network is None else network
    angles = {angle: float(values[0]) for angle, values in network.angles(middle_square(photo)[None]).items()}
    height, width = photo.shape[-2:]
    half_width = half_extent(angles["fov_deg"]) * width / min(height, width)
    return Camera(2 * math.degrees(math.atan(half_width)), angles["pitch_deg"], angles["roll_deg"])


def save_camera_network(network: CameraNetwork, path: Path, *, metadata: Mapping[str, str] | None = None) -> None:
    """Weights as float16 with the errors in the metadata; complete or not there."""
    weights = {name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}
    facts = {"errors_deg": json.dumps(network.errors_deg)}
    with atomic_file(path) as file:
        file.write(save(weights, {**(metadata or {}), **facts}))


@lru_cache(maxsize=2)
def load_camera_network(path: Path = PACKAGED) -> CameraNetwork:
    """The network of a weights file, in float32 and evaluation mode.

    Raises:
        ValueError: for a file that is missing or holds no such network.
    """
    try:
        with safe_open(path, "pt") as file:
            facts = file.metadata() or {}
        network = CameraNetwork(json.loads(facts["errors_deg"]))
        network.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
    except _READ_ERRORS as error:
        raise ValueError(
            f"got no camera network from {path} ({type(error).__name__}); say the field of view, pitch and roll "
            "yourself, or train one with `cyclorama train photo-camera`"
        ) from error
    return network.eval().requires_grad_(False)
