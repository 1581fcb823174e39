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
    return photographed(WALK, [120, 120, 120])


@pytest.fixture(scope="session")
def turning_photographs() -> PosedViews:
    return photographed(START.expand(3, 4, 4), [110, 120, 130])


def photographed(places: torch.Tensor, yaws_deg: list[int]) -> PosedViews:
    renders = [
        render_view(SCENE, 160, 160, 100, yaw_deg=yaw, origin=place[:3, 3])
        for place, yaw in zip(places, yaws_deg, strict=True)
    ]
    images, depth = torch.stack([r.colours for r in renders]), torch.stack([r.depth for r in renders])
    turns = torch.stack([rotation(yaw_deg=yaw).to(places) for yaw in yaws_deg])
    turned = compose(places, pose(turns, torch.zeros(3)))
    return PosedViews(images, turned, Perspective(160, 160, 100), depth)
