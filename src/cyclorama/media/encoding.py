"""Frames to MP4 and MOV files: H.264, HEVC or AV1 in yuv420p and BT.709, header first, marked as spherical video.

The codec writes to a nameless scratch file in the folder of the output, which vanishes whatever happens; the output is
its copy with the header in front and the metadata in it, and appears whole or not at all.
"""

import os
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cyclorama.media.atomic import atomic_file, check_folder
from cyclorama.media.decoding import (
    BT709,
    LIMITED,
    ColourConverter,
    load_av,
    opened_file,
    start_ticks,
    video_faults,
)
from cyclorama.media.frames import Frame, Planes
from cyclorama.media.metadata import parameters_to_json
from cyclorama.media.opening import Refusal
from cyclorama.media.prefetching import prefetched
from cyclorama.media.spherical import Spherical, check_spherical, write_spherical

VIDEO_FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov"}
H264_MAX_WIDTH = 4096
CLOCK = 90_000  # ticks per second of frames with times of their own
SOUND_CODECS = {
    "mp4": frozenset({"aac", "mp3", "mp2", "ac3", "eac3", "opus", "flac", "alac"}),
    "mov": frozenset({"aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be"}),
}


@dataclass(frozen=True)
class Codec:
    """How a codec is written: PyAV's encoder, its tag in the file, its default quality, its options, its files."""

    encoder: str
    tag: str
    crf: int
    options: Mapping[str, str]
    formats: tuple[str, ...] = ("mp4", "mov")


CODECS = {
    "h264": Codec("libx264", "avc1", 20, {"preset": "veryfast"}),
    "hevc": Codec("libx265", "hvc1", 23, {"preset": "superfast", "x265-params": "log-level=error"}),
    "av1": Codec("libsvtav1", "av01", 30, {"preset": "9"}, ("mp4",)),
}


def write_video(
    path: str | Path,
    frames: Iterable[np.ndarray | Frame | Planes],
    *,
    fps: Fraction | int | float,
    codec: str | None = None,
    crf: int | None = None,
    spherical: Spherical | bool = True,
    audio_from: str | Path | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> int:
    """Writes `frames` and returns how many they were. Frames are taken one by one, in another thread.

    Arrays [H, W, 3] uint8 RGB are shown at `fps`; `Frame`s and `Planes` at their own times. `codec`: one of `CODECS`,
    by default H.264 up to 4096 pixels wide and HEVC above. `crf`: the codec's quality number, lower is better.
    `spherical`: True marks a full sphere, 2:1. `audio_from`: a file whose sound is copied as it is, up to the end of
    the pictures. `parameters`: what generated it, JSON in the file's comment; a prompt is its description, a title its
    title. A bad argument, an odd size, no frames, a missing encoder: `ValueError`, and no file.
    """
    path, rate, tags = Path(path), exact_rate(fps), _tags(parameters or {})
    check_video_output(path)
    marks = Spherical() if spherical is True else spherical or None
    check_spherical(marks or Spherical())
    with _scratch(path) as scratch, closing(prefetched(_pictures(frames, rate))) as pictures:
        first = next(pictures, None)
        if first is None:
            raise ValueError(f"cannot write {path}: there are no frames")
        picture = first[1]
        _check_sphere(picture.height, picture.width, marks)
        chosen = choose_codec(codec, picture.width, VIDEO_FORMATS[path.suffix.lower()])
        with _opened_output(scratch, path, tags) as container:
            stream = _add_pictures(container, chosen, crf, picture, rate)
            count = _encode(container, stream, chain([first], pictures), audio_from, rate)
        with atomic_file(path) as file:
            write_spherical(scratch, file, spherical=marks)
    return count


def check_video_output(path: str | Path) -> None:
    """Raises `ValueError` unless a video can be written at `path`; costs nothing, so ask before long work."""
    suffix = Path(path).suffix.lower()
    if suffix not in VIDEO_FORMATS:
        got = suffix or "no extension"
        raise ValueError(f"cannot write {path}: got {got}, wanted one of {', '.join(VIDEO_FORMATS)}")
    check_folder(path)
    load_av()


def exact_rate(fps: Fraction | int | float) -> Fraction:
    """Frames per second as a fraction; 29.97 and its like are n * 1000/1001. `ValueError` outside (0, 1000]."""
    if not 0 < fps <= 1000:
        raise ValueError(f"got {fps} frames per second, wanted more than 0 and at most 1000")
    broadcast = Fraction(round(fps * 1.001) * 1000, 1001)
    if isinstance(fps, float) and not fps.is_integer() and abs(broadcast - Fraction(fps)) < 0.005:
        return broadcast
    return Fraction(fps).limit_denominator(1_000_000)


def choose_codec(name: str | None, width: int, format_name: str = "mp4") -> Codec:
    """The codec of that name; by default the one that players decode at that width. `ValueError` where none can be."""
    name = name or ("h264" if width <= H264_MAX_WIDTH else "hevc")
    if name not in CODECS:
        raise ValueError(f"got codec {name!r}, wanted one of {', '.join(CODECS)}")
    if name == "h264" and width > H264_MAX_WIDTH:
        raise ValueError(f"H.264 is decoded up to {H264_MAX_WIDTH} pixels wide, got {width}; use hevc or av1")
    if format_name not in CODECS[name].formats:
        raise ValueError(f"{name} is not written to a .{format_name} file, which players do not know; use .mp4")
    os.environ.setdefault("SVT_LOG", "1")  # SVT-AV1 writes its settings to stderr otherwise
    codec = CODECS[name]
    if codec.encoder not in load_av().codecs_available:
        present = [other for other in CODECS if CODECS[other].encoder in load_av().codecs_available]
        raise ValueError(f"this PyAV has no encoder {codec.encoder} for {name}; use {' or '.join(present)}")
    return codec


def _check_sphere(height: int, width: int, spherical: Spherical | None) -> None:
    if spherical is None or any(spherical.bounds):
        return
    rows = height // 2 if spherical.stereo_mode == "top-bottom" else height
    columns = width // 2 if spherical.stereo_mode == "left-right" else width
    if columns != 2 * rows:
        got = f"{rows}x{columns} (height x width{', each eye' if (rows, columns) != (height, width) else ''})"
        raise ValueError(f"a spherical video is twice as wide as high, got {got}; pass spherical=False for a view")


@contextmanager
def _scratch(path: Path) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile(dir=path.resolve().parent) as file:
        yield file


def _tags(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The file's tags: all parameters as JSON, and what players show of them."""
    tags = {"description": parameters.get("prompt"), "title": parameters.get("title")}
    comment = {"comment": parameters_to_json(parameters)} if parameters else {}
    return {name: str(text) for name, text in tags.items() if text} | comment


@contextmanager
def _opened_output(file: BinaryIO, path: Path, tags: Mapping[str, str]) -> Iterator[Any]:
    """FFmpeg's own faults become one line; others pass as they are, a full disk's `OSError` included."""
    av = load_av()
    container = av.open(file, "w", format=VIDEO_FORMATS[path.suffix.lower()])
    try:
        container.metadata.update(tags)
        yield container
        container.close()
    except BaseException as fault:
        with suppress(Exception):
            container.close()
        if isinstance(fault, av.FFmpegError):  # too small for the codec, for one
            reason = getattr(fault, "strerror", None) or fault
            raise ValueError(f"cannot write {path}: FFmpeg refuses these frames ({reason})") from fault
        raise


def _add_pictures(container: Any, codec: Codec, crf: int | None, picture: Any, fps: Fraction) -> Any:
    options = {**codec.options, "crf": str(codec.crf if crf is None else crf)}
    stream = container.add_stream(codec.encoder, rate=fps, options=options)
    context = stream.codec_context
    context.height, context.width, context.pix_fmt = picture.height, picture.width, "yuv420p"
    context.codec_tag = codec.tag
    context.thread_count = 0
    context.time_base = _tick(fps)
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED
    return stream


def _tick(fps: Fraction) -> Fraction:
    """A unit of time near 1 / CLOCK in which frames at `fps` have whole times."""
    return Fraction(1, fps.numerator * max(1, round(Fraction(CLOCK, fps.numerator))))


def _encode(
    container: Any, stream: Any, pictures: Iterable[tuple[Fraction, Any]], audio_from: str | Path | None, fps: Fraction
) -> int:
    tick, last, count = _tick(fps), -1, 0
    with _sound(audio_from, container) as copy_sound:
        for time_s, picture in pictures:
            last = max(round(time_s / tick), last + 1)
            picture.pts, picture.time_base, picture.duration = last, tick, round(1 / (fps * tick))
            container.mux(stream.encode(picture))
            copy_sound(last * tick)
            count += 1
        container.mux(stream.encode(None))
        copy_sound(last * tick + 1 / fps)
    return count


@contextmanager
def _sound(path: str | Path | None, container: Any) -> Iterator[Callable[[Fraction], None]]:
    """A function that copies the sound of `path` up to a time, in seconds; it does nothing where there is none."""
    if path is None:
        yield lambda until_s: None
        return
    with closing(_sound_packets(Path(path), container)) as packets:
        waiting = next(packets, None)

        def copy_until(until_s: Fraction) -> None:
            nonlocal waiting
            while waiting is not None and waiting[0] < until_s:
                container.mux(waiting[1])
                waiting = next(packets, None)

        yield copy_until


def _sound_packets(path: Path, container: Any) -> Generator[tuple[Fraction, Any]]:
    """(seconds, packet) of the first sound track of `path`, for a new track of `container`."""
    with video_faults(path), opened_file(path) as source:
        if not source.streams.audio:
            return
        stream = source.streams.audio[0]
        name = stream.codec_context.codec.canonical_name
        if name not in SOUND_CODECS[container.format.name]:
            hint = "convert it: ffmpeg -i IN -c:v copy -c:a aac OUT"
            raise Refusal(f"its {name} sound cannot be copied into a .{container.format.name} file; {hint}")
        copy = container.add_stream_from_template(stream)
        start = start_ticks(source, stream.time_base)
        for packet in source.demux(stream):
            if packet.dts is None or packet.pts is None:
                continue
            packet.pts, packet.dts, packet.stream = packet.pts - start, packet.dts - start, copy
            yield packet.pts * stream.time_base, packet


def _pictures(frames: Iterable[np.ndarray | Frame | Planes], fps: Fraction) -> Iterator[tuple[Fraction, Any]]:
    """(seconds, PyAV frame in yuv420p). Arrays are done with when the next one is asked for."""
    converter, size = ColourConverter(), None
    for number, frame in enumerate(frames):
        time_s = number / fps if isinstance(frame, np.ndarray) else frame.time_s
        picture = _from_planes(frame) if isinstance(frame, Planes) else _from_pixels(frame, converter)
        size = size or (picture.height, picture.width)
        if (picture.height, picture.width) != size:
            got = f"{picture.height}x{picture.width}"
            raise ValueError(f"frame {number} is {got} (height x width), but the first one is {size[0]}x{size[1]}")
        yield time_s, picture


def _from_pixels(frame: np.ndarray | Frame, converter: ColourConverter) -> Any:
    pixels = frame.pixels if isinstance(frame, Frame) else frame
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
        raise ValueError(f"a frame is [H, W, 3] uint8, got {list(pixels.shape)} {pixels.dtype}")
    _check_even(*pixels.shape[:2])
    picture = load_av().VideoFrame.from_numpy_buffer(np.ascontiguousarray(pixels), format="rgb24")
    return converter.to_planes(picture)


def _from_planes(frame: Planes) -> Any:
    height, width = frame.y.shape
    _check_even(height, width)
    picture = load_av().VideoFrame(width, height, "yuv420p")
    for plane, levels in zip(picture.planes, (frame.y, frame.u, frame.v), strict=True):
        if levels.shape != (plane.height, plane.width) or levels.dtype != np.uint8:
            raise ValueError(f"a plane is {plane.height}x{plane.width} uint8, got {list(levels.shape)} {levels.dtype}")
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width] = levels
    picture.colorspace, picture.color_range = BT709, LIMITED
    return picture


def _check_even(height: int, width: int) -> None:
    if height % 2 or width % 2 or not height or not width:
        use = f"{max(height // 2 * 2, 2)}x{max(width // 2 * 2, 2)}"
        raise ValueError(f"a video's height and width are even, got {height}x{width}; use {use} (height x width)")
