"""What is computed for one video: figures over its frames, and the features of its clips, in one pass over the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.evaluation.measures import Measure
from cyclorama.evaluation.run.extraction import Item
from cyclorama.evaluation.run.feature_cache import Entry, extractor_key
from cyclorama.evaluation.run.samples import Sample
from cyclorama.evaluation.run.weights_in_use import Networks

_PACKAGE = "cyclorama.evaluation"


@dataclass(frozen=True)
class VideoExtractor:
    """`start` makes an accumulator of frames (`videos.frames.FrameAccumulator`), `finish` its tensors."""

    key: str
    start: Callable[[], Any]
    finish: Callable[[Any], Entry]
    by_name: bool = False

    def extract(self, content: "Video") -> Entry:
        return content.entry(self)


class Video:
    """A video file; its frames are read once for all extractors that were told, when the first one asks."""

    def __init__(self, path: Path, extractors: Sequence[VideoExtractor]) -> None:
        self._path, self._extractors = path, extractors
        self._found: dict[str, Entry | Exception] | None = None

    def entry(self, extractor: VideoExtractor) -> Entry:
        """Raises what the extractor's accumulator raised, or the file's reading."""
        if self._found is None:
            self._found = self._read()
        found = self._found[extractor.key]
        if isinstance(found, Exception):
            raise found
        return found

    @torch.no_grad()
    def _read(self) -> dict[str, Entry | Exception]:
        from cyclorama.evaluation.videos.frames import video_frames

        running = {one.key: _Guarded(one.start) for one in self._extractors}
        try:
            for frame in video_frames(self._path):
                for accumulator in running.values():
                    accumulator.update(frame)
        except ValueError as fault:
            return {one.key: fault for one in self._extractors}
        return {one.key: running[one.key].finish(one.finish) for one in self._extractors}


class _Guarded:
    """An accumulator whose fault is kept and ends it alone."""

    def __init__(self, start: Callable[[], Any]) -> None:
        self._fault: Exception | None = None
        try:
            self._accumulator = start()
        except Exception as fault:
            self._fault = fault

    def update(self, frame: Tensor) -> None:
        if self._fault is None:
            try:
                self._accumulator.update(frame)
            except Exception as fault:
                self._fault = fault

    def finish(self, finish: Callable[[Any], Entry]) -> Entry | Exception:
        try:
            return self._fault or finish(self._accumulator)
        except Exception as fault:
            return fault


def video_item(sample: Sample) -> Item:
    return Item(sample.name, sample.digest, partial(_open_video, sample))


def video_extractor(measure: Measure, networks: Networks) -> VideoExtractor:
    """What a measure of videos needs of each. `MissingWeights` where I3D's are not on this machine."""
    if measure.metric == "fvd":
        return _of_clips(measure, networks)
    options = dict(measure.options)
    module, start, finish = _accumulator(measure.metric)
    key = extractor_key(measure.metric, (f"{_PACKAGE}.videos.{module}", f"{_PACKAGE}.videos.frames"), options=options)
    return VideoExtractor(key, partial(start, **options), lambda found: {"values": finish(found).values})


def _accumulator(metric: str) -> tuple[str, Callable[..., Any], Callable[[Any], Any]]:
    """Module, class, and what gives its series."""
    from cyclorama.evaluation.videos.flicker import Flicker
    from cyclorama.evaluation.videos.flow import FlowMotion
    from cyclorama.evaluation.videos.video_seams import VideoSeams

    return {
        "flicker": ("flicker", Flicker, lambda found: found.series()),
        "flow_motion": ("flow", FlowMotion, lambda found: found.series()),
        "video_seam_rank": ("video_seams", VideoSeams, lambda found: found.ranks()),
    }[metric]


def _of_clips(measure: Measure, networks: Networks) -> VideoExtractor:
    name, preset, options = str(measure.network), str(measure.resize), dict(measure.options)
    facts = {**networks.traits(name), "resize": preset, "options": options}
    key = extractor_key(f"{name}-clips", (f"{_PACKAGE}.videos.fvd", f"{_PACKAGE}.resizing"), **facts)

    def start() -> Any:
        from cyclorama.evaluation.videos.fvd import ClipFeatures

        return ClipFeatures(_OnDevice(networks.load(name), networks.device), preset=preset, **options)

    return VideoExtractor(key, start, lambda found: dict(found.features()))


class _OnDevice:
    """A network of clips on a device; frames come from the CPU."""

    def __init__(self, network: Any, device: str) -> None:
        self._network, self._device = network, device
        self.input_size: tuple[int, int] = network.input_size

    def features(self, clips: Float[Tensor, "batch 3 frames height width"]) -> Float[Tensor, "batch features"]:
        return self._network.features(clips.to(self._device))


def _open_video(sample: Sample, missing: Sequence[Any]) -> Video:
    from cyclorama.media.video import describe_video

    found = describe_video(sample.path)
    if found.width != 2 * found.height:
        size = f"{found.height}x{found.width} (height x width)"
        raise ValueError(f"{sample.name} is {size}, wanted a panorama twice as wide as high")
    return Video(sample.path, missing)
