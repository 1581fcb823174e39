"""What a picture shows, for its row: captions, things with their directions, and what lies in each direction."""

import dataclasses

from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.captions import direction_captions, write_caption
from cyclorama.diorama.datasets.kinds import Row, labels_of
from cyclorama.diorama.objects import OBJECTS, SMALLEST_SHARE, shares_of, sightings
from cyclorama.diorama.render import Render
from cyclorama.diorama.scene import Scene, World
from cyclorama.diorama.sighting import Sighting
from cyclorama.geometry.projection import Projection

NUM_OTHER_TEXTS = 4
SMALLEST_SIGHTING = 0.0002  # of the sphere, or of the picture
DIGITS = 4


def describe(
    scene: Scene,
    rendered: Render,
    world: World,
    projection: Projection,
    *,
    rotation: Float[Tensor, "3 3"] | None = None,
    pitch_deg: float = 0.0,
) -> Row:
    """The row's `text`, other wordings in `texts`, labels, `objects` and `sightings`; `directions` of a panorama.

    Directions are those of the picture: yaw 0 is its middle column. `objects` are the names of what covers at least
    SMALLEST_SHARE, `sightings` the things one by one, down to SMALLEST_SIGHTING, the largest first.
    """
    seen, everywhere = sightings(rendered, world, projection, rotation=rotation), projection.covers_sphere
    seeds = (scene.seed + 1_000_003 * k for k in range(1 + NUM_OTHER_TEXTS))
    texts = [write_caption(scene, seed, sightings=seen, pitch_deg=pitch_deg, directions=everywhere) for seed in seeds]
    shares = shares_of(seen)
    row: Row = {"text": texts[0], "texts": texts[1:], **labels_of(scene)}
    row["objects"] = [name for name in OBJECTS if shares[name] >= SMALLEST_SHARE]
    row["sightings"] = [_plain(one) for one in seen if one.share >= SMALLEST_SIGHTING]
    return row | ({"directions": direction_captions(scene, seen, scene.seed)} if everywhere else {})


def _plain(sighting: Sighting) -> Row:
    """Its fields with floats of few digits."""
    fields = dataclasses.asdict(sighting)
    return {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in fields.items()}
