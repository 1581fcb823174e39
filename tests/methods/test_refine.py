import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cyclorama.geometry import equirect_to_cubemap
from cyclorama.geometry.cubemap import FACES
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.resampling import camera_dirs
from cyclorama.methods.refine import (
    POLES,
    Refined,
    clear,
    default_face_size,
    look_at_pole,
    paint_on_sphere,
    plan_repair,
    refine_poles,
)
from cyclorama.models.registry import load_model

HEIGHT, FACE = 64, 64
STEPS: dict[str, Any] = {"num_steps": 2, "face_size": FACE}


@pytest.fixture(scope="module")
def model(tiny_flux_folder: Path):
    return load_model(tiny_flux_folder, lora="none", device="cpu")


def directions(height: int = HEIGHT) -> torch.Tensor:
    """The panorama whose colours are its own directions."""
    return (camera_dirs(Equirect(height, 2 * height)).movedim(-1, 0) + 1) / 2


@pytest.fixture(scope="module")
def repaired(model) -> Refined:
    return refine_poles(model, directions(), "a city at night", seed=3, **STEPS)


def test_outside_the_mask_not_a_bit_changes_and_inside_it_does(repaired):
    changed = (repaired.panorama != directions()).any(0)
    assert not changed[~repaired.mask].any()
    assert changed[repaired.mask].float().mean() > 0.95


def test_the_mask_is_the_middle_half_of_both_faces(repaired):
    x, y, z = camera_dirs(Equirect(HEIGHT, 2 * HEIGHT)).unbind(-1)
    from_pole = torch.maximum(x.abs(), z.abs()) / y.abs()
    pixel = 2 * math.pi / (2 * HEIGHT)  # of the panorama, in units of half a face
    assert repaired.mask[from_pole < 0.5].all()
    assert not repaired.mask[from_pole > 0.5 + 2 * pixel].any()


def test_one_pole_leaves_the_other_half_alone(model):
    lower = refine_poles(model, directions(), "a city", seed=3, faces=["down"], **STEPS)
    assert torch.equal(lower.panorama[:, : HEIGHT // 2], directions()[:, : HEIGHT // 2])
    assert lower.faces == ("down",)


def test_a_pole_depends_on_the_seed_and_on_no_other_pole(model, repaired):
    top = refine_poles(model, directions(), "a city at night", seed=3, faces=["up"], **STEPS)
    other = refine_poles(model, directions(), "a city at night", seed=4, faces=["up"], **STEPS)
    half = slice(0, HEIGHT // 2)
    assert torch.equal(top.panorama[:, half], repaired.panorama[:, half])
    assert not torch.equal(other.panorama[:, half], repaired.panorama[:, half])


def test_progress_counts_every_evaluation_of_both_faces(model):
    seen = []
    refine_poles(model, directions(), "a city", seed=0, progress=lambda *counts: seen.append(counts), **STEPS)
    total = seen[-1][1]
    assert seen == [(done, total) for done in range(1, total + 1)]


def test_where_no_blur_is_nothing_is_evaluated(model):
    seen = []
    same = refine_poles(
        model, directions(), "a city", seed=0, region="blurred", progress=lambda *counts: seen.append(counts), **STEPS
    )
    assert torch.equal(same.panorama, directions())
    assert (same.faces, bool(same.mask.any()), seen) == ((), False, [])


def test_a_blank_pole_is_found_and_painted(model):
    """Noise everywhere but around the zenith: a cap without detail."""
    noise = 0.5 + 0.1 * torch.randn(3, 128, 256, generator=torch.Generator().manual_seed(0))
    noise[:, : 128 * 25 // 180] = 0.5
    found = refine_poles(model, noise.clamp(0, 1), "a city", seed=0, region="blurred", num_steps=2, face_size=128)
    assert found.faces == ("up",)
    assert found.mask[: 128 * 22 // 180].all()
    assert not found.mask[128 * 35 // 180 :].any()


@pytest.mark.parametrize("face", POLES)
def test_painting_a_face_on_the_sphere_puts_every_direction_in_its_place(face):
    """The face of the panorama of directions, painted on an empty one, shows the same directions."""
    wanted, mask = directions(), torch.ones(256, 256, dtype=torch.bool)
    cube = equirect_to_cubemap(directions(256), 256)
    painted, touched = paint_on_sphere(torch.zeros_like(wanted), cube[FACES.index(face)], mask, face)
    y = camera_dirs(Equirect(HEIGHT, 2 * HEIGHT))[..., 1]
    inside = touched & ((y if face == "up" else -y) > 0.82)  # beyond the corners of a face
    assert inside.any()
    torch.testing.assert_close(painted[:, inside], wanted[:, inside], rtol=0, atol=2e-3)


def test_blur_is_looked_for_at_the_detail_of_the_panorama_whatever_the_model_paints_at():
    """A face with four pixels for one of the panorama has no fine detail anywhere."""
    noise = 0.5 + 0.1 * torch.randn(3, 128, 256, generator=torch.Generator().manual_seed(0))
    noise[:, : 128 * 25 // 180] = 0.5
    for size in (96, 384):
        found = clear(noise.clamp(0, 1), size, POLES, "blurred")
        assert found["up"].shape == (size, size)
        assert float(found["up"].float().mean()) == pytest.approx(
            math.pi * math.tan(math.radians(25)) ** 2 / 4, rel=0.35
        )
        assert not found["down"].any()


def test_the_plan_tells_the_share_of_each_face():
    assert plan_repair(directions(), faces=POLES, region="centre", face_size=64) == {"up": 0.25, "down": 0.25}
    assert plan_repair(directions(128), faces=["up"], region="blurred") == {"up": 0.0}


@pytest.mark.parametrize("width", [64, 512, 2048, 4096])
def test_a_face_is_whole_tokens_and_as_fine_as_panorama_and_model(model, width):
    facts = model.capabilities
    size = default_face_size(facts, width)
    assert size % facts.token_multiple == 0
    assert size >= max(width / np.pi, min(facts.native_size))


def test_the_prompt_says_where_the_face_looks():
    assert look_at_pole("a city at night.", "up") == "a city at night, looking up"
    assert look_at_pole("", "down") == "looking down"


def test_a_model_of_panoramas_is_refused(model, monkeypatch):
    monkeypatch.setattr(model, "capabilities", replace(model.capabilities, trained_on="panorama"))
    with pytest.raises(ValueError, match='lora="none"'):
        refine_poles(model, directions(), "a city", seed=0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"faces": []}, "faces none"), ({"faces": ["front"]}, "faces front"), ({"region": "left"}, "region 'left'")],
)
def test_unknown_faces_and_regions_are_refused(model, changes, said):
    asked: dict[str, Any] = {"faces": ["up"], "region": "centre"} | changes
    with pytest.raises(ValueError, match=said):
        clear(directions(), FACE, **asked)


def test_a_picture_that_is_no_panorama_is_refused(model):
    with pytest.raises(ValueError, match="64x64; wanted a panorama"):
        refine_poles(model, torch.zeros(3, 64, 64), "a city", seed=0)
