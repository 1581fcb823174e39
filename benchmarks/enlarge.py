"""Panoramas made four times as large by the miniature: the seam, the detail, and what it costs in fidelity.

    python benchmarks/enlarge.py            # four renders of 512x1024 to 2048x4096: about 20 minutes of two cores
    python benchmarks/enlarge.py --limit 1  # a rehearsal, 256x512 to 512x1024 in few steps
    python benchmarks/enlarge.py --sheet build/enlarge.png    # a crop of each

Large renders are made small (means of blocks) and enlarged by the method, by bicubic interpolation, and by that with
the method's last step, without a model; the renders themselves are what could be reached at best. `detail` is gradient
energy over the render's, of the whole panorama and of the up and down faces; `seam` the seam ratio, 1 where the seam is
like any other column; `psnr` in dB to the renders.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import panoramas
import torch
from provenance import write_result
from torch import Tensor
from torch.nn.functional import avg_pool2d

import cyclorama
from cyclorama.evaluation import Interval, mean_interval, seam_ratio
from cyclorama.evaluation.sharpness import gradient_energy
from cyclorama.geometry import equirect_to_cubemap
from cyclorama.geometry.cubemap import FACES
from cyclorama.media.images import write_image
from cyclorama.methods.enlarge import STRENGTH, enlarge, enlarge_smoothly, project_back
from cyclorama.training.sheets import tile_images

CROP = 512


def row(images: Tensor, renders: Tensor) -> dict[str, Any]:
    """The figures of one way to enlarge."""
    ours, theirs = pole_faces(images), pole_faces(renders)
    error = (images - renders).square().mean((1, 2, 3))
    intervals = {
        "seam": mean_interval(seam_ratio(images)),
        "detail": mean_interval(gradient_energy(images) / gradient_energy(renders)),
        "detail_at_poles": mean_interval(gradient_energy(ours, wrap=False) / gradient_energy(theirs, wrap=False)),
        "psnr": mean_interval(-10 * error.clamp(min=1e-9).log10()),
    }
    return {name: interval.to_dict() for name, interval in intervals.items()}


def pole_faces(images: Tensor) -> Tensor:
    """Both poles' faces, [2 * num, 3, size, size]."""
    size = images.shape[-2] // 2
    return torch.cat([equirect_to_cubemap(image, size)[[FACES.index("up"), FACES.index("down")]] for image in images])


def middle(images: Tensor) -> Tensor:
    """A square around the seam, below the horizon's middle."""
    first = images.shape[-2] // 2 - CROP // 4
    return images.roll(CROP // 2, -1)[..., first : first + CROP, :CROP]


def main() -> None:
    parser = argparse.ArgumentParser(description="Detail and seam of enlarged panoramas.")
    parser.add_argument("--num", type=int, default=4)
    parser.add_argument("--limit", type=int, help="a rehearsal with so many, smaller")
    parser.add_argument("--strength", type=float, default=STRENGTH)
    parser.add_argument("--num-steps", type=int, help="of a whole denoising; the model's own number by default")
    parser.add_argument("--sheet", type=Path, help="where to write crops")
    options = parser.parse_args()
    num, height, factor = (options.limit, 512, 2) if options.limit else (options.num, 2048, 4)
    renders = panoramas.read(panoramas.rendered(num, height=height), num)
    small, captions = avg_pool2d(renders, factor), panoramas.captions(num)
    model = cyclorama.load_model("miniature", lora="none")
    how = {"strength": options.strength, "num_steps": 3 if options.limit else options.num_steps}
    begin = time.perf_counter()
    painted = [
        enlarge(model, one, height, text, seed=k, **how)
        for k, (one, text) in enumerate(zip(small, captions, strict=True))
    ]
    seconds = (time.perf_counter() - begin) / num
    smooth = torch.stack([enlarge_smoothly(one, height) for one in small])
    sets = {
        "bicubic": smooth.clamp(0, 1),
        "bicubic, projected back": torch.stack([project_back(*pair) for pair in zip(smooth, small, strict=True)]),
        "enlarged": torch.stack(painted),
        "renders": renders,
    }
    rows = {name: row(images, renders) for name, images in sets.items()}
    for name, figures in rows.items():
        print(name, {key: str(Interval(**value)) for key, value in figures.items()})
    if options.sheet:
        write_image(tile_images(torch.cat([middle(images) for images in sets.values()]), columns=num), options.sheet)
    figures = {"num": num, "height": height, "factor": factor, **how, "seconds": seconds, "rows": rows}
    print(write_result("enlarge", figures, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
