"""Where pictures go: extensions that we write, and numbered names. Loads no torch, so a bad path shows at once."""

from importlib.util import find_spec
from pathlib import Path

from cyclorama.media.atomic import check_folder

FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".avif": "AVIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".exr": "EXR",
}
EXR_MISSING = "the package OpenEXR is not installed; install it (pip install 'cyclorama[exr]')"


def check_output(path: str | Path) -> None:
    """Raises `ValueError` unless a picture can be written at `path`; costs nothing, so ask before long work."""
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        got = suffix or "no extension"
        raise ValueError(f"cannot write {path}: got {got}, wanted one of {', '.join(FORMATS)}")
    if FORMATS[suffix] == "EXR" and find_spec("OpenEXR") is None:
        raise ValueError(f"cannot write {path}: {EXR_MISSING}")
    check_folder(path)


def numbered_paths(path: str | Path, count: int) -> list[Path]:
    """`[path]` for one picture, else `name-1.jpg`, `name-2.jpg`, ..."""
    path = Path(path)
    if count == 1:
        return [path]
    return [path.with_stem(f"{path.stem}-{number}") for number in range(1, count + 1)]
