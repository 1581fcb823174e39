"""The diorama: a procedural 3-D world. One scene gives panoramas, photographs, depth and captions that agree.

World axes are those of `cyclorama.geometry` (x right, y up, the front is -z), in metres; the eye stands near x = z = 0.
"""

from cyclorama.diorama.captions import direction_captions, labels_in, objects_in, vocabulary, write_caption
from cyclorama.diorama.objects import OBJECTS, sightings, visible_objects
from cyclorama.diorama.places import build
from cyclorama.diorama.render import Render, render, render_camera, render_panorama, render_view
from cyclorama.diorama.scene import PLACES, SKIES, TIMES, Scene, World, sample_scene, skies_of
from cyclorama.diorama.sighting import Sighting
from cyclorama.diorama.walks import free_walk

__all__ = [
    "OBJECTS",
    "PLACES",
    "SKIES",
    "TIMES",
    "Render",
    "Scene",
    "Sighting",
    "World",
    "build",
    "direction_captions",
    "free_walk",
    "labels_in",
    "objects_in",
    "render",
    "render_camera",
    "render_panorama",
    "render_view",
    "sample_scene",
    "sightings",
    "skies_of",
    "visible_objects",
    "vocabulary",
    "write_caption",
]
