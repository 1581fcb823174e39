"""Out- and inpainting by the miniature: can the border be told, does the seam close, is the prompt followed?

    python benchmarks/painting.py            # 24 renders of 512x1024, photos of 90 degrees, regions of 70
    python benchmarks/painting.py --limit 2  # a rehearsal; its figures go to build/benchmarks/rehearsals
    python benchmarks/painting.py --also PANORAMA.jpg "a village in the snow"   # and photos cut from your own panoramas
    python benchmarks/painting.py --sheet docs/images/painting.jpg              # what was kept, and what came of it

A photo is cut from a render and its surroundings are painted; a round region is painted in the render itself. The
border ratio (the step across the border over the steps beside it) and the seam ratio stand beside those of the
untouched renders with the same masks; `changed` counts kept pixels that differ by a bit from what was kept.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import panoramas
import torch
from provenance import write_result
from torch import Tensor
from torch.nn.functional import interpolate

import cyclorama
from cyclorama.evaluation import difference_interval, mean_interval, seam_ratio
from cyclorama.evaluation.agreement import agreement, asked_in
from cyclorama.evaluation.borders import border_ratio
from cyclorama.geometry import equirect_to_perspective
from cyclorama.geometry.placing import place_photo
from cyclorama.media.images import read_image, write_image
from cyclorama.methods.inpaint import inpaint, region_mask
from cyclorama.methods.masked_sampling import METHODS
from cyclorama.methods.outpaint import outpaint
from cyclorama.training.sheets import tile_images

FOV_DEG, REGION_DEG, REGION_PITCH_DEG = 90, 70, -10
HEADS = ("place", "time", "sky")
SHOWN = 3


class Painted(NamedTuple):
    """A panorama [3, height, width], the pixels of it that were kept [height, width], and where those came from."""

    image: Tensor
    kept: Tensor
    source: Tensor

    def changed(self) -> int:
        """Kept pixels that are not the source's, bit by bit."""
        return int((self.image != self.source)[:, self.kept].any(0).sum())

    def before_and_after(self) -> list[Tensor]:
        """What was kept and what came of it, at half the size."""
        pair = torch.stack([self.source * self.kept, self.image])
        return list(interpolate(pair, scale_factor=0.5, mode="area"))


def from_photo(model: Any, panorama: Tensor, prompt: str, k: int, **sampling: Any) -> Painted:
    """A panorama around a photo cut from one, with another direction for every number."""
    rows, height = panorama.shape[-2] // 2, model.capabilities.native_size[0]
    camera: dict[str, Any] = {"fov_deg": FOV_DEG, "yaw_deg": 47 * k % 360}
    photo = equirect_to_perspective(panorama, rows, rows, **camera).clamp(0, 1)
    image, kept = outpaint(model, photo, prompt, **camera, seed=k, height=height, **sampling)
    return Painted(image, kept, place_photo(photo, height, **camera)[0])


def with_region(model: Any, panorama: Tensor, prompt: str, k: int, **sampling: Any) -> Painted:
    """The panorama with a round region painted anew, in another direction for every number."""
    where: dict[str, Any] = {"yaw_deg": 47 * k % 360, "pitch_deg": REGION_PITCH_DEG, "fov_deg": REGION_DEG}
    mask = region_mask(panorama.shape[-2], **where)
    return Painted(inpaint(model, panorama, mask, prompt, seed=k, **sampling), mask == 0, panorama)


TASKS: dict[str, Callable[..., Painted]] = {"outpaint": from_photo, "inpaint": with_region}


def row(painted: list[Painted], renders: Tensor, texts: list[str]) -> dict[str, Any]:
    """The figures of one task: borders and seams beside the renders', agreement, and kept pixels that changed."""
    images = torch.stack([one.image for one in painted])
    found = agreement(images, [asked_in(text) for text in texts])
    difference = difference_interval(seam_ratio(images), seam_ratio(renders))
    return {
        "border_ratio": mean_interval(borders(images, painted)).to_dict(),
        "border_ratio_of_renders": mean_interval(borders(renders, painted)).to_dict(),
        "seam_ratio": mean_interval(seam_ratio(images)).to_dict(),
        "seam_minus_renders": difference.to_dict(),
        "seam_equals_renders": 0.0 in difference,
        "agreement": {head: float(found[head].nanmean()) for head in HEADS},
        "changed": sum(one.changed() for one in painted),
    }


def borders(images: Tensor, painted: list[Painted]) -> Tensor:
    """The border ratio of every picture with the mask of its number."""
    return torch.cat([border_ratio(image[None], one.kept) for image, one in zip(images, painted, strict=True)])


def of_own(model: Any, path: Path, prompt: str, **sampling: Any) -> tuple[dict[str, Any], Painted]:
    """Four photos cut from a panorama of the user's, a quarter turn apart: the figures, and what came of the first."""
    panorama = read_image(path)
    turns = [turn * panorama.shape[-1] // 4 for turn in range(4)]
    painted = [from_photo(model, panorama.roll(turn, -1), prompt, 0, **sampling) for turn in turns]
    images = torch.stack([one.image for one in painted])
    figures = {"border_ratio": borders(images, painted).tolist(), "seam_ratio": seam_ratio(images).tolist()}
    return figures | {"prompt": prompt, "changed": sum(one.changed() for one in painted)}, painted[0]


def main() -> None:
    parser = argparse.ArgumentParser(description="Out- and inpainting by the miniature.")
    parser.add_argument("--num", type=int, default=24)
    parser.add_argument("--limit", type=int, help="a rehearsal with so many")
    parser.add_argument("--height", type=int, default=panoramas.own_row().native_size[0])
    parser.add_argument("--method", choices=METHODS, default=METHODS[0])
    parser.add_argument("--num-steps", type=int, help="denoising steps; the model's own number by default")
    parser.add_argument("--also", nargs=2, action="append", default=[], metavar=("PANORAMA", "PROMPT"))
    parser.add_argument("--sheet", type=Path, help="a picture of what was kept beside what came of it")
    options = parser.parse_args()
    num, model = options.limit or options.num, cyclorama.load_model("miniature")
    renders, texts = panoramas.read(panoramas.rendered(num, height=options.height), num), panoramas.captions(num)
    sampling = {"method": options.method, "num_steps": options.num_steps}
    rows, own, shown = {}, {}, []
    for name, task in TASKS.items():
        painted = [task(model, renders[k], texts[k], k, **sampling) for k in range(num)]
        rows[name], shown = row(painted, renders, texts), shown + painted[:SHOWN]
        print(name, rows[name])
    for path, prompt in options.also:
        own[Path(path).name], first = of_own(model, Path(path), prompt, **sampling)
        shown.append(first)
        print(path, own[Path(path).name])
    if options.sheet:
        pictures = [picture for one in shown for picture in one.before_and_after()]
        write_image(tile_images(torch.stack(pictures), columns=2), options.sheet)
    figures = {"num": num, "height": options.height, "method": options.method, "tasks": rows, "own": own}
    print(write_result("painting", figures, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
