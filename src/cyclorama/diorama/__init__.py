"""The diorama: a procedural 3-D world that renders captioned panoramas, photographs and depth of one and the same scene."""

from cyclorama.diorama.captions import write_caption
from cyclorama.diorama.render import Render, render, render_panorama, render_view
from cyclorama.diorama.scene import PLACES, SKIES, TIMES, Scene, sample_scene

__all__ = [
    "PLACES",
    "SKIES",
    "TIMES",
    "Render",
    "Scene",
    "render",
    "render_panorama",
    "render_view",
    "sample_scene",
    "write_caption",
]
