"""nerfstudio's `transforms.json`: OpenGL camera axes and `cam_to_world`, as here.

An equirect is `EQUIRECTANGULAR` with fl_x = w / 2, fl_y = h, cx = w / 2, cy = h / 2; a pinhole is `OPENCV` without
distortion. https://docs.nerf.studio/quickstart/data_conventions.html
"""

from pathlib import Path
from typing import Any

from cyclorama.media.cameras import Cameras, Lens, poses_of, read_json, read_key, read_list, write_json

_PINHOLES = ("OPENCV", "PINHOLE", "SIMPLE_PINHOLE")
_DISTORTION = ("k1", "k2", "k3", "k4", "k5", "k6", "p1", "p2")


def write_transforms(cameras: Cameras, path: str | Path, *, points: str | None = None) -> None:
    """Writes `transforms.json`; `points` names a .ply file beside it. `read_transforms` reads it.

    Raises ValueError for equirects and pinholes in one file, which the format cannot hold.
    """
    kinds = {lens.is_equirect for lens in cameras.lenses}
    if len(kinds) != 1:
        raise ValueError(f"got {len(kinds)} kinds of cameras, wanted equirects only or pinholes only: write two files")
    shared = len(set(cameras.lenses)) == 1
    content: dict[str, Any] = {"camera_model": "EQUIRECTANGULAR" if kinds.pop() else "OPENCV"}
    if shared:
        content |= _intrinsics(cameras.lenses[0])
    if points is not None:
        content["ply_file_path"] = points
    content["frames"] = [
        {"file_path": name, **({} if shared else _intrinsics(lens)), "transform_matrix": rows}
        for name, lens, rows in zip(cameras.names, cameras.lenses, cameras.rows(), strict=True)
    ]
    write_json(content, path)


def read_transforms(path: str | Path) -> Cameras:
    """The cameras of a `transforms.json`, float64, equirects and pinholes without distortion.

    Raises ValueError for another camera model, distortion, missing entries and matrices that are no poses.
    """
    content = read_json(path)
    frames = read_list(content, "frames", path)
    poses = poses_of([read_key(frame, "transform_matrix", path) for frame in frames], path)
    names = tuple(str(read_key(frame, "file_path", path)).removeprefix("./") for frame in frames)
    return Cameras(names, poses, tuple(_lens(content | frame, path) for frame in frames))


def _intrinsics(lens: Lens) -> dict[str, Any]:
    fl_x, fl_y = lens.focal or (lens.width / 2, float(lens.height))
    cx, cy = lens.centre or (lens.width / 2, lens.height / 2)
    return {"w": lens.width, "h": lens.height, "fl_x": fl_x, "fl_y": fl_y, "cx": cx, "cy": cy}


def _lens(entries: dict[str, Any], path: str | Path) -> Lens:
    model = entries.get("camera_model", "OPENCV")
    if model != "EQUIRECTANGULAR" and model not in _PINHOLES:
        wanted = ", ".join(("EQUIRECTANGULAR", *_PINHOLES))
        raise ValueError(f"cannot read {path}: got the camera model {model!r}, wanted one of {wanted}")
    try:
        if any(float(entries.get(name, 0)) != 0 for name in _DISTORTION):
            raise ValueError(f"cannot read {path}: its lens distorts; undistort the pictures first")
        height, width = int(read_key(entries, "h", path)), int(read_key(entries, "w", path))
        if model == "EQUIRECTANGULAR":
            return Lens(height, width)
        fl_x = float(read_key(entries, "fl_x", path))
        centre = float(entries.get("cx", width / 2)), float(entries.get("cy", height / 2))
        return Lens(height, width, (fl_x, float(entries.get("fl_y", fl_x))), centre)
    except (TypeError, OverflowError) as fault:
        raise ValueError(f"cannot read {path}: an entry of its camera is no number") from fault
