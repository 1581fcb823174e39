"""Eyes learn a toy world; augmentation keeps the range; the figures are what they say."""

import pytest
import torch

from cyclorama.evaluation.eyes_training.augmentation import FINISH, augment, turn
from cyclorama.evaluation.eyes_training.classifier import accuracy, fit_eyes, mean_f1
from cyclorama.evaluation.eyes_training.renders import Renders, to_levels
from cyclorama.evaluation.networks.eyes import Eyes

LABELS = {"place": ("plain", "stripes", "disc"), "time": ("day", "night"), "objects": ("red", "blue")}


def render(seed: int, *, wraps: bool) -> torch.Tensor:
    y, x = torch.meshgrid(torch.linspace(-1, 1, 64), torch.linspace(0, 1, 128 if wraps else 64), indexing="ij")
    phase = (seed * 0.618) % 1
    pattern = (
        0.3 * (y < 0),
        0.3 * ((x * 8 + phase) % 1 < 0.5),
        0.5 * (((x - phase + 0.5) % 1 - 0.5) ** 2 * 4 + y**2 < 0.2),
    )[seed % 3]
    grey = pattern + 0.1 + (0.5 if (seed // 3) % 2 == 0 else 0.0) * (y < -0.6)
    tint = torch.tensor([0.3 * ((seed // 6) % 2), 0.0, 0.3 * ((seed // 12) % 2)])
    return (grey + tint[:, None, None] * (y.abs() < 0.2)).clamp(0, 1)


def toy(num: int, *, wraps: bool) -> Renders:
    seeds = torch.arange(num)
    place, time = torch.eye(3)[seeds % 3], torch.eye(2)[(seeds // 3) % 2]
    objects = torch.stack([(seeds // 6) % 2, (seeds // 12) % 2], -1).float()
    images = to_levels(torch.stack([render(seed, wraps=wraps) for seed in seeds.tolist()]))
    return Renders(images, {"place": place, "time": time, "objects": objects})


@pytest.mark.parametrize("wraps", [True, False])
def test_a_toy_world_is_learnt(wraps: bool):
    renders, losses = toy(96, wraps=wraps), []
    torch.manual_seed(0)
    eyes = Eyes(LABELS, wraps=wraps, widths=(8, 16, 16, 24))
    fit_eyes(eyes, renders, num_epochs=8, batch_size=12, report=lambda text, *_: losses.append(float(text[5:])))
    assert losses[-1] < 0.6 * losses[0]
    figures = accuracy(eyes, renders)
    assert min(figures["place"], figures["time"]) > 0.9
    assert figures["objects"] > 0.7
    features = eyes.features(renders.images.float() / 255)
    torch.testing.assert_close(features.mean(0), torch.zeros(eyes.num_features), atol=1e-3, rtol=0)
    covariance = torch.cov(features.T)
    shown = covariance.diagonal() > 0.99
    assert shown[:6].all()
    torch.testing.assert_close(covariance[shown][:, shown], torch.eye(int(shown.sum())), atol=1e-2, rtol=0)


def test_an_epoch_may_be_a_part_and_the_seed_decides():
    renders, weights = toy(24, wraps=False), []
    for seed in (1, 1, 2):
        torch.manual_seed(0)
        eyes = Eyes(LABELS, wraps=False, widths=(8, 8))
        fit_eyes(eyes, renders, num_epochs=1, num_each_epoch=12, batch_size=6, seed=seed)
        weights.append(eyes.heads["place"].get_parameter("weight").detach().clone())
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize("wraps", [True, False])
def test_augmentation_keeps_the_range_and_the_seed_decides(wraps: bool):
    images = torch.rand(8, 3, 64, 128 if wraps else 64, generator=torch.Generator().manual_seed(0))
    (once, finish), (again, _) = (
        augment(images, wraps=wraps, generator=torch.Generator().manual_seed(3)) for _ in "ab"
    )
    assert torch.equal(once, again)
    assert once.min() >= 0
    assert once.max() <= 1
    assert (once - images).abs().mean() > 0.05
    assert finish.shape == (8, len(FINISH))
    assert finish.min() >= 0
    assert finish.max() <= 1


@pytest.mark.parametrize("wraps", [True, False])
def test_the_amount_of_blur_is_told(wraps: bool):
    grey = torch.full((512, 3, 64, 128 if wraps else 64), 0.5)
    y, x = torch.meshgrid(torch.arange(64), torch.arange(grey.shape[-1]), indexing="ij")
    images, finish = augment(grey + 0.2 * ((x + y) % 2), wraps=wraps, generator=torch.Generator().manual_seed(0))
    quiet = (finish[:, 1:] == 0).all(1)
    sharp, soft = images[quiet & (finish[:, 0] == 0)], images[quiet & (finish[:, 0] > 0.9)]
    assert len(sharp) > 0
    assert len(soft) > 0
    assert (soft[..., 1:] - soft[..., :-1]).abs().mean() < 0.6 * (sharp[..., 1:] - sharp[..., :-1]).abs().mean()


def test_turning_moves_whole_columns_and_a_view_is_only_mirrored():
    images = torch.rand(16, 3, 4, 8, generator=torch.Generator().manual_seed(0))
    generator = torch.Generator().manual_seed(1)
    turned, mirrored = (turn(images, wraps=wraps, generator=generator) for wraps in (True, False))
    for image, one in zip(images, turned, strict=True):
        options = [way.roll(k, -1) for way in (image, image.flip(-1)) for k in range(8)]
        assert sum(torch.equal(one, option) for option in options) == 1
    same = [torch.equal(one, image) for one, image in zip(mirrored, images, strict=True)]
    flipped = [torch.equal(one, image.flip(-1)) for one, image in zip(mirrored, images, strict=True)]
    assert [a or b for a, b in zip(same, flipped, strict=True)] == [True] * 16
    assert 0 < sum(same) < 16


def test_mean_f1_leaves_out_labels_that_are_never_shown():
    shown = torch.tensor([[1, 1, 0], [1, 0, 0], [0, 0, 0]]).bool()
    assert mean_f1(shown, shown) == 1
    found = torch.tensor([[1, 0, 1], [0, 0, 0], [0, 0, 0]]).bool()
    assert mean_f1(found, shown) == pytest.approx((2 / 3 + 0) / 2)


def test_views_of_one_panorama_stay_on_one_side_of_the_split():
    renders = toy(6 * 12, wraps=False)
    seen, unseen = renders.split(views_each=6)
    assert (len(seen), len(unseen)) == (66, 6)
    assert torch.equal(unseen.images, renders.images[66:])
