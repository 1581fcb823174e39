"""The peers that work on NumPy pictures and on planes of bytes: OpenCV, py360convert and ffmpeg's v360.

Each peer takes its natural layout, keeps what it can keep between calls, and is called as its documents say. A method
prepares an operation and returns a Job; only the Job's `call` is timed. Views are 512 pixels square with a field of
view of 90 degrees unless their View says otherwise.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from analytic import (
    Array,
    View,
    cube_dirs,
    dirs_to_cube,
    dirs_to_equirect,
    dirs_to_view,
    equirect_dirs,
    matrix,
    view_dirs,
)

SIZE = 512


class Job(NamedTuple):
    """What is timed, and how its result becomes pictures [N, H, W, 3], uint8 or float32."""

    call: Callable[..., Any]
    pixels: Callable[[Any], Array] = np.stack


class OpenCV:
    """`cv2.remap` with exact maps and outputs kept: fixed-point maps for uint8, float maps for float32, its fastest.

    The seam wraps (BORDER_WRAP); beyond the poles and the edges of cube faces the nearest row repeats.
    """

    name = "OpenCV, maps kept"
    dtypes = ("uint8", "float32")

    def __init__(self, num_threads: int) -> None:
        self.cv2: Any = import_module("cv2")
        self.cv2.setNumThreads(num_threads)

    def views(self, image: Array, views: Sequence[View]) -> Job:
        return self._remaps([(image, view_dirs(SIZE, view)) for view in views])

    def bicubic(self, image: Array, view: View) -> Job:
        return self._remaps([(image, view_dirs(SIZE, view))], interpolation=self.cv2.INTER_CUBIC)

    def rotate(self, image: Array, view: View) -> Job:
        return self._remaps([(image, equirect_dirs(len(image), view))])

    def video(self, frames: Array, view: View) -> Job:
        dirs = view_dirs(SIZE, view)
        maps = self._maps(*dirs_to_equirect(dirs, frames.shape[1]), frames)
        outputs = np.empty((len(frames), SIZE, SIZE, 3), frames.dtype)
        return Job(lambda: [self._remap(*pair, maps) for pair in zip(frames, outputs, strict=True)])

    def cube(self, image: Array, size: int) -> Job:
        strip = self._remaps([(image, cube_dirs(size).reshape(6 * size, size, 3))])
        return Job(strip.call, lambda result: result[0].reshape(6, size, size, 3))

    def equirect(self, faces: Array, height: int) -> Job:
        size = faces.shape[1]
        face, x, y = dirs_to_cube(equirect_dirs(height), size)
        maps = self._maps(x.clip(0, size - 1), y.clip(0, size - 1) + size * face, faces, rows=6 * size)
        strip, output = faces.reshape(6 * size, size, 3), np.empty((height, 2 * height, 3), faces.dtype)
        return Job(lambda: [self._remap(strip, output, maps)])

    def any_view(self, image: Array) -> Job:
        """The map made by NumPy in float32 and the fixed-point conversion skipped, which costs more than it saves."""
        x = ((2 * np.arange(SIZE) + 1 - SIZE) / SIZE).astype(np.float32)
        rays = np.stack([*np.meshgrid(x, -x), np.full((SIZE, SIZE), -1, np.float32)], axis=-1)

        def call(view: View) -> list[Array]:
            scale = [np.tan(np.radians(view.fov_deg) / 2)] * 2 + [1]
            columns, rows = dirs_to_equirect(rays @ (matrix(view) * scale).T.astype(np.float32), len(image))
            return [self._remap(image, None, (columns, rows.clip(0, len(image) - 1)))]

        return Job(call)

    def stitch(self, pictures: Array, views: Sequence[View], height: int) -> Job:
        """Maps, and weights that sum to one, kept for the rectangle that each view covers."""
        pieces = list(self._pieces(pictures, views, height))
        total = np.empty((height, 2 * height, 3), np.float32)

        def call() -> list[Array]:
            total[:] = 0
            for number, where, maps, weights, patch in pieces:
                self._remap(pictures[number], patch, maps)
                weighted = self.cv2.multiply(patch, weights, dtype=self.cv2.CV_32F)
                self.cv2.add(total[where], weighted, dst=total[where])
            return [self.cv2.convertScaleAbs(total) if pictures.dtype == np.uint8 else total]

        return Job(call)

    def _pieces(self, pictures: Array, views: Sequence[View], height: int) -> Any:
        dirs, size = equirect_dirs(height), pictures.shape[1]
        looks = [dirs_to_view(dirs, size, view) for view in views]
        hats = [_hat(x, size) * _hat(y, size) * shown for x, y, shown in looks]
        total = np.sum(hats, axis=0)
        for number, (x, y, shown) in enumerate(looks):
            for where in _rectangles(shown):
                columns, rows = (np.nan_to_num(c[where]).clip(0, size - 1) for c in (x, y))
                maps = self._maps(columns, rows, pictures)
                weights = np.repeat((hats[number] / total)[where][..., None], 3, axis=-1).astype(np.float32)
                yield number, where, maps, weights, np.empty(weights.shape, pictures.dtype)

    def _remaps(self, pairs: list[tuple[Array, Array]], interpolation: int | None = None) -> Job:
        jobs: list[tuple[Array, Array, Any]] = []
        for image, dirs in pairs:
            maps = self._maps(*dirs_to_equirect(dirs, len(image)), image)
            jobs.append((image, np.empty(dirs.shape, image.dtype), maps))
        return Job(lambda: [self._remap(*given, interpolation) for given in jobs])

    def _maps(self, x: Array, y: Array, image: Array, rows: int | None = None) -> tuple[Array, Array]:
        y = y.clip(0, (rows or image.shape[-3]) - 1)
        x, y = x.astype(np.float32), y.astype(np.float32)
        return self.cv2.convertMaps(x, y, self.cv2.CV_16SC2) if image.dtype == np.uint8 else (x, y)

    def _remap(self, image: Array, output: Array | None, maps: Any, interpolation: int | None = None) -> Array:
        how = self.cv2.INTER_LINEAR if interpolation is None else interpolation
        return self.cv2.remap(image, *maps, how, dst=output, borderMode=self.cv2.BORDER_WRAP)


class Py360convert:
    """py360convert with OpenCV as its sampler; it keeps the maps of its last eight cameras."""

    name = "py360convert"
    dtypes = ("uint8", "float32")

    def __init__(self, num_threads: int) -> None:
        import_module("cv2").setNumThreads(num_threads)
        self.convert: Any = import_module("py360convert")

    def any_view(self, image: Array, mode: str = "bilinear") -> Job:
        def call(view: View) -> list[Array]:
            angles = (view.yaw_deg + 180) % 360 - 180, view.pitch_deg
            return [self.convert.e2p(image, view.fov_deg, *angles, (SIZE, SIZE), view.roll_deg, mode)]

        return Job(call)

    def views(self, image: Array, views: Sequence[View]) -> Job:
        call = self.any_view(image).call
        return Job(lambda: [call(view)[0] for view in views])

    def bicubic(self, image: Array, view: View) -> Job:
        call = self.any_view(image, "bicubic").call
        return Job(lambda: call(view))

    def video(self, frames: Array, view: View) -> Job:
        calls = [self.any_view(frame).call for frame in frames]
        return Job(lambda: [call(view)[0] for call in calls])

    def cube(self, image: Array, size: int) -> Job:
        return Job(lambda: self.convert.e2c(image, size, cube_format="list"))

    def equirect(self, faces: Array, height: int) -> Job:
        given = list(faces)
        return Job(lambda: [self.convert.c2e(given, height, 2 * height, cube_format="list")])


class Ffmpeg:
    """ffmpeg's v360 filter in the libavfilter that PyAV brings, on planes of bytes; the filter keeps its map."""

    name = "ffmpeg v360"
    dtypes = ("uint8",)

    def __init__(self, num_threads: int) -> None:
        self.av: Any = import_module("av")
        self.num_threads = num_threads

    def views(self, image: Array, views: Sequence[View], interp: str = "linear") -> Job:
        return self._filters([image], [f"e:flat:{_flat(view)}:interp={interp}" for view in views])

    def bicubic(self, image: Array, view: View) -> Job:
        return self.views(image, [view], "cubic")

    def rotate(self, image: Array, view: View) -> Job:
        return self._filters([image], [f"e:e:{_angles(view)}"])

    def video(self, frames: Array, view: View) -> Job:
        return self._filters(frames, [f"e:flat:{_flat(view)}"])

    def any_view(self, image: Array) -> Job:
        frame = self._frame(image)

        def call(view: View) -> list[Any]:
            return [_through(self._graph(frame, f"e:flat:{_flat(view)}"), frame)]

        return Job(call, self._pictures)

    def cube(self, image: Array, size: int) -> Job:
        job = self._filters([image], [f"e:c6x1:out_forder=frblud:w={6 * size}:h={size}"])
        return Job(job.call, lambda result: np.stack(np.split(job.pixels(result)[0], 6, axis=1)))

    def equirect(self, faces: Array, height: int) -> Job:
        strip = np.concatenate(list(faces), axis=1)
        return self._filters([strip], [f"c6x1:e:in_forder=frblud:w={2 * height}:h={height}"])

    def _filters(self, images: Any, options: list[str]) -> Job:
        frames = [self._frame(image) for image in images]
        graphs = [self._graph(frames[0], text) for text in options]
        return Job(lambda: [_through(graph, frame) for graph in graphs for frame in frames], self._pictures)

    def _graph(self, frame: Any, options: str) -> Any:
        graph = self.av.filter.Graph()
        graph.threads = self.num_threads
        size = {"width": frame.width, "height": frame.height, "format": frame.format}
        nodes = graph.add_buffer(**size, time_base=frame.time_base), graph.add("v360", options), graph.add("buffersink")
        graph.link_nodes(*nodes).configure()
        return graph

    def _frame(self, image: Array) -> Any:
        from fractions import Fraction

        frame = self.av.VideoFrame(image.shape[1], image.shape[0], "gbrp")
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        for plane, channel in zip(_planes(frame), (1, 2, 0), strict=True):
            plane[:] = image[..., channel]
        return frame

    def _pictures(self, frames: list[Any]) -> Array:
        return np.stack([np.stack(list(_planes(frame)), axis=-1)[..., [2, 0, 1]] for frame in frames])


def _planes(frame: Any) -> Any:
    for plane in frame.planes:
        yield np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def _through(graph: Any, frame: Any) -> Any:
    graph.vpush(frame)
    return graph.vpull()


def _angles(view: View) -> str:
    yaw = (view.yaw_deg + 180) % 360 - 180
    return f"yaw={yaw}:pitch={view.pitch_deg}:roll={view.roll_deg}:rorder=ypr"


def _flat(view: View) -> str:
    return f"{_angles(view)}:h_fov={view.fov_deg}:v_fov={view.fov_deg}:w={SIZE}:h={SIZE}"


def _hat(x: Array, size: int) -> Array:
    return np.nan_to_num(1 - np.abs((x + 0.5) / (size / 2) - 1)).clip(0, 1)


def _rectangles(shown: Array) -> list[tuple[slice, slice]]:
    """The one or two rectangles that hold the marked pixels, two where they cross the seam."""
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    high = slice(rows[0], rows[-1] + 1)
    gaps = np.diff(columns)
    if gaps.max() == 1:
        return [(high, slice(columns[0], columns[-1] + 1))]
    middle = int(gaps.argmax())
    return [(high, slice(0, columns[middle] + 1)), (high, slice(columns[middle + 1], shown.shape[1]))]
