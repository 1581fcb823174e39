"""Motion of panoramas by optical flow, as angles on the sphere.

The flow is DIS (Kroeger et al., ECCV 2016; OpenCV's, preset "medium") between frames that continue across the seam. A
pixel that moves by (dx, dy) turns by the angle between the directions of its two places, and angles are averaged with
the area that a pixel has on the sphere, its cos(lat). A pan by k degrees turns the equator by k and the mean by
pi / 4 k. Degrees do not depend on the size of the picture; they are per frame unless the frame rate is told.
"""

from collections.abc import Iterable

import torch
from jaxtyping import Float, Float64
from torch import Tensor
from torch.nn.functional import interpolate

from cyclorama.evaluation.fidelity import row_weights
from cyclorama.evaluation.opencv import grey_levels, load_opencv
from cyclorama.evaluation.videos.frames import Series, check_same_size, feed
from cyclorama.geometry.equirect import Equirect, pad_sphere
from cyclorama.geometry.sphere import angle_between

WORKING_HEIGHT = 512
"""Higher frames are averaged down to it before the flow."""


class FlowMotion:
    """Mean motion of every step in degrees per frame, or per second if `fps`, the frames per second, is given."""

    def __init__(self, *, fps: float | int | None = None, working_height: int = WORKING_HEIGHT) -> None:
        load_opencv()
        self._per = 1.0 if fps is None else float(fps)
        self._height = working_height
        self._before: Tensor | None = None
        self._steps: list[float] = []

    def update(self, frame: Float[Tensor, "3 height width"]) -> None:
        small = _shrink(frame, self._height)
        if self._before is not None:
            check_same_size(small, self._before)
            self._steps.append(self._per * motion_of(panorama_flow(self._before, small)))
        self._before = small

    def series(self) -> Series:
        """One value a step. `ValueError` for fewer than two frames."""
        return Series(torch.tensor(self._steps, dtype=torch.float64))


def flow_motion(
    frames: Iterable[Float[Tensor, "3 height width"]],
    *,
    fps: float | int | None = None,
    working_height: int = WORKING_HEIGHT,
) -> Series:
    """The motion of a stream of frames. `ValueError` without OpenCV, for fewer than two frames and for two sizes."""
    motion = FlowMotion(fps=fps, working_height=working_height)
    feed(frames, motion)
    return motion.series()


def panorama_flow(
    first: Float[Tensor, "3 height width"], second: Float[Tensor, "3 height width"]
) -> Float[Tensor, "2 height width"]:
    """Where every pixel of the first frame is in the second, (dx, dy) in pixels; x may lead across the seam.

    Motion up to about an eighth of the width is found.
    """
    cv2, width = load_opencv(), first.shape[-1]
    margin = width // 4
    padded = [grey_levels(pad_sphere(frame, left=margin, right=margin)) for frame in (first, second)]
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*padded, None)
    return torch.from_numpy(flow[:, margin : margin + width].copy()).permute(2, 0, 1)


def flow_angles(flow: Float[Tensor, "2 height width"]) -> Float64[Tensor, "height width"]:
    """The angle in degrees that the direction of every pixel turns by; leaving at a pole enters on its other side."""
    panorama = Equirect(*flow.shape[-2:])
    rows, columns = torch.meshgrid(*(torch.arange(n).double() + 0.5 for n in flow.shape[-2:]), indexing="ij")
    here = torch.stack([columns, rows], -1)
    there = here + flow.double().movedim(0, -1)
    return torch.rad2deg(angle_between(panorama.pixels_to_dirs(here), panorama.pixels_to_dirs(there)))


def motion_of(flow: Float[Tensor, "2 height width"]) -> float:
    """The mean angle of a flow in degrees, by the area on the sphere."""
    angles = flow_angles(flow)
    return (angles.mean(1) @ row_weights(angles[None, None])).item()


def _shrink(frame: Float[Tensor, "3 height width"], height: int) -> Tensor:
    if frame.shape[-2] <= height:
        return frame
    width = 2 * round(frame.shape[-1] * height / frame.shape[-2] / 2)
    return interpolate(frame[None], (height, width), mode="area")[0]
