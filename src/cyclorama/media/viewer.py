"""A panorama or a panoramic video as one HTML page with a viewer inside: no server and no network.

The page listens to its address: `page.html#yaw=180&pitch=0&hfov=90` opens in that direction, degrees, yaw to the
right, pitch up, hfov the horizontal field of view. Data of more than `pages.MAX_EMBEDDED` bytes lie in a folder beside
it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cyclorama.media.levels import to_dtype
from cyclorama.media.pages import MAX_EMBEDDED, check_page_output, write_page
from cyclorama.media.partial import CroppedArea, cropped_area, expand_partial
from cyclorama.media.pictures import Picture, read_picture
from cyclorama.media.tiles import cube_tiles, plan_pyramid, shrink, to_jpeg
from cyclorama.media.video import describe_video

__all__ = ["MAX_TEXTURE", "check_page_output", "write_video_page", "write_viewer_page"]

MAX_TEXTURE = 8192
"""The widest panorama that is one texture; nearly every browser's WebGL 2 takes it. Wider ones become cube tiles."""

Region = tuple[float, float, float, float]  # left, top, width, height as fractions of the whole sphere
Parts = list[tuple[str, bytes]]

_SHOWN = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")  # formats of browsers
_BACKGROUND = (11, 12, 15)
_PREVIEW_HEIGHT = 1024
_PART_BYTES = 12 * 2**20
_WHOLE = (0.0, 0.0, 1.0, 1.0)
_CONTAINERS = {"mp4": "video/mp4", "webm": "video/webm"}  # ffmpeg's names


def write_viewer_page(
    panorama_path: str | Path,
    page_path: str | Path,
    *,
    title: str | None = None,
    max_texture: int = MAX_TEXTURE,
    max_embedded: int = MAX_EMBEDDED,
) -> None:
    """Writes the page of a panorama; without `title` its own prompt is the caption.

    A file that browsers show goes in as it is, another one as JPEG, one wider than `max_texture` as cube tiles. A part
    of the sphere stands where its GPano fields say. `ValueError`: unreadable, neither 2:1 nor with such fields, a page
    that cannot be written.
    """
    check_page_output(page_path)
    path = Path(panorama_path)
    picture = read_picture(path)
    area = _find_area(picture, path)
    build = _tile_page if max(area.height, area.width) > max_texture else _picture_page
    page, parts = build(path, picture, area)
    write_page(
        page_path,
        page | {"view": _first_view(_region(area))},
        parts,
        title=title or str(picture.parameters.get("prompt") or path.stem),
        details=" · ".join([*_made_by(picture.parameters), f"{area.width} × {area.height}"]),
        body="picture",
        num_bytes=sum(len(data) for _, data in parts),
        max_embedded=max_embedded,
    )


def write_video_page(
    video_path: str | Path, page_path: str | Path, *, title: str | None = None, max_embedded: int = MAX_EMBEDDED
) -> None:
    """Writes the page of an equirectangular MP4 or WebM; without `title` its own prompt is the caption.

    The file goes in as it is; whether it plays is the browser's business (H.264, VP9 and AV1 nearly everywhere). The
    `video` extra is needed. `ValueError`: unreadable, another format, no equirect, a page that cannot be written.
    """
    check_page_output(page_path)
    path = Path(video_path)
    info = describe_video(path)
    mime = next((mime for name, mime in _CONTAINERS.items() if name in info.format.split(",")), None)
    if mime is None:
        raise ValueError(f"cannot view {path}: browsers play MP4 and WebM, got {info.format}; convert it")
    if info.projection != "equirect":
        got = f"{info.height}x{info.width} (height x width)"
        raise ValueError(f"cannot view {path}: a 360° video is twice as wide as high, got {got}")
    num_bytes = path.stat().st_size
    names = [f"video-{number}" for number in range(-(-num_bytes // _PART_BYTES))]
    write_page(
        page_path,
        {"kind": "video", "parts": names, "mime": mime, "view": _first_view(_WHOLE)},
        _video_parts(path, names),
        title=title or str(info.parameters.get("prompt") or path.stem),
        details=" · ".join([*_made_by(info.parameters), f"{info.width} × {info.height}", f"{float(info.fps):.4g} fps"]),
        body="video",
        num_bytes=num_bytes,
        max_embedded=max_embedded,
    )


def _picture_page(path: Path, picture: Picture, area: CroppedArea) -> tuple[dict[str, Any], Parts]:
    page = {"kind": "picture", "flat": "panorama", "region": _region(area)}
    if picture.format in _SHOWN and not picture.alpha and picture.mode != "CMYK":
        return page | {"mime": Image.MIME[picture.format]}, [("panorama", path.read_bytes())]
    return page | {"mime": "image/jpeg"}, [("panorama", to_jpeg(_levels(picture, path)))]


def _tile_page(path: Path, picture: Picture, area: CroppedArea) -> tuple[dict[str, Any], Parts]:
    pixels = _levels(picture, path)
    if not area.whole:
        pixels, seen = expand_partial(pixels, picture.gpano)
        pixels[~seen] = _BACKGROUND
    pyramid = plan_pyramid(pixels.shape[1])
    parts = [("preview", to_jpeg(shrink(pixels, _PREVIEW_HEIGHT))), *cube_tiles(pixels, pyramid)]
    tiles = {"size": pyramid.size, "levels": pyramid.levels}
    return {"kind": "tiles", "flat": "preview", "mime": "image/jpeg", "tiles": tiles}, parts


def _find_area(picture: Picture, path: Path) -> CroppedArea:
    """Where the picture lies on the sphere: as its GPano fields say, else everywhere if it is 2:1."""
    height, width = picture.pixels.shape[:2]
    try:
        area = cropped_area(picture.gpano, height, width)
    except ValueError as fault:
        raise ValueError(f"cannot view {path}: {fault}") from fault
    if area is None and width != 2 * height:
        wanted = "a panorama is twice as wide as high or says in GPano fields what it shows"
        raise ValueError(f"cannot view {path}: {wanted}, got {height}x{width} (height x width)")
    return area or CroppedArea(0, 0, height, width, height)


def _region(area: CroppedArea) -> Region:
    full_height, full_width = area.full_height, area.full_width
    return area.left / full_width, area.top / full_height, area.width / full_width, area.height / full_height


def _levels(picture: Picture, path: Path) -> np.ndarray:
    try:
        return to_dtype(picture.pixels, "uint8")
    except ValueError as fault:
        raise ValueError(f"cannot view {path}: {fault}") from fault


def _first_view(region: Region) -> dict[str, float]:
    left, top, width, height = region
    return {"yaw": (left + width / 2 - 0.5) * 360, "pitch": (0.5 - top - height / 2) * 180, "hfov": 100}


def _made_by(parameters: Mapping[str, Any]) -> list[str]:
    parts = [str(parameters[key]) for key in ("model", "lora") if parameters.get(key)]
    return [*parts, f"seed {parameters['seed']}"] if "seed" in parameters else parts


def _video_parts(path: Path, names: list[str]) -> Iterator[tuple[str, bytes]]:
    with path.open("rb") as file:
        for name in names:
            yield name, file.read(_PART_BYTES)
