"""Prompts by direction: does what is asked for above, below and at a direction appear there, and only there?

    python benchmarks/directions.py            # twelve seeds for each of three requests, by the miniature
    python benchmarks/directions.py --limit 1  # a rehearsal; its figures go to build/benchmarks/rehearsals
    python benchmarks/directions.py --sheet docs/images/directions.png    # the first seeds, a line for each request

Two requests have the same middle and other ends: a starry sky above and snow below, a clear blue sky above and green
grass below. Colours are means over the caps beyond 60 degrees and over the horizon (20 degrees on both sides). The last
two are the same but for what the view of a thing is told: `changed` is the mean difference between them in the disc of
the thing and in the disc on the other side.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from provenance import write_result
from torch import Tensor
from torch.nn.functional import interpolate

import cyclorama
from cyclorama.evaluation import Interval, difference_interval, mean_interval
from cyclorama.geometry import Equirect, rotation_matrix
from cyclorama.geometry.sphere import dirs_to_lonlat
from cyclorama.media.images import write_image
from cyclorama.methods.directional_prompts import DirectedPrompt, prompts_by_height
from cyclorama.methods.sphere_diffusion import generate_sphere
from cyclorama.training.sheets import tile_images

MIDDLE, HOUSE = "a village street", "a red house, a village under a clear sky at noon"
HILLS = prompts_by_height("hills covered with grass under a clear sky at noon")
THING = (0.0, 60.0, 40.0)
"""Its pitch, yaw and size in degrees."""
REQUESTS = {
    "starry above, snow below": [
        DirectedPrompt(MIDDLE),
        DirectedPrompt("a starry sky, looking up", 90.0),
        DirectedPrompt("snow, looking down", -90.0),
    ],
    "blue above, grass below": [
        DirectedPrompt(MIDDLE),
        DirectedPrompt("a clear blue sky at noon, looking up", 90.0),
        DirectedPrompt("green grass, looking down", -90.0),
    ],
    "hills": [*HILLS, DirectedPrompt(HILLS[0].text, *THING)],
    "hills and a house": [*HILLS, DirectedPrompt(HOUSE, *THING)],
}
SHOWN = 3


def regions(height: int) -> dict[str, Tensor]:
    """Shares of the pixels of a panorama in each region, by solid angle; each sums to 1."""
    dirs = Equirect(height, 2 * height).pixel_dirs()
    lats = np.degrees(dirs_to_lonlat(dirs)[1])
    pitch, yaw, size = THING
    discs = {
        name: dirs @ -rotation_matrix(side, pitch)[:, 2] > np.cos(np.radians(size / 2))
        for name, side in (("thing", yaw), ("elsewhere", yaw + 180))
    }
    inside = {"above": lats > 60, "below": lats < -60, "horizon": np.abs(lats) < 20} | discs
    shares = {name: np.cos(np.radians(lats)) * one for name, one in inside.items()}
    return {name: torch.from_numpy(share / share.sum()).float() for name, share in shares.items()}


def colours(images: Tensor) -> dict[str, Tensor]:
    """Mean light, and green beyond the other two, [images] for each region."""
    found = {}
    for name, share in regions(images.shape[-2]).items():
        red, green, blue = (images * share).sum((-2, -1)).unbind(1)
        found[f"{name}: light"] = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        found[f"{name}: green"] = green - (red + blue) / 2
    return found


def compared(pictures: dict[str, Tensor]) -> dict[str, Any]:
    """The figures that answer the question, each with an interval."""
    *ends, without, with_thing = pictures.values()
    first, second = map(colours, ends)
    names = ("above: light", "below: light", "below: green", "horizon: light", "horizon: green")
    rows: dict[str, Interval] = {}
    for name in names:
        rows |= {f"{name}, first": mean_interval(first[name]), f"{name}, second": mean_interval(second[name])}
        rows[f"{name}, difference"] = difference_interval(first[name], second[name])
    for name in ("thing", "elsewhere"):
        changed = (with_thing - without).abs().mean(1) * regions(without.shape[-2])[name]
        rows[f"{name}: changed"] = mean_interval(changed.sum((-2, -1)))
    return {name: interval.to_dict() for name, interval in rows.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Colours where a prompt by direction asks for them.")
    parser.add_argument("--num", type=int, default=12)
    parser.add_argument("--limit", type=int, help="a rehearsal with so many")
    parser.add_argument("--height", type=int, default=512)
    parser.add_argument("--view-size", type=int, help="the method's own by default")
    parser.add_argument("--num-steps", type=int, help="the model's own number by default")
    parser.add_argument("--sheet", type=Path, help="where to write the first pictures")
    options = parser.parse_args()
    num, model = options.limit or options.num, cyclorama.load_model("miniature", lora="none")
    how = {"height": options.height, "view_size": options.view_size, "num_steps": options.num_steps}
    pictures = {
        name: torch.stack([generate_sphere(model, prompts, seed=seed, **how) for seed in range(num)])
        for name, prompts in REQUESTS.items()
    }
    if options.sheet:
        shown = torch.cat([images[:SHOWN] for images in pictures.values()])
        small = interpolate(shown, scale_factor=0.5, mode="area")
        write_image(tile_images(small, columns=min(SHOWN, num)), options.sheet)
    rows = compared(pictures)
    for name, row in rows.items():
        print(f"{name}: {Interval(**row)}")
    figures = {"num": num, **how, "requests": list(REQUESTS), "rows": rows}
    print(write_result("directions", figures, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
