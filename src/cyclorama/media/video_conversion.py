"""Videos of one projection to videos of another, frame by frame: memory does not grow with the length."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TypeAlias

import numpy as np

from cyclorama.geometry.cubemap import Cubemap
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.reprojection import reproject
from cyclorama.media.conversion import Conversion, Converted, Look, guessed_view, naming, plan
from cyclorama.media.video import (
    Frame,
    Planes,
    VideoInfo,
    check_video_output,
    describe_video,
    read_frames,
    read_planes,
    write_video,
)
from cyclorama.media.views import View

Progress: TypeAlias = Callable[[str, int, int], None]
"""Is called with a label, how much is done, and of how much."""

_WORST_CRF = 51
_BLACK, _GREY = 16.0, 128.0  # of planes with limited range


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
        _counted(_planes(info, look) if _has_halves(look) else _frames(info, look), info, progress, stop),
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


def _frames(info: VideoInfo, look: Look) -> Iterator[Frame]:
    for frame in read_frames(info.path):
        yield Frame(frame.time_s, look.convert_packed(frame.pixels))


def _planes(info: VideoInfo, look: Look) -> Iterator[Planes]:
    """Frames as codecs store them, half the numbers of RGB and no conversion of colours."""
    whole, half = _plane_look(look, look.source, look.target, _BLACK), _plane_look(look, *_halves(look), _GREY)
    for planes in read_planes(info.path):
        yield planes.mapped(whole, half)


def _counted(
    frames: Iterator[Frame | Planes], info: VideoInfo, progress: Progress | None, stop: Event | None
) -> Iterator[Frame | Planes]:
    for number, frame in enumerate(frames):
        if stop is not None and stop.is_set():
            raise KeyboardInterrupt
        if progress is not None:
            progress(info.path.name, number, max(info.num_frames, number + 1))
        yield frame


def _has_halves(look: Look) -> bool:
    """Whether chroma planes are pictures of the same projections at half the size."""
    cubes = isinstance(look.source, Cubemap) or isinstance(look.target, Cubemap)
    sides = (look.source.height, look.source.width, look.target.height, look.target.width)
    wraps = [camera for camera in (look.source, look.target) if camera.wrap == "sphere"]
    return not cubes and all(side % 2 == 0 for side in sides) and all(camera.width % 4 == 0 for camera in wraps)


def _halves(look: Look) -> tuple[Projection, Projection]:
    source, target = (
        replace(camera, height=camera.height // 2, width=camera.width // 2)  # pyright: ignore[reportArgumentType]
        for camera in (look.source, look.target)
    )
    return source, target


def _plane_look(look: Look, source: Projection, target: Projection, fill: float) -> Callable[[np.ndarray], np.ndarray]:
    def look_up(plane: np.ndarray) -> np.ndarray:
        picture = np.ascontiguousarray(plane)[..., None]
        how = {"rotation": look.rotation, "mode": look.conversion.interpolation, "fill": fill}
        return reproject(picture, source, target, **how)[..., 0]

    return look_up


def _crf(quality: int | None) -> int | None:
    """The codec's number for a quality of 1 to 100; 60 is about the default of H.264."""
    return None if quality is None else round(_WORST_CRF * (1 - quality / 100))
