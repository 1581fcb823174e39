from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from cyclorama.diffusion.sampling import noised
from cyclorama.methods import masked_sampling
from cyclorama.methods.masked_sampling import METHODS, Task, renoised, repaint, sample_masked, softened, visits
from cyclorama.methods.membrane import harmonic_fill, paste
from cyclorama.models.registry import load_model
from tests.properties import assert_yaw_equivariant

PROMPT = "a snowy mountain valley"
SIZES = [(32, 64), (32, 32), (32, 48)]


@pytest.fixture(scope="module")
def model(tiny_flux_folder: Path):
    return load_model(tiny_flux_folder, device="cpu")


def picture(height: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))


def hole(height: int, width: int) -> torch.Tensor:
    """Across the seam, to the bottom, with a soft edge."""
    mask = torch.zeros(height, width)
    mask[height // 3 :, : width // 4] = 1
    mask[height // 3 :, -3:] = 1
    mask[height // 3 - 1] = 0.5
    return mask


@contextmanager
def evaluations(model, monkeypatch) -> Iterator[list[int]]:
    """The batch sizes of all evaluations."""
    sizes, predict = [], model.predict

    def count(latents, *arguments, **options):
        sizes.append(len(latents))
        return predict(latents, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(model, "predict", count)
        yield sizes


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_kept_pixels_keep_their_bits_and_the_rest_is_new(model, height, width, method):
    image, mask = picture(height, width), hole(height, width)
    painted = repaint(model, image, mask, PROMPT, seed=1, num_steps=2, method=method)
    assert torch.equal(painted[:, mask == 0], image[:, mask == 0])
    assert (painted[:, mask == 1] != image[:, mask == 1]).float().mean() > 0.9
    assert 0 <= painted.min() <= painted.max() <= 1


@pytest.mark.parametrize("method", METHODS)
def test_the_seed_decides_and_what_is_under_the_mask_does_not(model, method):
    image, mask = picture(32, 64), hole(32, 64)
    other = torch.where(mask == 0, image, picture(32, 64, seed=1))
    how = {"num_steps": 2, "method": method}
    binary = (mask > 0).float()
    painted = repaint(model, image, binary, PROMPT, seed=1, **how)
    assert torch.equal(painted, repaint(model, image, binary, PROMPT, seed=1, **how))
    assert torch.equal(painted, repaint(model, other, binary, PROMPT, seed=1, **how))
    assert not torch.equal(painted, repaint(model, image, binary, PROMPT, seed=2, **how))


def test_every_level_is_evaluated_once_and_the_middle_ones_again(model, monkeypatch):
    image, mask, seen = picture(32, 64), hole(32, 64), []
    levels = model.sigmas(5, 32, 64)
    for resample in (0, 2):
        with evaluations(model, monkeypatch) as sizes:
            repaint(
                model, image, mask, PROMPT, seed=1, num_steps=5, resample=resample,
                progress=lambda done, total: seen.append((done, total)),
            )  # fmt: skip
        plan = visits(levels, resample)
        assert sizes == [1] * len(plan)
        assert len(plan) == 5 + resample * sum(1 for visit in plan if visit.back) / max(resample, 1)
        assert seen[-len(plan) :] == [(done, len(plan)) for done in range(1, len(plan) + 1)]


def test_a_plan_goes_down_to_zero_and_back_only_to_where_it_was(model):
    plan = visits(model.sigmas(8, 32, 64), 2)
    assert plan[0].t == 1
    assert plan[-1].lower == 0
    for visit, following in pairwise(plan):
        assert following.t == (visit.t if visit.back else visit.lower)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_kept_latents_are_themselves_at_the_end_wherever_the_panorama_was_turned(model, height, width):
    masked = torch.zeros(1, 1, height // 8, width // 8)
    masked[..., :2, 1:3] = 1
    known = torch.randn(1, 16, height // 8, width // 8, generator=torch.Generator().manual_seed(0))
    task = Task(model, known, masked, model.encode_text([PROMPT]), 1, None)
    with torch.no_grad():
        latents = sample_masked(task, visits(model.sigmas(3, height, width), 1), None)
    kept = (softened(masked) == 0).expand_as(known)
    assert torch.equal(latents[kept], known[kept])
    assert not torch.equal(latents[~kept], known[~kept])


@pytest.mark.parametrize(("lower", "upper"), [(0.2, 0.4), (0.5, 0.9), (0.7, 1.0), (0.0, 0.5)])
def test_going_back_up_keeps_data_and_the_strength_of_noise(lower, upper):
    data, noise, fresh = torch.randn(3, 1, 4, 32, 64, generator=torch.Generator().manual_seed(0)).double()
    low, high = torch.tensor(lower, dtype=torch.float64), torch.tensor(upper, dtype=torch.float64)
    back, then = renoised(noised(data, noise, low[None]), noise, fresh, lower=low, upper=high)
    torch.testing.assert_close(back, noised(data, then, high[None]))
    assert then.std().item() == pytest.approx(1, abs=0.05)


def test_the_latent_mask_wraps_contains_the_mask_and_reaches_one_latent_further():
    masked = torch.rand(1, 1, 4, 8, generator=torch.Generator().manual_seed(0)).mul(2).sub(1).clamp(0, 1)
    assert_yaw_equivariant(softened, masked, atol=1e-7)
    assert (softened(masked) >= masked).all()
    point = torch.zeros(1, 1, 8, 16)
    point[..., 4, 0] = 1
    changed = softened(point)[0, 0].nonzero().tolist()
    assert sorted(changed) == [[row, column] for row in (3, 4, 5) for column in (0, 1, 15)]


@pytest.mark.parametrize(
    ("size", "mask", "message"),
    [
        ((32, 64), torch.zeros(32, 64), "black everywhere"),
        ((32, 64), torch.ones(32, 64), "keeps nothing"),
        ((32, 64), torch.full((32, 64), 2.0), "from 2 to 2"),
        ((32, 64), torch.full((32, 64), float("nan")), "from nan"),
        ((32, 64), torch.ones(64, 32), "mask of 64x32; wanted 32x64"),
        ((40, 64), torch.eye(40, 64), "use 32x64"),
    ],
)
def test_impossible_masks_and_sizes_are_refused_in_one_line(model, size, mask, message):
    with pytest.raises(ValueError, match=message):
        repaint(model, picture(*size), mask, PROMPT, seed=1)


def test_negative_resampling_is_refused(model):
    with pytest.raises(ValueError, match="resample -1"):
        repaint(model, picture(32, 64), hole(32, 64), PROMPT, seed=1, resample=-1)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_a_panorama_is_encoded_turned_by_less_than_a_latent_and_turned_back(model, monkeypatch, height, width):
    """With an exact auto-encoder and a sampler that changes nothing, only the turn could move the picture."""
    image, mask = picture(height, width), hole(height, width)
    filled, unit, turns = harmonic_fill(image, mask == 0), model.capabilities.spatial_compression, []

    def encode(images):
        turns.append([k for k in range(unit) if torch.equal(images[0], filled.roll(k, -1))])
        return functional.pixel_unshuffle(images, unit)

    monkeypatch.setattr(model, "encode_images", encode)
    monkeypatch.setattr(model, "decode_latents", lambda latents: functional.pixel_shuffle(latents, unit))
    monkeypatch.setattr(masked_sampling, "sample_masked", lambda task, plan, progress: task.known)
    for seed in range(8):
        painted = repaint(model, image, mask, PROMPT, seed=seed, num_steps=1)
        assert torch.equal(painted, paste(image, filled, mask))
    assert all(len(found) == 1 for found in turns)
    assert (len({found[0] for found in turns}) > 1) == (width == 2 * height)
