"""Files with changed, missing and added bytes end in a picture or in one line, silently and in bounded memory."""

import random
import resource
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cyclorama.media.depth import read_depth, write_depth
from cyclorama.media.description import describe_read
from cyclorama.media.metadata import gpano_fields
from cyclorama.media.partial import expand_partial
from cyclorama.media.pictures import read_picture, write_picture

ROWS, COLUMNS = np.mgrid[:24, :48].astype(np.uint8)
WAVES = np.stack([ROWS, COLUMNS, ROWS + COLUMNS], axis=-1)
EXTREMES = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\xff\xff")
OURS = ["jpg", "png", "webp", "avif", "tif", "exr", "16.png", "16.tif", "32.tif"]
PILLOWS = ["gif", "bmp", "ppm", "jp2", "tga", "qoi", "lzw.tif", "jpeg.tif", "progressive.jpg", "animated.webp"]
DEPTHS = ["npy", "depth.png", "depth.exr"]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _write(kind: str, path: Path) -> None:
    if kind in DEPTHS:
        write_depth(WAVES[..., 0].astype(np.float32), path)
    elif kind in OURS:
        dtype = {"16": np.uint16, "32": np.float32}.get(kind.split(".")[0], np.uint8)
        fields = gpano_fields(24, 48, left=1, top=2, full_width=100)
        write_picture(WAVES.astype(dtype), path, gpano=fields, parameters={"prompt": "x"})
    else:
        image = Image.fromarray(WAVES)
        options = {
            "lzw.tif": {"compression": "tiff_lzw"},
            "jpeg.tif": {"compression": "jpeg"},
            "progressive.jpg": {"progressive": True},
            "animated.webp": {"save_all": True, "append_images": [image.rotate(90)]},
        }
        image.save(path, **options.get(kind, {}))


def _mutated(data: bytes, dice: random.Random) -> bytes:
    spoiled = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 5, 20])):
        at = dice.randrange(len(spoiled) if dice.random() < 0.5 else min(len(spoiled), 200))
        match dice.randrange(6):
            case 0:
                spoiled[at] ^= 1 << dice.randrange(8)
            case 1:
                spoiled[at] = dice.choice([0, 1, 127, 128, 255])
            case 2:
                spoiled = spoiled[: max(at, 1)]
            case 3:
                spoiled[at:at] = dice.randbytes(dice.randrange(9))
            case 4:
                del spoiled[at : at + dice.randrange(1, 9)]
            case 5:
                spoiled[at : at + 4] = dice.choice(EXTREMES)
        spoiled = spoiled or bytearray(b"x")
    return bytes(spoiled)


def _fault(path: Path, kind: str) -> str | None:
    """Why the file is refused; None where it is read."""
    try:
        if kind in DEPTHS:
            read_depth(path)
            return None
        picture = read_picture(path)
        info = describe_read(picture, path)
        if info.area is not None and info.area.full_height < 1000:
            expand_partial(picture.pixels, picture.gpano)
    except ValueError as fault:
        return str(fault)
    return None


@pytest.mark.parametrize("kind", [*OURS, *PILLOWS, *DEPTHS])
def test_spoiled_files_end_in_a_picture_or_one_line(kind, capfd):
    if kind.endswith("exr"):
        pytest.importorskip("OpenEXR")
    path = Path(f"p.{kind.split('.')[-1]}")
    _write(kind, path)
    data, dice = path.read_bytes(), random.Random(kind)
    assert _fault(path, kind) is None
    for _ in range(60):
        path.write_bytes(_mutated(data, dice))
        fault = _fault(path, kind) or f"cannot read {path}: "
        assert fault.startswith(f"cannot read {path}: ")
        assert len(fault.splitlines()) == 1
        assert len(fault) < 400
    assert capfd.readouterr() == ("", "")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4_000_000  # kilobytes on Linux


@pytest.mark.parametrize("kind", [*OURS, *PILLOWS, *DEPTHS])
def test_every_truncation_is_refused_or_whole(kind):
    if kind.endswith("exr"):
        pytest.importorskip("OpenEXR")
    path = Path(f"p.{kind.split('.')[-1]}")
    _write(kind, path)
    data = path.read_bytes()
    for kept in range(0, int(len(data) * 0.6), max(1, len(data) // 25)):
        path.write_bytes(data[:kept])
        # Pillow puts a TIFF's metadata last: without them the picture is whole.
        assert _fault(path, kind) is not None or (kind == "tif" and (read_picture(path).pixels == WAVES).all())
