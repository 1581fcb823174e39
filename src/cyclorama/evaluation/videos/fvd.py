"""The Fréchet video distance (Unterthiner et al. 2018): clips of videos, seen by a network of clips such as I3D.

A video gives consecutive clips of 16 frames, squashed to the network's size, and what is left over at its end is
dropped. Per cube face, six videos of 90 degrees are compared one by one, and the distances averaged with the weights
1/3 (up), 1/3 (down) and 1/12 (each of the sides): as OmniFID, the poles count as much as the horizon.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.evaluation.distributions import frechet_distance
from cyclorama.evaluation.resizing import resize
from cyclorama.geometry.cubemap import FACE_ROTATIONS, FACES
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import reproject

NUM_FRAMES = 16
FACE_WEIGHTS = {"front": 1 / 12, "right": 1 / 12, "back": 1 / 12, "left": 1 / 12, "up": 1 / 3, "down": 1 / 3}
WHOLE = "equirect"


@runtime_checkable
class ClipNetwork(Protocol):
    """What the distance asks of a network."""

    @property
    def input_size(self) -> tuple[int, int]: ...

    def features(self, clips: Float[Tensor, "batch 3 frames height width"]) -> Float[Tensor, "batch features"]:
        """Features of clips in [0, 1] of the input size."""
        ...


class ClipCutter:
    """Consecutive clips out of frames; keeps `num_frames` frames. `stride` frames lie between their starts."""

    def __init__(self, *, num_frames: int = NUM_FRAMES, stride: int | None = None) -> None:
        self._stride = num_frames if stride is None else stride
        if num_frames < 1 or self._stride < 1:
            raise ValueError(f"got clips of {num_frames} frames every {self._stride}, wanted both above 0")
        self._held: deque[Tensor] = deque(maxlen=num_frames)
        self._num_frames = num_frames
        self._until_next = num_frames

    def update(self, frame: Float[Tensor, "3 height width"]) -> Float[Tensor, "3 frames height width"] | None:
        """The clip that ends with this frame, if one does."""
        self._held.append(frame)
        self._until_next -= 1
        if self._until_next:
            return None
        self._until_next = self._stride
        return torch.stack(tuple(self._held), 1)


class ClipFeatures:
    """The features of a video's clips, of the whole panorama or of the `faces` of a cube.

    `preset` is that of `resizing.resize`, by default the one of most published code; faces are cut at the network's
    size, averaged where they shrink.
    """

    def __init__(
        self,
        network: ClipNetwork,
        *,
        faces: bool = False,
        num_frames: int = NUM_FRAMES,
        stride: int | None = None,
        preset: str = "bilinear",
    ) -> None:
        self._network, self._faces, self._preset = network, faces, preset
        names = FACES if faces else (WHOLE,)
        self._cutters = {name: ClipCutter(num_frames=num_frames, stride=stride) for name in names}
        self._found: dict[str, list[Tensor]] = {name: [] for name in names}
        self._num_frames = num_frames

    def update(self, frame: Float[Tensor, "3 height width"]) -> None:
        for name, view in self._views(frame).items():
            clip = self._cutters[name].update(view)
            if clip is not None:
                self._found[name].append(self._network.features(clip[None])[0].double().cpu())

    def features(self) -> dict[str, Float64[Tensor, "clips features"]]:
        """One row a clip, of "equirect" or of each face. `ValueError` for a video shorter than a clip."""
        if not all(self._found.values()):
            raise ValueError(f"got a video of fewer than {self._num_frames} frames, wanted a clip or more; drop it")
        return {name: torch.stack(rows) for name, rows in self._found.items()}

    def _views(self, frame: Tensor) -> dict[str, Tensor]:
        height, width = self._network.input_size
        if not self._faces:
            return {WHOLE: resize(frame[None], (height, width), preset=self._preset)[0].clamp(0, 1)}
        panorama, camera = Equirect(*frame.shape[-2:]), Perspective(height, width, 90)
        return {
            name: reproject(frame, panorama, camera, rotation=turned).clamp(0, 1)
            for name, turned in zip(FACES, FACE_ROTATIONS, strict=True)
        }


@dataclass(frozen=True)
class Fvd:
    """The distance, and that of each view it is the weighted mean of."""

    value: float
    per_view: dict[str, float]


def frechet_video_distance(
    real: Mapping[str, Float[Tensor, "real_clips features"]], fake: Mapping[str, Float[Tensor, "fake_clips features"]]
) -> Fvd:
    """The distance between the clips of two sets of videos, as `ClipFeatures.features` names them.

    Raises ValueError unless both sets hold the whole panorama, or both the six faces.
    """
    if set(real) != set(fake) or set(real) not in ({WHOLE}, set(FACES)):
        got = f"{', '.join(real) or 'none'} and {', '.join(fake) or 'none'}"
        raise ValueError(f"got features of {got}, wanted {WHOLE} or the six faces of both; cut both sets alike")
    weights = FACE_WEIGHTS if len(real) > 1 else {WHOLE: 1.0}
    per_view = {name: float(frechet_distance(real[name], fake[name])) for name in weights}
    return Fvd(sum(weight * per_view[name] for name, weight in weights.items()), per_view)
