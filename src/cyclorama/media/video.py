"""Videos as streams of frames: `[H, W, 3]` uint8 RGB arrays out of any video file, and into MP4 and MOV.

Frames come and go one by one: memory does not grow with the length. Reading runs in a thread ahead of its use, and so
does the making of frames that are written: `write_video(out, map(look_up, read_video(path)), ...)` fills the cores.
PyAV, the `video` extra, is needed from the first call on. Loads no torch.

Times are exact fractions of seconds from the start of the file. Frames are upright: a rotation tag is applied. Colours
follow the file's tags; an untagged file counts as BT.709 if it is wider than 1279 or higher than 576, else as BT.601.
"""

import json
import struct
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from cyclorama.media.decoding import (
    ColourConverter,
    duration_of,
    frame_rate,
    frames_of,
    load_av,
    opened_video,
    video_faults,
)
from cyclorama.media.encoding import check_video_output, exact_rate, write_video
from cyclorama.media.frames import Frame, Planes
from cyclorama.media.opening import Refusal
from cyclorama.media.prefetching import prefetched
from cyclorama.media.spherical import Spherical, read_spherical

__all__ = [
    "Frame",
    "Planes",
    "VideoInfo",
    "check_video_output",
    "describe_video",
    "read_frames",
    "read_planes",
    "read_video",
    "write_video",
]

MAX_PAUSE_S = 600

_FFMPEG_PROJECTIONS = {0: "equirectangular", 1: "cubemap", 2: "equirectangular", 3: "equirectangular"}
_FFMPEG_STEREO_MODES = {0: "mono", 1: "left-right", 2: "top-bottom"}


@dataclass(frozen=True)
class VideoInfo:
    """What a video file says about itself; height and width are those of upright frames.

    `num_frames` is an estimate where `counted` is False. `rotation_deg` is the turn, counter-clockwise, that the file
    asks for and that reading applies. `projection` is "equirect" or "unknown", `evidence` is why.
    """

    path: Path
    format: str
    codec: str
    pixel_format: str
    height: int
    width: int
    fps: Fraction
    num_frames: int
    counted: bool
    duration_s: float
    has_audio: bool
    rotation_deg: int
    projection: str
    evidence: str
    spherical: Spherical | None = None
    parameters: dict[str, Any] = field(default_factory=dict)


def describe_video(path: str | Path) -> VideoInfo:
    """Reads the header and decodes one frame. `ValueError`: no such file, not a video, no frames, damaged, cut off."""
    path = Path(path)
    load_av()
    with video_faults(path), opened_video(path) as (container, stream):
        _, frame = next(frames_of(container, stream), (None, None))
        if frame is None:
            raise Refusal("it has no frames")
        return _describe(path, container, stream, frame, _read_marks(path) or _frame_marks(frame))


def _describe(path: Path, container: Any, stream: Any, frame: Any, spherical: Spherical | None) -> VideoInfo:
    fps = frame_rate(stream)
    duration_s = _duration(container, stream, fps)
    sideways = _quarter_turns(frame) % 2
    height, width = (frame.width, frame.height) if sideways else (frame.height, frame.width)
    projection, evidence = _guess_projection(spherical, height, width)
    return VideoInfo(
        path=path,
        format=container.format.name,
        codec=stream.codec_context.codec.canonical_name,
        pixel_format=frame.format.name,
        height=height,
        width=width,
        fps=fps,
        num_frames=stream.frames or max(round(duration_s * fps), 1),
        counted=stream.frames > 0,
        duration_s=float(duration_s),
        has_audio=bool(container.streams.audio),
        rotation_deg=90 * _quarter_turns(frame),
        projection=projection,
        evidence=evidence,
        spherical=spherical,
        parameters=_parameters(container.metadata),
    )


def _read_marks(path: Path) -> Spherical | None:
    """None also for files that only FFmpeg understands: other formats, odd headers."""
    try:
        return read_spherical(path)
    except ValueError:
        return None


def _frame_marks(frame: Any) -> Spherical | None:
    """What other formats than MP4 say, through FFmpeg's structures AVSphericalMapping and AVStereo3D."""
    held = {data.type.name: bytes(data) for data in frame.side_data}
    if len(held.get("SPHERICAL", b"")) < 16:
        return None
    kind, *angles = struct.unpack_from("=4i", held["SPHERICAL"])
    yaw, pitch, roll = (angle / 2**16 for angle in angles)
    mode = int.from_bytes(held.get("STEREO3D", b"")[:4], sys.byteorder)
    projection, stereo = _FFMPEG_PROJECTIONS.get(kind, "unknown"), _FFMPEG_STEREO_MODES.get(mode, "unknown")
    return Spherical(projection, stereo, yaw, pitch, roll, generations=())


def _duration(container: Any, stream: Any, fps: Fraction) -> Fraction:
    if stream.duration is not None:
        return stream.duration * stream.time_base
    if container.duration is not None:
        return Fraction(container.duration, 1_000_000)
    return stream.frames / fps


def _guess_projection(spherical: Spherical | None, height: int, width: int) -> tuple[str, str]:
    if spherical and spherical.projection == "equirectangular":
        return "equirect", "spherical video metadata"
    if width == 2 * height:
        return "equirect", "its size is 2:1; it has no spherical video metadata"
    return "unknown", "no equirectangular metadata, and its size is not 2:1"


def _parameters(tags: Mapping[str, str]) -> dict[str, Any]:
    try:
        parameters = json.loads(tags.get("comment", ""))
    except (ValueError, RecursionError):
        return {}
    return parameters if isinstance(parameters, dict) else {}


def read_video(path: str | Path, *, fps: Fraction | int | float | None = None) -> Iterator[np.ndarray]:
    """Frames [H, W, 3] uint8 at a constant rate, by default the file's average.

    Frames of a variable rate, or of another rate than `fps`, are repeated and left out so that frame n is what shows
    at n / fps. `ValueError` at the first bad frame: as `describe_video`.
    """
    path = Path(path)
    rate = describe_video(path).fps if fps is None else exact_rate(fps)
    return _at_rate(path, rate)


def _at_rate(path: Path, fps: Fraction) -> Iterator[np.ndarray]:
    with closing(read_frames(path)) as frames:
        held = next(frames)
        start_s, shown = held.time_s, 0
        for frame in chain(frames, [None]):
            end_s = frame.time_s if frame else held.time_s + (held.duration_s or 1 / fps)
            place = int((end_s - start_s) * fps + Fraction(1, 2))
            if place - shown > MAX_PAUSE_S * fps:
                raise ValueError(f"cannot read {path}: a frame lasts more than {MAX_PAUSE_S} s; its times are damaged")
            for _ in range(shown, place):
                yield held.pixels
            held, shown = frame or held, max(shown, place)
        if not shown:
            yield held.pixels


def read_frames(path: str | Path) -> Generator[Frame]:
    """Every frame of the file with its own time. `ValueError` at the first bad frame: as `describe_video`."""
    path = Path(path)
    load_av()
    return prefetched(_rgb_frames(path))


def read_planes(path: str | Path) -> Generator[Planes]:
    """As `read_frames` without the conversion to RGB, a quarter of a conversion's work. The size must be even."""
    path = Path(path)
    load_av()
    return prefetched(_planes(path))


def _rgb_frames(path: Path) -> Iterator[Frame]:
    converter = ColourConverter()
    for time_s, frame in _decoded(path):
        pixels = converter.to_rgb(frame).to_ndarray()
        yield Frame(time_s, _upright(pixels, _quarter_turns(frame)), duration_of(frame))


def _planes(path: Path) -> Iterator[Planes]:
    converter = ColourConverter()
    for time_s, frame in _decoded(path):
        if frame.height % 2 or frame.width % 2:
            raise ValueError(f"cannot read {path}: planes want an even size, got {frame.height}x{frame.width}")
        turns = _quarter_turns(frame)
        y, u, v = (_upright(_plane(plane), turns) for plane in converter.to_planes(frame).planes)
        yield Planes(time_s, y, u, v, duration_of(frame))


def _decoded(path: Path) -> Iterator[tuple[Fraction, Any]]:
    with video_faults(path), opened_video(path) as (container, stream):
        count = 0
        for time_s, frame in frames_of(container, stream):
            yield time_s, frame
            count += 1
        if not count:
            raise Refusal("it has no frames")


def _plane(plane: Any) -> np.ndarray:
    """The bytes of a plane without those that pad its lines."""
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]


def _quarter_turns(frame: Any) -> int:
    return round(frame.rotation / 90) % 4


def _upright(pixels: np.ndarray, turns: int) -> np.ndarray:
    return np.ascontiguousarray(np.rot90(pixels, turns) if turns else pixels)
