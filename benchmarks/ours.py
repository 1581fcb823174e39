"""Cyclorama as a contender, on NumPy pictures [H, W, C] and on torch tensors [C, H, W]; see peers.py.

Antialiasing is off, so that every contender does the same work.
"""

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from analytic import Array, View
from peers import SIZE, Job

from cyclorama.geometry import Cubemap, Equirect, Perspective, reproject, rotation_matrix, stitch


class Ours:
    """Cyclorama on NumPy pictures; it uses the cores of the process, or OMP_NUM_THREADS."""

    name = "Cyclorama"
    dtypes = ("uint8", "float32")

    def __init__(self, num_threads: int) -> None:
        pass

    def views(self, image: Array, views: Sequence[View], mode: str = "bilinear") -> Job:
        given = self._given(image)
        calls = [partial(self._call(image, view, mode), **self._kept(image, (SIZE, SIZE))) for view in views]
        return Job(lambda: [call(given) for call in calls], self._pictures)

    def bicubic(self, image: Array, view: View) -> Job:
        return self.views(image, [view], "bicubic")

    def rotate(self, image: Array, view: View) -> Job:
        given, panorama = self._given(image), Equirect(len(image), 2 * len(image))
        call = partial(reproject, source=panorama, target=panorama, rotation=_turn(view), antialias=False)
        call = partial(call, **self._kept(image, image.shape[:2]))
        return Job(lambda: [call(given)], self._pictures)

    def video(self, frames: Array, view: View) -> Job:
        given, call = [self._given(frame) for frame in frames], self._call(frames[0], view)
        kept = [self._kept(frames, (SIZE, SIZE)) for _ in given]
        return Job(lambda: [call(frame, **out) for frame, out in zip(given, kept, strict=True)], self._pictures)

    def cube(self, image: Array, size: int) -> Job:
        given, panorama = self._given(image), Equirect(len(image), 2 * len(image))
        kept = self._kept(image, (6, size, size))
        return Job(lambda: reproject(given, panorama, Cubemap(size), antialias=False, **kept), self._pictures)

    def equirect(self, faces: Array, height: int) -> Job:
        given, cube, panorama = self._given(faces), Cubemap(faces.shape[1]), Equirect(height, 2 * height)
        kept = self._kept(faces, (height, 2 * height))
        return Job(lambda: [reproject(given, cube, panorama, antialias=False, **kept)], self._pictures)

    def any_view(self, image: Array) -> Job:
        given = self._given(image)
        return Job(lambda view: [self._call(image, view)(given)], self._pictures)

    def stitch(self, pictures: Array, views: Sequence[View], height: int) -> Job:
        given, target = self._given(pictures), Equirect(height, 2 * height)
        camera, turns = Perspective(SIZE, SIZE, views[0].fov_deg), np.stack([_turn(view) for view in views])
        return Job(lambda: [stitch(given, camera, turns, target)[0]], self._pictures)

    def _call(self, image: Array, view: View, mode: str = "bilinear") -> Any:
        source, target = Equirect(len(image), 2 * len(image)), Perspective(SIZE, SIZE, view.fov_deg)
        return partial(reproject, source=source, target=target, rotation=_turn(view), mode=mode, antialias=False)

    def _kept(self, pixels: Array, size: Sequence[int]) -> dict[str, Any]:
        """The memory that results are written to, made once, as OpenCV's `dst` is."""
        return {"out": np.empty((*size, 3), pixels.dtype)}

    def _given(self, pixels: Array) -> Any:
        return pixels

    def _pictures(self, result: Any) -> Array:
        return np.stack(list(result))


class OursTorch(Ours):
    """Cyclorama on torch tensors."""

    name = "Cyclorama, torch"

    def __init__(self, num_threads: int) -> None:
        import_module("torch").set_num_threads(num_threads)

    def _kept(self, pixels: Array, size: Sequence[int]) -> dict[str, Any]:
        return {}

    def _given(self, pixels: Array) -> Any:
        return import_module("torch").from_numpy(np.ascontiguousarray(np.moveaxis(pixels, -1, -3)))

    def _pictures(self, result: Any) -> Array:
        return np.stack([np.moveaxis(picture.numpy(), -3, -1) for picture in result])


def _turn(view: View) -> Array:
    return rotation_matrix(view.yaw_deg, view.pitch_deg, view.roll_deg)
