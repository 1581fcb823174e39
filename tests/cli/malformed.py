"""Doubtful files and command lines for `test_malformed`: small files of every format, and what can happen to them."""

import io
import struct
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from cyclorama.media.layouts import face_names
from cyclorama.media.metadata import gpano_fields
from cyclorama.media.pictures import write_picture
from cyclorama.media.views import PROJECTIONS

HUGE = (0, 1, 255, 2**14, 2**15, 2**16 - 1, 2**24, 2**28, 2**31 - 1, 2**31, 2**32 - 1)
NAMES = tuple(face_names(layout) for layout in ("dice", "threejs", "unity"))
SUFFIXES = (".jpg", ".png", ".webp", ".avif", ".tif", ".exr", ".hdr", ".gif", ".mp4", ".webm", ".txt", "")


@dataclass(frozen=True)
class Case:
    """The files of a folder and one command line in it."""

    arguments: list[str]
    files: dict[str, bytes] = field(default_factory=dict, repr=False)


@cache
def good_files() -> dict[str, bytes]:
    """One small file of each kind, by its extension and what is special about it."""
    files = _pillow_files()
    colours = np.random.default_rng(0).integers(0, 256, (16, 32, 3), np.uint8)
    light = np.linspace(0, 2, 16 * 32 * 3, dtype=np.float32).reshape(16, 32, 3)
    damaged = light.copy()
    damaged[::3, ::5], damaged[1], damaged[2] = np.nan, np.inf, -np.inf
    part = gpano_fields(8, 16, left=8, top=4, full_height=16)
    pictures = {
        "whole.jpg": (colours, {"gpano": gpano_fields(16, 32), "parameters": {"prompt": "a\nlake", "seed": 1}}),
        "part.png": (colours[:8, :16], {"gpano": part}),
        "whole.webp": (colours, {"gpano": gpano_fields(16, 32)}),
        "whole.avif": (colours, {}),
        "deep.png": (colours.astype(np.uint16) * 257, {}),
        "deep.tif": (colours.astype(np.uint16) * 257, {"gpano": gpano_fields(16, 32)}),
        "light.tif": (light, {}),
        "nan.tif": (damaged, {}),
        "light.exr": (light, {}),
        "nan.exr": (damaged, {}),
        "dice.png": (colours[:12, :16], {}),
        "round.png": (_circle(), {}),
    }
    with TemporaryDirectory() as folder:
        for name, (pixels, metadata) in pictures.items():
            write_picture(pixels, Path(folder, name), **metadata)
            files[name] = Path(folder, name).read_bytes()
        files |= _videos(Path(folder), colours)
    return files


def _pillow_files() -> dict[str, bytes]:
    colours = Image.fromarray(np.random.default_rng(1).integers(0, 256, (16, 32, 3), np.uint8))
    rotated = Image.Exif()
    rotated[0x0112] = 6
    rows = {
        "palette.png": (colours.convert("P"), {}),
        "bits.png": (colours.convert("1"), {}),
        "grey16.png": (Image.new("I;16", (32, 16), 777), {}),
        "alpha.png": (colours.convert("RGBA"), {}),
        "cmyk.jpg": (colours.convert("CMYK"), {}),
        "grey.jpg": (colours.convert("L"), {}),
        "turned.jpg": (colours.transpose(Image.Transpose.ROTATE_90), {"exif": rotated}),
        "progressive.jpg": (colours, {"progressive": True}),
        "plain.tif": (colours, {"compression": "tiff_lzw"}),
        "cmyk.tif": (colours.convert("CMYK"), {}),
        "palette.gif": (colours, {}),
        "plain.bmp": (colours, {}),
        "plain.tga": (colours, {}),
        "plain.ppm": (colours, {}),
        "plain.jp2": (colours, {}),
        "tall.png": (colours.resize((1, 999)), {}),
        "dot.png": (colours.resize((1, 1)), {}),
        "two.png": (colours.resize((2, 1)), {}),
    }
    files = {}
    for name, (image, options) in rows.items():
        buffer = io.BytesIO()
        image.save(buffer, Image.registered_extensions()[Path(name).suffix], **options)
        files[name] = buffer.getvalue()
    scanlines = b"".join(bytes([1, 2, 3, 128]) for _ in range(16 * 32))
    return files | {"plain.hdr": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 16 +X 32\n" + scanlines}


def _circle() -> np.ndarray:
    y, x = np.mgrid[-15:16:2, -15:16:2] / 16
    return (np.hypot(x, y)[..., None].repeat(3, -1) < 1).astype(np.uint8) * 200


def _videos(folder: Path, colours: np.ndarray) -> dict[str, bytes]:
    try:
        import av
    except ImportError:
        return {}
    from cyclorama.media.video import write_video

    for name, spherical in (("whole.mp4", True), ("view.mov", False)):
        write_video(folder / name, [colours, colours[::-1], colours], fps=5, spherical=spherical)
    with av.open(str(folder / "plain.webm"), "w") as container:
        stream = container.add_stream("libvpx", rate=5)
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"  # pyright: ignore[reportAttributeAccessIssue]
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(colours)))
        container.mux(stream.encode(None))
    return {name: (folder / name).read_bytes() for name in ("whole.mp4", "view.mov", "plain.webm")}


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """The file with one to three faults; sometimes none, only its name or the command line is wrong then."""
    for _ in range(draw(st.integers(0, 3))):
        fault = draw(st.sampled_from((cut, flip, flip, claim, claim, repeat, drop)))
        data = draw(fault(data))
    return data


@st.composite
def cut(draw: st.DrawFn, data: bytes) -> bytes:
    return data[: draw(st.one_of(st.integers(0, len(data)), st.integers(len(data) // 2, len(data))))]


@st.composite
def flip(draw: st.DrawFn, data: bytes) -> bytes:
    """Some bytes changed, most of them in the header."""
    changed = bytearray(data)
    for place in draw(st.lists(_places(data), max_size=8)):
        changed[place : place + 1] = bytes([draw(st.integers(0, 255))])
    return bytes(changed)


@st.composite
def claim(draw: st.DrawFn, data: bytes) -> bytes:
    """A number in the header that is far too big, or zero."""
    place = draw(_places(data))
    number = struct.pack(draw(st.sampled_from((">I", "<I"))), draw(st.sampled_from(HUGE)))
    number = draw(st.sampled_from((number, number[:2], number[2:])))
    return data[:place] + number + data[place + len(number) :]


@st.composite
def repeat(draw: st.DrawFn, data: bytes) -> bytes:
    place, length = draw(_places(data)), draw(st.integers(1, 64))
    return data[:place] + data[place : place + length] * draw(st.integers(2, 9)) + data[place + length :]


@st.composite
def drop(draw: st.DrawFn, data: bytes) -> bytes:
    place = draw(_places(data))
    return data[:place] + data[place + draw(st.integers(1, 64)) :]


def _places(data: bytes) -> st.SearchStrategy[int]:
    """Anywhere, but more often in the header, and there more often behind the signature."""
    starts = (0, min(len(data), 12), min(len(data), 30))
    return st.one_of(*(st.integers(start, end) for start, end in zip(starts, (*starts[1:], len(data)), strict=True)))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A doubtful file, folder or pattern, and a command line of `convert`, `info` or `view` on it."""
    verb = draw(st.sampled_from(("convert", "convert", "info", "view")))
    folders = (_faces(), _folders()) if verb == "convert" else ()
    name, files = draw(st.one_of(_one_file(), _one_file(), _one_file(), *folders))
    if verb == "info":
        return Case(["info", name, *draw(st.sampled_from(([], ["--json"])))], files)
    if verb == "view":
        return Case(["view", name, "-o", draw(_mostly("page.html", "page.txt", "in", "no/p.html"))], files)
    return Case(["convert", name, draw(_outputs()), *draw(_flags())], files)


def _mostly(good: str, *others: str) -> st.SearchStrategy[str]:
    return st.sampled_from((good,) * 9 * len(others) + others)


@st.composite
def _one_file(draw: st.DrawFn) -> tuple[str, dict[str, bytes]]:
    kind = draw(st.sampled_from(sorted(good_files())))
    data = draw(damaged(good_files()[kind]))
    suffix = draw(st.one_of(st.just(Path(kind).suffix), st.just(Path(kind).suffix), st.sampled_from(SUFFIXES)))
    return f"file{suffix}", {f"file{suffix}": data}


@st.composite
def _faces(draw: st.DrawFn) -> tuple[str, dict[str, bytes]]:
    """Six faces of which some are missing, damaged or of another size."""
    names = draw(st.sampled_from(NAMES))
    kinds = ("round.png", "round.png", "round.png", "dot.png", "whole.jpg")
    files = {}
    for name in names[draw(st.sampled_from((0, 0, 0, 1, 5, 6))) :]:
        data = good_files()[draw(st.sampled_from(kinds if draw(st.booleans()) else kinds[:1]))]
        files[f"in/{name}.png"] = draw(damaged(data)) if draw(st.integers(0, 9)) == 0 else data
    return draw(_mostly("in", "in/{face}.png", "{face}.png")), files


@st.composite
def _folders(draw: st.DrawFn) -> tuple[str, dict[str, bytes]]:
    if draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(("none.jpg", ".", "", "none/none.png", "in\n.png", "\0"))), {}
    _, files = draw(_one_file())
    return "in", {f"in/{name}": data for name, data in files.items()}


def _outputs() -> st.SearchStrategy[str]:
    good = ("out.jpg", "out.png", "out.webp", "out.tif", "out.exr", "out.mp4", "out")
    return st.sampled_from(good * 5 + ("out.avif", "out.txt", "no/out.png", ".", "in", "file.png", "sky/{face}.png"))


@st.composite
def _flags(draw: st.DrawFn) -> list[str]:
    numbers = _mostly("33.3", "-90", "1e300", "nan", "-inf", "x", "")
    name = draw(st.sampled_from(tuple(PROJECTIONS)))
    flags = {
        "--from": _mostly("equirect", *PROJECTIONS, "cubemap:dice", "fisheye:9e9", "perspective:60", "globe:1", ":"),
        "--size": _mostly("8", "8x16", "16x16", "7x9", "0", "99999x99999", "x", "-1"),
        "--yaw-deg": numbers,
        "--pitch-deg": numbers,
        "--quality": _mostly("50", "1", "100", "0", "x"),
        "--interpolation": _mostly("nearest", "bicubic", "cubic"),
    }
    if name == "cubemap" or draw(st.integers(0, 9)) == 0:
        flags["--layout"] = _mostly("dice", "threejs", "3x2", "box")
    if name not in ("cubemap", "equirect") or draw(st.integers(0, 9)) == 0:
        flags["--fov-deg"] = numbers
    chosen = draw(st.lists(st.sampled_from(sorted(flags)), max_size=2, unique=True))
    return ["--to", name, *(word for flag in chosen for word in (flag, draw(flags[flag])))]
