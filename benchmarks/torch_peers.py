"""The peers that work on torch tensors [C, H, W]: equilib, pytorch360convert and kornia; see peers.py.

A uint8 picture that a peer cannot take is made float32 and rounded back inside the timed call, as its user would.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from analytic import Array, View, cube_dirs, dirs_to_cube, dirs_to_equirect, equirect_dirs, matrix, view_dirs
from peers import SIZE, Job


class Equilib:
    """equilib on torch; its objects keep the part of the grid that does not depend on the rotation."""

    name = "equilib"
    dtypes = ("uint8", "float32")

    def __init__(self, num_threads: int) -> None:
        self.torch: Any = import_module("torch")
        self.torch.set_num_threads(num_threads)
        self.equilib: Any = import_module("equilib")

    def any_view(self, image: Array, mode: str = "bilinear") -> Job:
        tensor, views = _tensor(image), {}

        def call(view: View) -> list[Any]:
            if view.fov_deg not in views:
                views[view.fov_deg] = self.equilib.Equi2Pers(SIZE, SIZE, view.fov_deg, mode=mode, z_down=True)
            return [views[view.fov_deg](tensor, _rotation(view))]

        return Job(call, _pictures)

    def views(self, image: Array, views: Sequence[View]) -> Job:
        call = self.any_view(image).call
        return Job(lambda: [call(view)[0] for view in views], _pictures)

    def bicubic(self, image: Array, view: View) -> Job:
        call = self.any_view(image, "bicubic").call
        return Job(lambda: call(view), _pictures)

    def video(self, frames: Array, view: View) -> Job:
        calls = [self.any_view(frame).call for frame in frames]
        return Job(lambda: [call(view)[0] for call in calls], _pictures)

    def cube(self, image: Array, size: int) -> Job:
        tensor, convert = _tensor(image), self.equilib.Equi2Cube(size, "list", z_down=True)
        return Job(lambda: convert(tensor, _rotation(View())), _pictures)

    def equirect(self, faces: Array, height: int) -> Job:
        given, convert = list(_tensor(faces)), self.equilib.Cube2Equi(height, 2 * height, "list")
        return Job(lambda: [convert(given)], _pictures)

    def rotate(self, image: Array, view: View) -> Job:
        tensor, convert = _tensor(image), self.equilib.Equi2Equi(z_down=True)
        return Job(lambda: [convert(tensor, _rotation(view))], _pictures)

    def stitch(self, pictures: Array, views: Sequence[View], height: int) -> Job:
        """Each view times its weights, and its weights, turned into panoramas that are added up and divided."""
        x = 1 - (self.torch.arange(SIZE) * 2 + 1 - SIZE).abs() / SIZE
        hat, tensors = (x[:, None] * x)[None], _tensor(pictures)
        convert = self.equilib.Pers2Equi(height, 2 * height, z_down=True)
        turns = [_rotation(_inverse(view)) for view in views]

        def call() -> list[Any]:
            total = self.torch.zeros(4, height, 2 * height)
            for tensor, turn, view in zip(tensors, turns, views, strict=True):
                total = total + convert(self.torch.cat([tensor * hat, hat]), turn, view.fov_deg)
            return [_like(total[:3] / total[3:].clamp(min=1e-6), tensors)]

        return Job(call, _pictures)


class Pytorch360convert:
    """pytorch360convert, which keeps nothing."""

    name = "pytorch360convert"
    dtypes = ("uint8", "float32")

    def __init__(self, num_threads: int) -> None:
        import_module("torch").set_num_threads(num_threads)
        self.convert: Any = import_module("pytorch360convert")

    def any_view(self, image: Array, mode: str = "bilinear") -> Job:
        tensor = _tensor(image)

        def call(view: View) -> list[Any]:
            angles = view.yaw_deg, view.pitch_deg, (SIZE, SIZE), view.roll_deg
            return [_like(self.convert.e2p(tensor.float(), view.fov_deg, *angles, mode), tensor)]

        return Job(call, _pictures)

    def views(self, image: Array, views: Sequence[View]) -> Job:
        call = self.any_view(image).call
        return Job(lambda: [call(view)[0] for view in views], _pictures)

    def bicubic(self, image: Array, view: View) -> Job:
        call = self.any_view(image, "bicubic").call
        return Job(lambda: call(view), _pictures)

    def video(self, frames: Array, view: View) -> Job:
        tensor, angles = _tensor(frames), (view.yaw_deg, view.pitch_deg, (SIZE, SIZE), view.roll_deg)
        return Job(lambda: _like(self.convert.e2p(tensor.float(), view.fov_deg, *angles), tensor), _pictures)

    def cube(self, image: Array, size: int) -> Job:
        tensor = _tensor(image)
        return Job(lambda: _like(self.convert.e2c(tensor.float(), size, cube_format="stack"), tensor), _pictures)

    def equirect(self, faces: Array, height: int) -> Job:
        tensor, sizes = _tensor(faces), (height, 2 * height)
        return Job(lambda: [_like(self.convert.c2e(tensor.float(), *sizes, cube_format="stack"), tensor)], _pictures)

    def rotate(self, image: Array, view: View) -> Job:
        """Its pitch turns about the axis (1, 0, 1), so no angles give the rotation that was asked for."""
        tensor, angles = _tensor(image), (view.roll_deg, view.yaw_deg, view.pitch_deg)
        return Job(lambda: [_like(self.convert.e2e(tensor.float(), *angles), tensor)], _pictures)


class Kornia:
    """`kornia.geometry.transform.remap` with exact normalised maps kept; the nearest pixel repeats at every border."""

    name = "kornia remap, maps kept"
    dtypes = ("uint8", "float32")

    def __init__(self, num_threads: int) -> None:
        self.torch: Any = import_module("torch")
        self.torch.set_num_threads(num_threads)
        self.remap = import_module("kornia.geometry.transform").remap

    def views(self, image: Array, views: Sequence[View]) -> Job:
        tensor, maps = _tensor(image)[None], self._maps([view_dirs(SIZE, view) for view in views], len(image))
        return Job(lambda: self._sample(tensor, maps), _pictures)

    def bicubic(self, image: Array, view: View) -> Job:
        tensor, maps = _tensor(image)[None], self._maps([view_dirs(SIZE, view)], len(image))
        return Job(lambda: self._sample(tensor, maps, "bicubic"), _pictures)

    def rotate(self, image: Array, view: View) -> Job:
        tensor, maps = _tensor(image)[None], self._maps([equirect_dirs(len(image), view)], len(image))
        return Job(lambda: self._sample(tensor, maps), _pictures)

    def video(self, frames: Array, view: View) -> Job:
        tensor, (x, y) = _tensor(frames), self._maps([view_dirs(SIZE, view)], frames.shape[1])
        maps = x.expand(len(frames), -1, -1), y.expand(len(frames), -1, -1)
        return Job(lambda: self._sample(tensor, maps), _pictures)

    def cube(self, image: Array, size: int) -> Job:
        tensor, maps = _tensor(image)[None], self._maps(list(cube_dirs(size)), len(image))
        return Job(lambda: self._sample(tensor, maps), _pictures)

    def equirect(self, faces: Array, height: int) -> Job:
        size = faces.shape[1]
        face, x, y = dirs_to_cube(equirect_dirs(height), size)
        rows = y.clip(0, size - 1) + size * face
        strip = _tensor(faces.reshape(6 * size, size, 3))[None]
        maps = self._normalised(x.clip(0, size - 1)[None], rows[None], 6 * size, size)
        return Job(lambda: self._sample(strip, maps), _pictures)

    def _maps(self, dirs: list[Array], height: int) -> tuple[Any, Any]:
        return self._normalised(*dirs_to_equirect(np.stack(dirs), height), height, 2 * height)

    def _normalised(self, x: Array, y: Array, height: int, width: int) -> tuple[Any, Any]:
        maps = 2 * x / (width - 1) - 1, 2 * y / (height - 1) - 1
        return self.torch.from_numpy(maps[0]).float(), self.torch.from_numpy(maps[1]).float()

    def _sample(self, tensor: Any, maps: tuple[Any, Any], mode: str = "bilinear") -> Any:
        how = {"padding_mode": "border", "align_corners": True, "normalized_coordinates": True}
        pictures = tensor.float().expand(len(maps[0]), -1, -1, -1)
        return _like(self.remap(pictures, *maps, mode, **how), tensor)


def _tensor(pixels: Array) -> Any:
    torch: Any = import_module("torch")
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(pixels, -1, -3)))


def _like(result: Any, tensor: Any) -> Any:
    return result if tensor.is_floating_point() else result.round().clamp(0, 255).to(tensor.dtype)


def _pictures(result: Any) -> Array:
    return np.stack([np.moveaxis(picture.numpy(), -3, -1) for picture in result])


def _rotation(view: View) -> dict[str, float]:
    return {name: float(np.radians(getattr(view, f"{name}_deg"))) for name in ("roll", "pitch", "yaw")}


def _inverse(view: View) -> View:
    """The angles of the opposite turn, which is what equilib's panorama from a perspective takes."""
    turned = matrix(view).T
    x, y, z = -turned[:, 2]
    pitch = np.degrees(np.arcsin(np.clip(y, -1, 1)))
    if abs(y) > 1 - 1e-9:
        return View(np.degrees(np.arctan2(turned[2, 0], turned[0, 0])), pitch)
    return View(np.degrees(np.arctan2(x, -z)), pitch, np.degrees(np.arctan2(-turned[1, 0], turned[1, 1])))
