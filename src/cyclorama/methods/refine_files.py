"""Pole repair of files: one panorama, or the panoramas of an image folder before a model is trained on them."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cyclorama.data.folder import ImageFolder
from cyclorama.media.images import read_image
from cyclorama.media.metadata import gpano_fields
from cyclorama.media.outputs import check_output
from cyclorama.media.pictures import read_picture, write_picture
from cyclorama.methods.kept_pixels import pixels_over
from cyclorama.methods.refine import Refined, refine_poles
from cyclorama.models.protocol import Model

LISTS = ("metadata.jsonl", "metadata.csv")


def refine_file(
    model: Model,
    path: str | Path,
    output: str | Path,
    prompt: str,
    *,
    seed: int,
    parameters: Mapping[str, Any] | None = None,
    **options: Any,
) -> Refined:
    """`refine_poles` of a file into another, which keeps what generated the first and gains `parameters`.

    Pixels outside the mask keep the file's own values at its own depth. `options` are those of `refine_poles`.

    Raises:
        ValueError: what `read_picture`, `check_output` and `refine_poles` raise.
    """
    check_output(output)
    picture = read_picture(path)
    refined = refine_poles(model, read_image(path), prompt, seed=seed, **options)
    pixels = pixels_over(picture.pixels, refined.panorama, ~refined.mask)
    made = {**picture.parameters, "refined": {"prompt": prompt, "seed": seed, **(parameters or {})}}
    write_picture(pixels, output, gpano=gpano_fields(*pixels.shape[:2]), parameters=made)
    return refined


def refine_folder(
    model: Model,
    folder: str | Path,
    output: str | Path,
    *,
    seed: int,
    parameters: Mapping[str, Any] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    **options: Any,
) -> int:
    """Every panorama of an image folder into the folder `output`, under its own name and with the same metadata.

    The prompt of each is its caption, its seed `seed` plus its number. Pictures that `output` already has stay, so the
    same call continues what was stopped; perspective pictures and masks are copied. `progress` gets a file's name and
    how many of how many are done. Returns how many panoramas were written.

    Raises:
        ValueError: the same folder for both, what `ImageFolder` and `refine_file` raise.
    """
    folder, output = Path(folder), Path(output)
    if folder.resolve() == output.resolve():
        raise ValueError(f"got {output} as the folder to read and to write; wanted another one for the repaired files")
    items = {item.path: item for item in ImageFolder(folder)}
    output.mkdir(parents=True, exist_ok=True)
    written = 0
    for number, (path, item) in enumerate(items.items()):
        target = output / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        if item.mask is not None:
            _copy(item.mask, folder, output)
        if item.projection != "equirect":
            _copy(path, folder, output)
        elif not target.exists():
            refine_file(model, path, target, item.text, seed=seed + number, parameters=parameters, **options)
            written += 1
        if progress:
            progress(path.name, number + 1, len(items))
    for name in LISTS:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, output / name)
    return written


def _copy(path: Path, folder: Path, output: Path) -> None:
    target = output / path.relative_to(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
