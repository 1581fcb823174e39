"""What a panorama LoRA is trained on: panoramas and photos as cached latents, captions as cached embeddings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import PartialState
from rich.console import Console
from rich.progress import track

from cyclorama.data.bad_rows import BadRows
from cyclorama.data.encoding import CachedPictures, Encoded, Sharing, Variants, encode_pictures
from cyclorama.data.latents import TensorCache
from cyclorama.data.order import HybridOrder
from cyclorama.data.rows import CaptionedImage
from cyclorama.data.sources import open_pictures
from cyclorama.diffusion.fingerprints import hash_parts
from cyclorama.models.protocol import Model
from cyclorama.training.panorama_settings import PanoramaSettings
from cyclorama.training.prompts import CachedPrompts, encode_prompts

BAD_ROWS_FILE = "bad_rows.txt"


@dataclass(frozen=True)
class PanoramaData:
    """Encoded pictures, the panoramas among them and the photos (indices), and the prompts of all."""

    pictures: CachedPictures
    panoramas: tuple[int, ...]
    photos: tuple[int, ...]
    prompts: CachedPrompts

    def order(self, recipe: PanoramaSettings) -> HybridOrder:
        """The order in which training sees them; its indices are those of `picture`."""
        return HybridOrder(len(self.panoramas), len(self.photos), recipe.curriculum, recipe.loop.seed)

    def num_samples(self, recipe: PanoramaSettings) -> int:
        """The samples of all epochs of the recipe."""
        return self.order(recipe).total(recipe.epochs)

    def is_photo(self, index: int) -> bool:
        return index >= len(self.panoramas)

    def read(self, index: int, *, flipped: bool, turn: int) -> Encoded:
        """A variant of picture `index` of the order."""
        return self.pictures.read(self._picture(index), flipped=flipped, turn=turn)

    def caption(self, index: int) -> str:
        """The text of picture `index` of the order."""
        return self.pictures.captions[self._picture(index)]

    def _picture(self, index: int) -> int:
        return (*self.panoramas, *self.photos)[index]


def read_rows(recipe: PanoramaSettings, bad: BadRows) -> list[CaptionedImage]:
    """The good rows of the recipe's panoramas and photos. `ValueError` for none, and for bad ones unless skipped."""
    if not recipe.images:
        raise ValueError("no images to train on; give a folder with metadata.jsonl as images=FOLDER")
    items = open_pictures(recipe.images, bad, projection="equirect")
    return items + (open_pictures(recipe.photos, bad, projection="perspective") if recipe.photos else [])


def encode_data(
    recipe: PanoramaSettings, model: Model, height: int, items: list[CaptionedImage], bad: BadRows, folder: Path
) -> PanoramaData:
    """Fill the caches, each process its share, and sort the pictures into panoramas and photos."""
    processes = PartialState()
    sharing = Sharing(processes.process_index, processes.num_processes, processes.wait_for_everyone)
    pictures = encode_pictures(
        items,
        TensorCache(folder / "latents"),
        encode=model.encode_images,
        encoder_key=hash_parts(model.image_key(), f"circular {recipe.wrap_vae}"),
        height=height,
        variants=Variants(flips=recipe.flips, turns=max(1, recipe.pixel_turns)),
        bad=bad,
        sharing=sharing,
        track=shown("encode images"),
    )
    prompts = {"", *pictures.captions, *recipe.sample_prompts}
    cache = TensorCache(folder / "prompts")
    cached = encode_prompts(model, prompts, cache, sharing=sharing, track=shown("encode captions"))
    photos = tuple(i for i in range(len(pictures)) if pictures.is_masked(i))
    panoramas = tuple(sorted(set(range(len(pictures))) - set(photos)))
    if not panoramas:
        raise ValueError(f"{recipe.images} holds no panorama, only photos or masked pictures; add one that is 2:1")
    return PanoramaData(pictures, panoramas, photos, cached)


def report_bad_rows(bad: BadRows, run_dir: Path) -> None:
    """The skipped rows to the run's folder, and their number to stderr."""
    if not PartialState().is_main_process:
        return
    bad.write(run_dir / BAD_ROWS_FILE)
    if bad.faults:
        Console(stderr=True, soft_wrap=True).print(
            f"skipped {len(bad.faults)} bad rows, listed in {run_dir / BAD_ROWS_FILE}", highlight=False
        )


def shown(title: str) -> Callable[[Iterable[Any]], Iterable[Any]]:
    """A function that shows progress over what it is given, on the main process, if that is more than one thing."""

    def with_bar(items: Iterable[Any]) -> Iterable[Any]:
        listed = list(items)
        hidden = len(listed) < 2 or not PartialState().is_main_process
        return track(listed, title, console=Console(stderr=True), disable=hidden, transient=True)

    return with_bar
