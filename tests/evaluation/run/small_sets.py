"""Small folders of panoramas, and protocols for them."""

import json

import numpy as np

from cyclorama.media.metadata import gpano_fields
from cyclorama.media.pictures import write_picture

HEIGHT, WIDTH = 32, 64


def panorama(seed, *, shift=0):
    """Smooth random colours that wrap, uint8."""
    draw = np.random.default_rng(seed)
    x, y = np.arange(WIDTH) * 2 * np.pi / WIDTH, np.arange(HEIGHT) * np.pi / HEIGHT
    waves = [
        draw.uniform(10, 30) * np.outer(np.sin(k * y + draw.uniform(0, 6)), np.sin(k * x + draw.uniform(0, 6)))
        for k in range(1, 7)
        for _ in range(3)
    ]
    levels = 120 + shift + np.stack([sum(waves[c::3]) for c in range(3)], -1) + draw.normal(0, 4, (HEIGHT, WIDTH, 3))
    return levels.clip(0, 255).astype(np.uint8)


def write_folder(folder, seeds, *, prompt="", shift=0, suffix=".png"):
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        parameters = {"prompt": prompt} if prompt else None
        path = folder / f"{seed:03d}{suffix}"
        write_picture(panorama(seed, shift=shift), path, gpano=gpano_fields(HEIGHT, WIDTH), parameters=parameters)
    return folder


def rows_of(evaluation):
    return {row.name: row for row in evaluation.report.metrics}


def write_protocol(path, *measures, samples="panorama", version="1"):
    rows = {"name": "test", "version": version, "title": "A test", "samples": samples, "measures": list(measures)}
    path.write_text(json.dumps(rows))
    return path


DS = {"name": "DS", "metric": "discontinuity_score"}
SHARP = {"name": "sharp", "metric": "sharpness"}
FD = {"name": "FD", "metric": "frechet", "network": "faed", "views": "equirect", "resize": "aa"}
KD = FD | {"name": "KD", "metric": "kid"}
RECALL = FD | {"name": "recall", "metric": "recall", "options": {"num_neighbours": 2}}
PLACE = {
    "name": "place",
    "metric": "agreement",
    "network": "eyes-panorama",
    "views": "equirect",
    "resize": "aa",
    "options": {"head": "place"},
}
