"""One HTML page with data inside: pictures, tiles and videos in base64, or in a folder of scripts where they are many.

The page asks for nothing outside itself and that folder; its content security policy forbids it. Scripts, because a
page that was opened from disk may run those beside it, but may not read pictures and videos into a texture.
"""

import html
import json
import re
import shutil
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from cyclorama.media.atomic import atomic_file, check_folder, write_text

MAX_EMBEDDED = 100_000_000
"""The most bytes of data that go into the page itself; more go into the folder beside it."""

_SCRIPTS = ("sphere", "tiles", "look", "parts", "panel")
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def check_page_output(page_path: str | Path) -> None:
    """Raises `ValueError` unless a page can be written at `page_path`."""
    suffix = Path(page_path).suffix.lower()
    if suffix not in (".html", ".htm"):
        raise ValueError(f"cannot write {page_path}: got {suffix or 'no extension'}, wanted .html")
    check_folder(page_path)


def data_folder(page_path: str | Path) -> Path:
    """The folder beside a page for data that are too big for it."""
    page_path = Path(page_path)
    return page_path.with_name(f"{page_path.stem}_files")


def write_page(
    page_path: str | Path,
    page: Mapping[str, Any],
    parts: Iterable[tuple[str, bytes]],
    *,
    title: str,
    details: str,
    body: str,
    num_bytes: int,
    max_embedded: int = MAX_EMBEDDED,
) -> None:
    """Writes the page; `page` is what its scripts know as `PAGE`, `parts` are its data with their names.

    `body` is "picture" or "video". `num_bytes` is what the parts take together: above `max_embedded` they go into
    `data_folder(page_path)`. The page appears last, whole or not at all.
    """
    folder = data_folder(page_path) if num_bytes > max_embedded else None
    values = {
        "title": html.escape(title),
        "details": html.escape(details),
        "css": _packaged("page.css"),
        "js": "\n".join(_packaged(f"{name}.js") for name in (*_SCRIPTS, body)),
        "body": _packaged(f"{body}.html").strip(),
        "scripts_from": "'unsafe-inline'" + (" 'self' file:" if folder else ""),
        "page": _to_script({**page, "folder": folder and folder.name}),
    }
    halves = _packaged("page.html").split("{{parts}}\n")
    head, tail = (_PLACEHOLDER.sub(lambda match: values[match[1]], half) for half in halves)
    if folder is None:
        _write_embedded(page_path, head, parts, tail)
        return
    with _new_folder(folder):
        for name, data in parts:
            write_text(f'receivePart("{name}", "{_base64(data)}");\n', folder / f"{name}.js")
        write_text(head + tail, page_path)


def _write_embedded(page_path: str | Path, head: str, parts: Iterable[tuple[str, bytes]], tail: str) -> None:
    with atomic_file(page_path) as file:
        file.write(head.encode("utf-8"))
        for name, data in parts:
            file.write(f'<script type="text/plain" data-part="{name}">'.encode())
            file.write(b64encode(data))
            file.write(b"</script>\n")
        file.write(tail.encode("utf-8"))


@contextmanager
def _new_folder(folder: Path) -> Iterator[None]:
    """After any error a folder that was not there before is gone again."""
    existed = folder.exists()
    if existed and not folder.is_dir():
        raise ValueError(f"cannot write the folder {folder}: there is a file of that name")
    folder.mkdir(exist_ok=True)
    try:
        yield
    except BaseException:
        if not existed:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _to_script(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True).replace("<", "\\u003c")


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _packaged(name: str) -> str:
    return (files("cyclorama.media") / "viewer_page" / name).read_text(encoding="utf-8")
