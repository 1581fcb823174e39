"""Three places in one room of the diorama, rendered once: panoramas with depth, and photographs to one side."""

import pytest
import torch

from cyclorama.diorama import render_panorama, render_view, sample_scene
from cyclorama.evaluation.multiview import PosedViews
from cyclorama.geometry import Equirect, Perspective, compose, line, pose, rotation

SCENE = sample_scene(5, place="gallery", time="noon")
START, END = (pose(torch.eye(3), torch.tensor(place)) for place in ([0.0, 1.6, 0.0], [0.4, 1.65, -0.3]))
WALK = line(START, END, 3)


@pytest.fixture(scope="session")
def room() -> PosedViews:
    renders = [render_panorama(SCENE, 128, origin=place[:3, 3]) for place in WALK]
    images, depth = torch.stack([r.colours for r in renders]), torch.stack([r.depth for r in renders])
    return PosedViews(images, WALK, Equirect(128, 256), depth)


@pytest.fixture(scope="session")
def photographs() -> PosedViews:
    renders = [render_view(SCENE, 160, 160, 100, yaw_deg=120, origin=place[:3, 3]) for place in WALK]
    images, depth = torch.stack([r.colours for r in renders]), torch.stack([r.depth for r in renders])
    turned = compose(WALK, pose(rotation(yaw_deg=120).to(WALK), torch.zeros(3)))
    return PosedViews(images, turned, Perspective(160, 160, 100), depth)
