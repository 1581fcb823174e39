"""The pictures that the benchmarks share: one prompt list over every place, time and sky, generated and rendered once.

Pictures are PNG files in build/benchmarks with a `metadata.jsonl`; picture k of either set belongs to the scene
`scenes(...)[k]` and has its caption. A stopped run goes on where it was, and several processes share the work. The
folder's name carries a hash of the weights and of the code that samples, so no figure mixes two models.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import torch
from provenance import ROOT, WORK
from torch import Tensor

import cyclorama
from cyclorama import diorama
from cyclorama.geometry import Equirect
from cyclorama.media.atomic import write_text
from cyclorama.media.images import read_image, write_panorama
from cyclorama.models.registry import Row, find_row
from cyclorama.models.seams import Wrap, to_wrap

SOURCES = ("diffusion", "methods", "models")
SEED = 20_000
SEAMLESS = ("integer", "adjacent")  # the others as they were published: no yaw between steps either


def scenes(num: int) -> list[Any]:
    """`num` scenes that go through all combinations of place, time and sky in a seeded order, again and again."""
    combinations = [
        (place, time_of_day, sky)
        for place in diorama.PLACES
        for time_of_day in diorama.TIMES
        for sky in diorama.skies_of(place)
    ]
    order = torch.randperm(len(combinations), generator=torch.Generator().manual_seed(SEED)).tolist()
    picked = [combinations[order[k % len(order)]] for k in range(num)]
    return [
        diorama.sample_scene(10**6 + k, place=place, time=time_of_day, sky=sky)
        for k, (place, time_of_day, sky) in enumerate(picked)
    ]


def captions(num: int) -> list[str]:
    """A caption for each of `scenes(num)`: place, time, sky and things that are seen; no directions. Made once."""
    path = WORK / f"captions-{_diorama_hash()}-{num}.json"
    if not path.exists():
        write_text(json.dumps([_caption(scene, k) for k, scene in enumerate(scenes(num))]), path)
    return json.loads(path.read_text())


def _caption(scene: Any, k: int) -> str:
    camera = Equirect(64, 128)
    world = diorama.build(scene, torch.device("cpu"))
    things = diorama.sightings(diorama.render_camera(scene, camera, antialias=1), world, camera)
    return diorama.write_caption(scene, k, sightings=things, complete=True, directions=False)


def generated(num: int, *, height: int, wrap: Wrap | None = None, num_steps: int | None = None) -> Path:
    """Folder of `num` panoramas of height x 2 height: the miniature on `captions(num)`, seeds SEED onwards.

    `wrap` is one of `cyclorama.models.seams.WRAPS`, None for the model's own; `num_steps` None for the model's own.
    """
    wrap = wrap or own_wrap()
    folder = WORK / f"generated-{_fingerprint()}-{wrap}-{height}-{num_steps or 'default'}"
    model = None
    for k in _missing(folder, num, f"generated, wrap {wrap}"):
        model = model or cyclorama.load_model("miniature", wrap=wrap)
        [image] = cyclorama.generate_panoramas(
            model,
            [captions(num)[k]],
            seeds=[SEED + k],
            height=height,
            num_steps=num_steps,
            yaw_steps=wrap in SEAMLESS,
        )
        _write(folder, k, image)
    return _with_metadata(folder, num)


def own_row() -> Row:
    """What the registry knows of the miniature's panorama LoRA."""
    row = find_row("miniature-panorama", "lora")
    assert row
    return row


def own_wrap() -> Wrap:
    """The wrap that the miniature's panorama LoRA was made for."""
    return to_wrap(own_row().wrap)


def rendered(num: int, *, height: int) -> Path:
    """Folder of renders of height x 2 height of `scenes(num)`, which no training has seen."""
    folder = WORK / f"rendered-{_diorama_hash()}-{height}"
    every = scenes(num)
    for k in _missing(folder, num, "rendered"):
        _write(folder, k, diorama.render_panorama(every[k], height).colours)
    return _with_metadata(folder, num)


def read_one(folder: Path, k: int) -> Tensor:
    """Picture k of a folder [3, height, 2 height]."""
    return read_image(picture(folder, k))


def read(folder: Path, num: int) -> Tensor:
    """The first `num` pictures of a folder [num, 3, height, 2 height]."""
    return torch.stack([read_one(folder, k) for k in range(num)])


def _missing(folder: Path, num: int, what: str) -> Iterator[int]:
    """Numbers of the pictures that neither an earlier run nor another process has made, with a line of progress.

    In an order of each process's own: several that went through the same order would make every picture twice.
    """
    wanted = [k for k in range(num) if not picture(folder, k).exists()]
    Random(os.getpid()).shuffle(wanted)
    begin = time.monotonic()
    for done, k in enumerate(wanted, 1):
        if not picture(folder, k).exists():
            yield k
        left = (time.monotonic() - begin) / done * (len(wanted) - done)
        end = "" if done < len(wanted) else "\n"
        print(f"\r{done} of {len(wanted)} {what}, {left:.0f} s left   ", end=end, file=sys.stderr, flush=True)


def picture(folder: Path, k: int) -> Path:
    """The file of picture k."""
    return folder / f"{k:04d}.png"


def _write(folder: Path, k: int, image: Tensor) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_panorama(image, picture(folder, k))


def _with_metadata(folder: Path, num: int) -> Path:
    rows = [{"file_name": picture(folder, k).name, "text": text} for k, text in enumerate(captions(num))]
    write_text("".join(json.dumps(row) + "\n" for row in rows), folder / "metadata.jsonl")
    return folder


def _fingerprint() -> str:
    sources = [path for part in SOURCES for path in sorted((ROOT / "src/cyclorama" / part).glob("*.py"))]
    weights = sorted(path for path in (ROOT / "src/cyclorama/models/miniature").rglob("*") if path.is_file())
    return _hash(sources + weights)


def _diorama_hash() -> str:
    return _hash(sorted((ROOT / "src/cyclorama/diorama").rglob("*.py")))


def _hash(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:10]
