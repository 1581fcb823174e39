"""PyAV at the edge: opens videos, decodes frames, brings their colours to sRGB or to BT.709 planes.

PyAV (the `video` extra) is imported on first use. Faults are `Refusal`s inside `video_faults`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from cyclorama.media.boxes import read_pieces
from cyclorama.media.opening import Refusal, check_readable

MAX_PIXELS = 2**28
"""The most pixels of a frame: 16384 x 16384."""

# Files that name other files (playlists, concatenations) and single pictures are not opened.
_CONTAINERS = "mov,matroska,avi,mpegts,mpeg,mpegvideo,h264,hevc,obu,ivf,ogg,flv,asf,gif,apng,nut,mxf,wav,mp3,flac,aac"
_OPTIONS = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
BT709, BT601, _UNSPECIFIED = 1, 5, 2  # AVColorSpace
LIMITED, FULL = 1, 2  # AVColorRange


def load_av() -> Any:
    """The `av` module. `ValueError` where it is not installed."""
    try:
        import av
        import av.video.reformatter
    except ImportError as fault:
        raise ValueError('video needs PyAV, which is not installed; run: pip install "cyclorama[video]"') from fault
    return av


@contextmanager
def video_faults(path: Path) -> Iterator[None]:
    """Turns whatever FFmpeg raises on a doubtful file into `ValueError("cannot read <path>: <one line>")`."""
    try:
        yield
    except Exception as fault:
        raise ValueError(f"cannot read {path}: {_reason(fault)}") from fault


def _reason(fault: Exception) -> str:
    if isinstance(fault, Refusal):
        return str(fault)
    if isinstance(fault, MemoryError):
        return "its frames do not fit in memory"
    line = " ".join(str(getattr(fault, "strerror", None) or fault).split())[:200]
    return f"it is not a video, or it is damaged ({line or type(fault).__name__})"


@contextmanager
def opened_video(path: Path) -> Iterator[tuple[Any, Any]]:
    """(container, first stream of pictures), decoding on all cores. To be used inside `video_faults`."""
    with opened_file(path) as container:
        stream = _picture_stream(container)
        stream.thread_type = "AUTO"
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        yield container, stream


@contextmanager
def opened_file(path: Path) -> Iterator[Any]:
    """Any file of pictures or sound; an MP4 that is cut off is refused. To be used inside `video_faults`."""
    check_readable(path)
    with load_av().open(f"file:{path}", options=_OPTIONS, metadata_errors="replace") as container:
        if container.format.name.startswith("mov"):
            with path.open("rb") as file:
                read_pieces(file)
        yield container


def _picture_stream(container: Any) -> Any:
    streams = [s for s in container.streams.video if not int(s.disposition) & _attached_picture()]
    if not streams:
        raise Refusal(f"it holds {'sound but ' if container.streams.audio else ''}no video")
    if streams[0].codec_context is None:
        raise Refusal("no decoder for its pictures is installed; convert it: ffmpeg -i IN OUT.mp4")
    return streams[0]


def _attached_picture() -> int:
    return int(load_av().stream.Disposition.attached_pic)


def frames_of(container: Any, stream: Any) -> Iterator[tuple[Fraction, Any]]:
    """(seconds since the file's start, decoded frame), in the order of showing."""
    start, time_s, step = start_ticks(container, stream.time_base), Fraction(-1), 1 / frame_rate(stream)
    for frame in container.decode(stream):
        time_s = time_s + step if frame.pts is None else (frame.pts - start) * frame.time_base
        yield time_s, frame


def duration_of(frame: Any) -> Fraction | None:
    """How long a decoded frame is shown, in seconds; None where the file does not say."""
    return frame.duration * frame.time_base if frame.duration and frame.time_base else None


def start_ticks(container: Any, time_base: Fraction) -> int:
    """When the file starts, in ticks of a stream."""
    return round(Fraction(container.start_time or 0, 1_000_000) / time_base)


def frame_rate(stream: Any) -> Fraction:
    """Frames per second: the average, 25 where the file does not say."""
    return Fraction(stream.average_rate or stream.guessed_rate or 25)


class ColourConverter:
    """Frames of any pixel format -> RGB of full range, or planes `yuv420p`, BT.709, limited range.

    One converter serves one stream: FFmpeg keeps its tables in it.
    """

    def __init__(self) -> None:
        formats = load_av().video.reformatter
        self._reformatter = formats.VideoReformatter()
        self._interpolation = formats.Interpolation.BILINEAR

    def to_rgb(self, frame: Any) -> Any:
        return self._convert(frame, format="rgb24", dst_color_range=FULL)

    def to_planes(self, frame: Any) -> Any:
        return self._convert(frame, format="yuv420p", dst_color_range=LIMITED, dst_colorspace=BT709)

    def _convert(self, frame: Any, **wanted: Any) -> Any:
        source = {"src_colorspace": _matrix(frame), "src_color_range": _range(frame)}
        return self._reformatter.reformat(frame, interpolation=self._interpolation, threads=1, **source, **wanted)


def _matrix(frame: Any) -> int | None:
    """None for the frame's own, else BT.709 for HD and BT.601 below, as players guess."""
    if frame.format.is_rgb or frame.colorspace != _UNSPECIFIED:
        return None
    return BT709 if frame.width >= 1280 or frame.height > 576 else BT601


def _range(frame: Any) -> int:
    if frame.color_range in (LIMITED, FULL):
        return int(frame.color_range)
    name = frame.format.name
    return FULL if frame.format.is_rgb or name.startswith(("yuvj", "gray", "pal")) else LIMITED
