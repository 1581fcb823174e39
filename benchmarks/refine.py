"""Pole repair: renders whose poles were blurred on purpose, repaired by the miniature, beside the renders themselves.

    python benchmarks/refine.py            # 24 renders of 512x1024, both regions
    python benchmarks/refine.py --limit 2  # a rehearsal; its figures go to build/benchmarks/rehearsals

Figures are gradient energies of the up and the down faces over those of the renders (of the means, and the median over
the faces), 1 is as sharp, and the same of the square inside the blurred caps alone; how much of what was blurred, and
of what was not, a region covers; and how many pixels changed outside the masks.
"""

import argparse
import math
from typing import Any

import panoramas
import torch
from provenance import write_result
from torch import Tensor
from torch.nn.functional import conv2d, pad

import cyclorama
from cyclorama.evaluation import Interval
from cyclorama.evaluation.intervals import ratio_interval
from cyclorama.evaluation.sharpness import gradient_energy
from cyclorama.geometry import equirect_to_cubemap
from cyclorama.geometry.cubemap import FACES
from cyclorama.methods.refine import POLES, REGIONS, paint_on_sphere, refine_poles

ANGLE_DEG, FACE = 24, 384
"""Of the blurred caps, which the published middle half (26.6 degrees and more) covers; and pixels of a face."""


def blur_poles(panorama: Tensor, *, sigma: float) -> tuple[Tensor, Tensor]:
    """The panorama with both caps blurred (`sigma` in pixels of a face of `FACE`), and where that is."""
    places = (torch.arange(FACE) + 0.5) / FACE * 2 - 1
    cap = torch.hypot(places[:, None], places) < math.tan(math.radians(ANGLE_DEG))
    cube, where = equirect_to_cubemap(panorama, FACE), torch.zeros(panorama.shape[-2:], dtype=torch.bool)
    for face in POLES:
        panorama, touched = paint_on_sphere(panorama, _blur(cube[FACES.index(face)], sigma), cap, face)
        where |= touched
    return (panorama * 255).round() / 255, where


def _blur(picture: Tensor, sigma: float) -> Tensor:
    reach = math.ceil(3 * sigma)
    taps = torch.exp(-(torch.arange(-reach, reach + 1.0) ** 2) / (2 * sigma * sigma))
    taps = (taps / taps.sum()).expand(3, 1, 1, -1)
    wide = pad(picture[None], (reach,) * 4, mode="reflect")
    return conv2d(conv2d(wide, taps, groups=3), taps.mT, groups=3)[0]


def sharpness(images: Tensor, renders: Tensor) -> dict[str, Any]:
    """Gradient energy over the renders', of the faces and of what lies in the caps."""
    ours, theirs = pole_faces(images), pole_faces(renders)
    margin = math.ceil(FACE / 2 * (1 - math.tan(math.radians(ANGLE_DEG)) / math.sqrt(2)))
    inside = slice(margin, FACE - margin)
    caps = _energies(ours[..., inside, inside], theirs[..., inside, inside])
    return _energies(ours, theirs) | {f"cap_{name}": figure for name, figure in caps.items()}


def _energies(ours: Tensor, theirs: Tensor) -> dict[str, Any]:
    ours, theirs = gradient_energy(ours, wrap=False), gradient_energy(theirs, wrap=False)
    return {"energy": ratio_interval(ours, theirs).to_dict(), "median": float((ours / theirs).median())}


def pole_faces(images: Tensor) -> Tensor:
    """Both poles' faces, [2 * num, 3, FACE, FACE]."""
    return torch.cat([equirect_to_cubemap(image, FACE)[[FACES.index(face) for face in POLES]] for image in images])


def repaired(model: Any, blurred: Tensor, captions: list[str], *, region: str, num_steps: int | None) -> list[Any]:
    """Every panorama repaired with the seed of its number."""
    return [
        refine_poles(model, image, caption, seed=k, region=region, num_steps=num_steps)
        for k, (image, caption) in enumerate(zip(blurred, captions, strict=True))
    ]


def row(found: list[Any], renders: Tensor, blurred: Tensor, where: Tensor) -> dict[str, Any]:
    """The figures of one region."""
    masks, images = torch.stack([one.mask for one in found]), torch.stack([one.panorama for one in found])
    return {
        **sharpness(images, renders),
        "covered": float(masks[where].float().mean()),
        "covered_beyond": float(masks[~where].float().mean()),
        "changed_outside": int((images != blurred).any(1)[~masks].sum()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Pole repair of renders that were blurred on purpose.")
    parser.add_argument("--num", type=int, default=24)
    parser.add_argument("--limit", type=int, help="a rehearsal with so many")
    parser.add_argument("--height", type=int, default=512)
    parser.add_argument("--sigma", type=float, default=4.0, help=f"pixels of a face of {FACE}")
    parser.add_argument("--num-steps", type=int, help="denoising steps; the model's own number by default")
    options = parser.parse_args()
    num = options.limit or options.num
    renders = panoramas.read(panoramas.rendered(num, height=options.height), num)
    blurred, where = map(torch.stack, zip(*(blur_poles(one, sigma=options.sigma) for one in renders), strict=True))
    captions = panoramas.captions(num)
    model = cyclorama.load_model("miniature", lora="none")
    rows = {"blurred": sharpness(blurred, renders)}
    for region in REGIONS:
        found = repaired(model, blurred, captions, region=region, num_steps=options.num_steps)
        rows[f"region {region}"] = row(found, renders, blurred, where)
    for name, figures in rows.items():
        intervals = {key: str(Interval(**figures[key])) for key in ("energy", "cap_energy")}
        print(name, {**figures, **intervals})
    figures = {"num": num, "height": options.height, "sigma": options.sigma, "angle_deg": ANGLE_DEG, "rows": rows}
    print(write_result("refine", figures, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
