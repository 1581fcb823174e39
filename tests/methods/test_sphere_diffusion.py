from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from cyclorama.geometry import Perspective, equirect_to_perspective
from cyclorama.methods.directional_prompts import LARGEST_DEG, DirectedPrompt
from cyclorama.methods.fusion import Pictures, PointMeans, Views, flat
from cyclorama.methods.sphere_diffusion import FixedPart, SphereTask, denoise, generate_sphere, predict_views
from cyclorama.methods.sphere_latents import StoredNoise
from cyclorama.methods.sphere_settings import SphereSettings, spherediff
from cyclorama.methods.view_layouts import LAYOUTS
from tests.methods.fake_model import COLOURS, PANORAMIC, FakeModel
from tests.models.suite import fresh

GREY = [DirectedPrompt("grey")]
BY_HEIGHT = [DirectedPrompt("green"), DirectedPrompt("blue", 90.0), DirectedPrompt("grey", -90.0)]
SMALL: dict[str, Any] = {"seed": 1, "height": 48, "view_size": 16}
FUSIONS = ("views", "points", "nearest", "least-squares", "least-squares-points")


def colour(name: str) -> torch.Tensor:
    return torch.tensor(COLOURS[name])


class Counted(StoredNoise):
    """Noise that counts the steps that all views take together."""

    steps = 0

    def step(self, views: Views, latents: Pictures, velocities: Pictures, t: float, lower: float) -> None:
        self.steps += 1
        super().step(views, latents, velocities, t, lower)


def run(alone: float, num_steps: int = 4) -> tuple[Counted, Views, torch.Tensor]:
    settings = SphereSettings(LAYOUTS["14"], "points", "stored", alone=alone)
    task = SphereTask(FakeModel(memory=0.5), GREY, settings, Perspective(8, 8, 90))
    noise = torch.randn(3, 500, generator=torch.Generator().manual_seed(0))
    latents = Counted(PointMeans(500), noise)
    views, seen = denoise(task, latents, torch.linspace(1, 0, num_steps + 1).tolist())
    return latents, views, seen


@pytest.mark.parametrize("noise", ["field", "stored"])
@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("alone", [0.0, 0.5])
def test_one_colour_all_around_becomes_a_panorama_of_that_colour(fusion, noise, alone):
    settings = SphereSettings(LAYOUTS["14"], fusion, noise, alone=alone)
    panorama = generate_sphere(FakeModel(), [DirectedPrompt("red")], **SMALL, settings=settings)
    assert panorama.shape == (3, 48, 96)
    assert panorama.dtype == torch.float32
    off = panorama - colour("red")[:, None, None]
    assert off.abs().max() < (0.05 if fusion.startswith("least") else 1e-3)


@pytest.mark.parametrize("settings", [SphereSettings(), spherediff()], ids=["ours", "spherediff"])
def test_prompts_are_seen_in_their_directions(settings):
    panorama = generate_sphere(FakeModel(), BY_HEIGHT, **SMALL, settings=settings)
    for row, name in ((0, "blue"), (24, "green"), (47, "grey")):
        assert (panorama[:, row].mean(1) - colour(name)).abs().max() < 0.05


def test_a_prompt_with_a_yaw_is_seen_there_and_not_behind():
    prompts = [DirectedPrompt("green"), DirectedPrompt("red", 0.0, 90.0)]
    panorama = generate_sphere(FakeModel(), prompts, **SMALL, settings=SphereSettings(LAYOUTS["26"]))
    there, behind = panorama[:, 24, 72], panorama[:, 24, 24]  # three quarters of the way to the right, and one
    assert there[0] > 0.65 > 0.4 > there[1]
    assert (behind - colour("green")).abs().max() < 0.05


def test_a_thing_is_seen_where_it_stands():
    thing = DirectedPrompt("red", -10.0, 40.0, 30.0)
    panorama = generate_sphere(FakeModel(), [DirectedPrompt("green"), thing], **SMALL)
    there = equirect_to_perspective(panorama, 5, 5, 30, yaw_deg=40, pitch_deg=-10)
    away = equirect_to_perspective(panorama, 5, 5, 60, yaw_deg=-140)
    assert there[0, 2, 2] > 0.6
    assert (away - colour("green")[:, None, None]).abs().max() < 1e-3


def test_things_add_views_that_are_told_of_nothing_else():
    prompts = [DirectedPrompt("green"), DirectedPrompt("red", -10.0, 40.0, 30.0), DirectedPrompt("blue", 90.0)]
    camera = Perspective(8, 8, 90)
    for step in (0, 3):
        task = SphereTask(FakeModel(), prompts, SphereSettings(), camera)
        views, shares = task.views_at(step)
        assert len(views) == 15
        assert views.cameras == (*[camera] * 14, Perspective(8, 8, 60))
        np.testing.assert_array_equal(views.rotations[:14], LAYOUTS["14"].rotations(step))
        np.testing.assert_array_equal(views.rotations[14], prompts[1].rotation)
        np.testing.assert_array_equal(views.weights[14], flat(8))
        np.testing.assert_array_equal(shares[14], [0, 1, 0])
        assert not shares[:14, 1].any()


@pytest.mark.parametrize("size_deg", [5, 10])
def test_a_small_thing_can_stand_in_a_field_of_noise(size_deg):
    thing = DirectedPrompt("red", 0.0, 0.0, float(size_deg))
    generate_sphere(FakeModel(), [DirectedPrompt("green"), thing], **SMALL)


def test_the_largest_thing_that_a_file_may_have_can_be_made():
    thing = DirectedPrompt("red", 0.0, 0.0, LARGEST_DEG)
    generate_sphere(FakeModel(), [DirectedPrompt("green"), thing], **SMALL)


def test_a_thing_as_wide_as_the_views_keeps_its_own_weights():
    """By a hair's breadth, its camera is another one, and nothing else is."""
    together, surroundings = SphereSettings(alone=0.0), DirectedPrompt("green")
    two = [
        generate_sphere(FakeModel(), [surroundings, DirectedPrompt("red", 0.0, 20.0, size)], **SMALL, settings=together)
        for size in (50.0, 50.0001)
    ]
    torch.testing.assert_close(*two, rtol=0, atol=0.01)


def test_a_thing_that_has_too_few_points_is_refused():
    """Points are as dense as the layout's views need them; the view of a thing is narrower."""
    prompts = [DirectedPrompt("green"), DirectedPrompt("red", 0.0, 20.0, 10.0)]
    with pytest.raises(ValueError, match="more points"):
        generate_sphere(FakeModel(), prompts, **SMALL, settings=spherediff())


@pytest.mark.parametrize("noise", ["field", "stored"])
def test_the_seed_decides(noise):
    settings, model = SphereSettings(LAYOUTS["6"], noise=noise), FakeModel(memory=0.5)
    one, same, other = (
        generate_sphere(model, GREY, seed=seed, height=48, view_size=16, settings=settings) for seed in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert (one - other).abs().mean() > 0.01


@pytest.mark.parametrize("fusion", FUSIONS)
def test_the_order_of_the_rings_does_not_matter(fusion):
    layout = LAYOUTS["14"]
    one, other = (
        generate_sphere(FakeModel(memory=0.3), BY_HEIGHT, **SMALL, num_steps=3, settings=SphereSettings(turned, fusion))
        for turned in (layout, replace(layout, gazes=layout.gazes[::-1]))
    )
    assert (one - 0.5).abs().max() > 0.1
    torch.testing.assert_close(one, other, rtol=0, atol=2e-3)


def test_a_panoramic_model_is_refused():
    with pytest.raises(ValueError, match="makes panoramas already"):
        generate_sphere(FakeModel(PANORAMIC), GREY, **SMALL)


@pytest.mark.parametrize("size", [30, 2, 17])
def test_views_of_parts_of_tokens_are_refused(size):
    with pytest.raises(ValueError, match=f"got views of {size} pixels; fake wants a multiple of 4"):
        generate_sphere(FakeModel(), GREY, seed=1, height=48, view_size=size)


def test_every_prompt_is_encoded_once_and_every_view_predicted_at_every_step():
    model, seen = FakeModel(), []
    generate_sphere(
        model, BY_HEIGHT, **SMALL, num_steps=3, guidance_scale=2.5, settings=SphereSettings(LAYOUTS["14"]),
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert model.told == ["green", "blue", "grey"]
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert {guidance for _, _, guidance in model.seen} == {2.5}
    assert {number for number, _, _ in model.seen} == {1}  # one by one on the CPU
    times = [t for _, t, _ in model.seen]
    assert times == sorted(times, reverse=True)
    assert sorted({round(t, 4) for t in times}) == [0.3333, 0.6667, 1]
    assert all(times.count(t) >= 14 for t in set(times))


def test_the_number_of_steps_is_by_default_the_model_s():
    seen = []
    generate_sphere(FakeModel(default_steps=2), GREY, **SMALL, progress=lambda *done: seen.append(done))
    assert seen == [(1, 2), (2, 2)]


@pytest.mark.parametrize(("alone", "joint"), [(0.0, 4), (0.2, 3), (0.5, 2), (0.75, 1), (1.0, 1)])
def test_views_go_together_first_and_then_alone(alone, joint):
    latents, views, seen = run(alone)
    assert latents.steps == joint
    np.testing.assert_array_equal(views.rotations, LAYOUTS["14"].rotations(min(joint, 3)))
    assert torch.equal(seen, latents.look(views, 0.0)) == (alone == 0)


def test_a_view_alone_takes_euler_steps():
    """What the views see after the joint steps, and then by hand."""
    latents, views, seen = run(alone=0.5)
    by_hand, model = latents.look(views, 0.5), FakeModel(memory=0.5)
    for t in (0.5, 0.25):
        told = model.encode_text(["grey"])
        velocities = torch.cat([model.predict(one[None], torch.tensor([t]), told) for one in by_hand])
        by_hand = by_hand - 0.25 * velocities
    torch.testing.assert_close(seen, by_hand, rtol=0, atol=1e-5)


def test_a_velocity_is_the_mean_under_the_prompts_by_their_shares():
    model = FakeModel()
    seen = torch.randn(3, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    conditions = [model.encode_text([name]) for name in ("red", "green")]
    shares = np.array([[1, 0], [0.25, 0.75], [0, 1]])
    found = predict_views(model, seen, 0.5, conditions, shares)
    wanted = torch.from_numpy(shares).float() @ torch.stack([colour("red"), colour("green")])
    torch.testing.assert_close(found, (seen - wanted[..., None, None]) / 0.5)
    assert len(model.seen) == 4


@pytest.mark.parametrize("settings", [SphereSettings(), spherediff()], ids=["ours", "spherediff"])
def test_pixels_that_are_placed_come_back_bit_by_bit_and_the_rest_is_made(settings):
    placed = torch.rand(3, 48, 96, generator=torch.Generator().manual_seed(0))
    kept = torch.zeros(48, 96, dtype=torch.bool)
    kept[12:36, 60:93] = True
    panorama = generate_sphere(FakeModel(), GREY, **SMALL, settings=settings, placed=(placed, kept))
    assert torch.equal(panorama[:, kept], placed[:, kept])
    assert (panorama != placed).all(0)[~kept].float().mean() > 0.9
    assert 0 <= panorama.min() <= panorama.max() <= 1


def test_what_is_not_kept_of_a_placed_panorama_is_not_seen():
    kept = torch.zeros(48, 96, dtype=torch.bool)
    kept[12:36, 60:93] = True
    colours = colour("blue")[:, None, None].expand(3, 48, 96)
    two = [
        generate_sphere(FakeModel(), GREY, **SMALL, placed=(torch.where(kept, colours, rest), kept))
        for rest in (torch.zeros(()), torch.ones(()))
    ]
    assert torch.equal(*two)


def test_latents_that_lie_in_the_placed_part_as_a_whole_are_led_there():
    model, placed = FakeModel(), colour("blue")[:, None, None].repeat(1, 64, 128)
    kept = torch.zeros(64, 128, dtype=torch.bool)
    kept[:, 64:] = True
    views, _ = SphereTask(model, GREY, SphereSettings(LAYOUTS["6"]), Perspective(8, 8, 100)).views_at(0)
    fixed = FixedPart.of(placed, kept).seen_by(model, views)
    assert fixed.kept[1].all()  # to the right
    assert not fixed.kept[3].any()  # to the left
    assert fixed.kept[0, 0, :, 5:].all()
    assert not fixed.kept[0, 0, :, :3].any()
    blue = placed[:, :1, :1].expand(6, 3, 8, 8)
    torch.testing.assert_close(fixed.latents[[0, 1, 2, 4, 5]], blue[1:], rtol=0, atol=1e-4)
    assert not fixed.latents[3].any()  # it need not be encoded
    seen, velocities = torch.randn(2, 6, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    led = seen - 0.4 * fixed.towards(seen, velocities, 0.4)
    wanted = torch.where(fixed.kept, fixed.latents, seen - 0.4 * velocities)
    torch.testing.assert_close(led, wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("folder", "view_size"),
    [("tiny_flux_folder", 64), ("tiny_sd_folder", 64), ("tiny_sd3_folder", 64), ("tiny_sana_folder", 128)],
)
def test_every_family_makes_a_panorama_and_the_seed_decides(folder, view_size, request):
    model = fresh(request.getfixturevalue(folder))
    how: dict[str, Any] = {
        "height": 128,
        "view_size": view_size,
        "num_steps": 2,
        "settings": SphereSettings(LAYOUTS["6"], alone=0.5),
    }
    prompts = [DirectedPrompt("a snowy mountain valley")]
    one, same, other = (generate_sphere(model, prompts, seed=seed, **how) for seed in (1, 1, 2))
    assert one.shape == (3, 128, 256)
    assert one.isfinite().all()
    assert 0 <= one.min() < one.max() <= 1
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
