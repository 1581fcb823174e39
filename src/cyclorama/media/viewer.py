"""A panorama as one HTML page with a viewer inside: no server, no network, no other file.

The page asks for nothing outside itself (its content security policy forbids it) and listens to its address:
`page.html#yaw=180&pitch=0&hfov=90` opens in that direction, degrees, yaw to the right, pitch up.
"""

import base64
import html
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from PIL import Image

from cyclorama.media.atomic import check_folder, write_text
from cyclorama.media.description import PictureInfo, describe_picture

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def write_viewer_page(panorama_path: str | Path, page_path: str | Path, *, title: str | None = None) -> None:
    """Writes the page for a 2:1 panorama that a browser can show; without `title` its own prompt is the caption.

    `ValueError`: unreadable, not 2:1, a format that browsers do not know, or a page that cannot be written.
    """
    check_page_output(page_path)
    info = describe_picture(panorama_path)
    if info.width != 2 * info.height:
        got = f"{info.height}x{info.width}"
        raise ValueError(f"cannot view {panorama_path}: a panorama is twice as wide as high, got {got}")
    write_text(_fill_page(info, title), page_path)


def check_page_output(page_path: str | Path) -> None:
    """Raises `ValueError` unless a page can be written at `page_path`."""
    suffix = Path(page_path).suffix.lower()
    if suffix not in (".html", ".htm"):
        raise ValueError(f"cannot write {page_path}: got {suffix or 'no extension'}, wanted .html")
    check_folder(page_path)


def _fill_page(info: PictureInfo, title: str | None) -> str:
    caption = title or str(info.parameters.get("prompt") or info.path.stem)
    picture = base64.b64encode(info.path.read_bytes()).decode("ascii")
    values = {
        "title": html.escape(caption),
        "details": html.escape(_details(info)),
        "licence": _packaged("pannellum-LICENSE.txt"),
        "viewer_css": _packaged("pannellum.css"),
        "viewer_js": _packaged("pannellum.js"),
        "mime": json.dumps(_mime(info)),
        "panorama": picture,
    }
    return _PLACEHOLDER.sub(lambda match: values[match[1]], _packaged("page.html"))


def _mime(info: PictureInfo) -> str:
    mime = Image.MIME.get(info.format, "")
    if info.format not in ("JPEG", "MPO", "PNG", "WEBP", "AVIF", "GIF"):
        raise ValueError(
            f"cannot view {info.path}: browsers do not show {info.format}; convert it to JPEG, PNG or WebP"
        )
    return "image/jpeg" if info.format == "MPO" else mime


def _details(info: PictureInfo) -> str:
    return " · ".join([*_made_by(info.parameters), f"{info.width} × {info.height}"])


def _made_by(parameters: Mapping[str, Any]) -> list[str]:
    parts = [str(parameters[key]) for key in ("model", "lora") if parameters.get(key)]
    return [*parts, f"seed {parameters['seed']}"] if "seed" in parameters else parts


def _packaged(name: str) -> str:
    return (files("cyclorama.media") / "viewer_page" / name).read_text(encoding="utf-8")
