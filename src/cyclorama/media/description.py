"""What a picture file is: size, projection, metadata, the parameters that generated it. Loads no torch."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from cyclorama.media.metadata import read_embedded_parameters, read_gpano


@dataclass(frozen=True)
class PictureInfo:
    """What a file says about itself; `projection` is "equirect" or "unknown", `evidence` is why."""

    path: Path
    format: str
    height: int
    width: int
    projection: str
    evidence: str
    gpano: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)


def read_parameters(path: str | Path) -> dict[str, Any]:
    """The generation parameters that `write_panorama` stored; {} where there are none."""
    with opened_picture(path) as picture:
        return read_embedded_parameters(picture)


def describe_picture(path: str | Path) -> PictureInfo:
    """Size, projection and metadata of a file. `ValueError` as `read_image`."""
    with opened_picture(path) as picture:
        gpano = read_gpano(picture)
        projection, evidence = _guess_projection(gpano, picture.height, picture.width)
        parameters = read_embedded_parameters(picture)
        format_name = picture.format or "unknown"
        height, width = picture.height, picture.width
    return PictureInfo(Path(path), format_name, height, width, projection, evidence, gpano, parameters)


def _guess_projection(gpano: Mapping[str, str], height: int, width: int) -> tuple[str, str]:
    if gpano.get("ProjectionType") == "equirectangular":
        return "equirect", "GPano metadata"
    if width == 2 * height:
        return "equirect", "its size is 2:1; it has no GPano metadata"
    return "unknown", "no GPano metadata, and its size is not 2:1"


@contextmanager
def opened_picture(path: str | Path) -> Iterator[Image.Image]:
    """A fully read picture; `ValueError` for a missing, unreadable or truncated file."""
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"cannot read {path}: no such file")
    try:
        # A 16k panorama passes the size at which Pillow suspects a bomb.
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            picture = Image.open(path)
        with picture:
            picture.load()
            yield picture
    except UnidentifiedImageError as fault:
        raise ValueError(f"cannot read {path}: not a picture (JPEG, PNG, WebP ... wanted)") from fault
    except Image.DecompressionBombError as fault:
        raise ValueError(f"cannot read {path}: {fault}") from fault
    except (OSError, SyntaxError, EOFError) as fault:
        raise ValueError(f"cannot read {path}: the picture is damaged or truncated ({fault})") from fault
