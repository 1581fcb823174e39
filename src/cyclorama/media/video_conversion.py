"""Videos of one projection to videos of another, frame by frame: memory does not grow with the length."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import TypeAlias

from cyclorama.media.conversion import Conversion, Converted, Look, guessed_view, naming, plan
from cyclorama.media.video import Frame, VideoInfo, check_video_output, describe_video, read_frames, write_video
from cyclorama.media.views import View

Progress: TypeAlias = Callable[[str, int, int], None]
"""Is called with a label, how much is done, and of how much."""

_WORST_CRF = 51


def convert_video(
    path: str | Path,
    output: str | Path,
    conversion: Conversion,
    *,
    progress: Progress | None = None,
    stop: Event | None = None,
) -> Converted:
    """Converts a video with its sound, times and parameters; an equirect gets spherical metadata.

    `ValueError` for all that is wrong; `KeyboardInterrupt`, and no output, once `stop` is set.
    """
    path, output = Path(path), Path(output)
    check_video_output(output)
    info = describe_video(path)
    with naming(path):
        view, height, width = _source(info, conversion)
        look = plan(conversion, view, height, width)
    count = write_video(
        output,
        _frames(info, look, progress, stop),
        fps=info.fps,
        crf=_crf(conversion.quality),
        spherical=conversion.to == "equirect",
        audio_from=path if info.has_audio else None,
        parameters=info.parameters,
    )
    written = describe_video(output)
    return Converted(str(path), [str(output)], view, conversion.to, written.height, written.width, count)


def _source(info: VideoInfo, conversion: Conversion) -> tuple[View, int, int]:
    """What the frames show, and the size of one when it is unpacked."""
    view = conversion.source_view or guessed_view(info.projection, info.evidence)
    spherical = info.spherical
    if spherical and view.name == "equirect" and spherical.stereo_mode != "mono":
        raise ValueError(f"it is a stereo video ({spherical.stereo_mode}); cut one eye out of it first")
    if spherical and view.name == "equirect" and any(spherical.bounds):
        raise ValueError("its metadata tell that it shows a part of the sphere; only whole spheres are converted")
    return view, *view.unpacked_size(info.height, info.width)


def _frames(info: VideoInfo, look: Look, progress: Progress | None, stop: Event | None) -> Iterator[Frame]:
    for number, frame in enumerate(read_frames(info.path)):
        if stop is not None and stop.is_set():
            raise KeyboardInterrupt
        if progress is not None:
            progress(info.path.name, number, max(info.num_frames, number + 1))
        yield Frame(frame.time_s, look.convert_packed(frame.pixels))


def _crf(quality: int | None) -> int | None:
    """The codec's number for a quality of 1 to 100; 60 is about the default of H.264."""
    return None if quality is None else round(_WORST_CRF * (1 - quality / 100))
