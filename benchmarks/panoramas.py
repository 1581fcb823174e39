"""The pictures that the benchmarks share: one prompt list over every place, time and sky, generated and rendered once.

Pictures are PNG files in build/benchmarks; picture k of either set has the place, time and sky of `scenes(...)[k]`, and
a stopped run goes on where it was. The folder's name carries a hash of the weights and of the code that samples, so no
figure mixes two models.
"""

import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from einops import rearrange
from PIL import Image
from provenance import ROOT, WORK
from torch import Tensor

import cyclorama
from cyclorama import diorama
from cyclorama.models.registry import find_row
from cyclorama.models.seams import Wrap, to_wrap

SOURCES = ("diffusion", "methods", "models")
SEED = 20_000
SEAMLESS = ("integer", "adjacent")  # the others as they were published: no yaw between steps either


def scenes(num: int) -> list[Any]:
    """`num` scenes that go through all combinations of place, time and sky in a seeded order, again and again."""
    combinations = list(product(diorama.PLACES, diorama.TIMES, diorama.SKIES))
    order = torch.randperm(len(combinations), generator=torch.Generator().manual_seed(SEED)).tolist()
    picked = [combinations[order[k % len(order)]] for k in range(num)]
    return [
        diorama.sample_scene(10**6 + k, place=place, time=time_of_day, sky=sky)
        for k, (place, time_of_day, sky) in enumerate(picked)
    ]


def generated(
    num: int, *, height: int, wrap: Wrap | None = None, num_steps: int | None = None, batch_size: int = 1
) -> Tensor:
    """Panoramas [num, 3, height, 2 height] of the miniature for the captions of `scenes(num)`, seeds SEED onwards.

    `wrap` is one of `cyclorama.models.seams.WRAPS`, None for the model's own; `num_steps` None for the model's own.
    """
    wrap = wrap or own_wrap()
    folder = WORK / f"generated-{_fingerprint()}-{wrap}-{height}-{num_steps or 'default'}"
    missing = [k for k in range(num) if not _picture(folder, k).exists()]
    if missing:
        model = cyclorama.load_model("miniature", wrap=wrap)
        captions = [diorama.write_caption(scene, k, complete=True) for k, scene in enumerate(scenes(num))]
        for rows in _shown(missing, batch_size, f"generated, wrap {wrap}"):
            rows = [k for k in rows if not _picture(folder, k).exists()]  # another process may have made it
            if not rows:
                continue
            images = cyclorama.generate_panoramas(
                model,
                [captions[k] for k in rows],
                seeds=[SEED + k for k in rows],
                height=height,
                num_steps=num_steps,
                yaw_steps=wrap in SEAMLESS,
            )
            _write(folder, rows, images)
    return _read(folder, num)


def own_wrap() -> Wrap:
    """The wrap that the miniature's panorama LoRA was made for."""
    row = find_row("miniature-panorama", "lora")
    assert row
    return to_wrap(row.wrap)


def rendered(num: int, *, height: int) -> Tensor:
    """Renders [num, 3, height, 2 height] of `scenes(num)`, which no training has seen."""
    folder = WORK / f"rendered-{_hash(sorted((ROOT / 'src/cyclorama/diorama').glob('*.py')))}-{height}"
    missing = [k for k in range(num) if not _picture(folder, k).exists()]
    every = scenes(num)
    for rows in _shown(missing, 1, "rendered"):
        _write(folder, rows, torch.stack([diorama.render_panorama(every[k], height).colours for k in rows]))
    return _read(folder, num)


def _shown(missing: Sequence[int], batch_size: int, what: str) -> Iterator[list[int]]:
    begin = time.monotonic()
    for start in range(0, len(missing), batch_size):
        yield list(missing[start : start + batch_size])
        done = min(start + batch_size, len(missing))
        left = (time.monotonic() - begin) / done * (len(missing) - done)
        end = "" if done < len(missing) else "\n"
        print(f"\r{done} of {len(missing)} {what}, {left:.0f} s left   ", end=end, file=sys.stderr, flush=True)


def _picture(folder: Path, k: int) -> Path:
    return folder / f"{k:04d}.png"


def _write(folder: Path, rows: Sequence[int], images: Tensor) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for k, image in zip(rows, images.float().clamp(0, 1).cpu(), strict=True):
        pixels = rearrange((image * 255).round().byte(), "c h w -> h w c").numpy()
        part = folder / f"{k:04d}.part"
        Image.fromarray(pixels).save(part, "PNG")
        part.replace(_picture(folder, k))


def _read(folder: Path, num: int) -> Tensor:
    pixels = np.stack([np.asarray(Image.open(_picture(folder, k)).convert("RGB")) for k in range(num)])
    return rearrange(torch.from_numpy(pixels), "b h w c -> b c h w").float() / 255


def _fingerprint() -> str:
    sources = [path for part in SOURCES for path in sorted((ROOT / "src/cyclorama" / part).glob("*.py"))]
    weights = sorted(path for path in (ROOT / "src/cyclorama/models/miniature").rglob("*") if path.is_file())
    return _hash(sources + weights)


def _hash(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:10]
