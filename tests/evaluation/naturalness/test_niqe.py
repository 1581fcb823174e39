import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad

from cyclorama.diorama import render_view, sample_scene
from cyclorama.evaluation.naturalness.niqe import (
    NiqeModel,
    Patches,
    fit_niqe,
    fit_niqe_to_patches,
    load_niqe,
    niqe,
    niqe_of_patches,
    niqe_patches,
    save_niqe,
)

SIZE = 16


@pytest.fixture(scope="module")
def renders() -> Tensor:
    """Three rooms in two views each; landscapes take longer to render."""
    scenes = [sample_scene(seed, place="living room") for seed in range(3)]
    views = [[render_view(scene, 96, 96, 70, yaw_deg=yaw).colours for yaw in (20, 110)] for scene in scenes]
    return torch.stack([torch.stack(row) for row in views]).clamp(0, 1)


@pytest.fixture(scope="module")
def model(renders) -> NiqeModel:
    return fit_niqe(renders, patch_size=SIZE, sharpness_share=0.2)


def blurred(images: Tensor, times: int) -> Tensor:
    flat = images.flatten(0, 1)
    for _ in range(times):
        flat = avg_pool2d(pad(flat, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return flat.unflatten(0, images.shape[:2])


def noisy(images: Tensor, deviation: float) -> Tensor:
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    return (images + deviation * noise).clamp(0, 1)


def random_patches(num: int, *, seed: int = 0, shift: float = 0.0) -> Patches:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(1, num, 36, generator=generator, dtype=torch.float64) + shift
    return Patches(features, torch.ones(1, num, dtype=torch.float64))


def test_niqe_grows_with_blur(renders, model):
    means = [niqe(blurred(renders, times), model).mean().item() for times in (0, 1, 3)]
    assert means == sorted(means)
    assert means[1] > 1.2 * means[0]


def test_niqe_grows_with_noise(renders, model):
    means = [niqe(noisy(renders, deviation), model).mean().item() for deviation in (0, 0.03, 0.1)]
    assert means == sorted(means)
    assert means[1] > 1.2 * means[0]


def test_distance_of_a_shifted_gaussian_is_mahalanobis_s():
    """With the covariance I on both sides, the distance is the length of the shift."""
    model = NiqeModel(torch.zeros(36, dtype=torch.float64), torch.eye(36, dtype=torch.float64))
    assert niqe_of_patches(random_patches(200_000, shift=0.5), model).item() == pytest.approx(3, rel=0.01)


def test_distance_is_equation_ten():
    patches, natural = random_patches(50, seed=1, shift=0.2), random_patches(80, seed=2)
    model = fit_niqe_to_patches([natural])
    ours, theirs = patches.features[0].numpy(), natural.features[0].numpy()
    away = ours.mean(0) - theirs.mean(0)
    inverse = np.linalg.pinv((np.cov(ours, rowvar=False) + np.cov(theirs, rowvar=False)) / 2)
    assert niqe_of_patches(patches, model).item() == pytest.approx(np.sqrt(away @ inverse @ away))


def test_only_sharp_patches_make_the_model_each_by_its_own_picture():
    low, high = random_patches(60, seed=1), random_patches(60, seed=2)
    sharpness = torch.tensor([[1.0] * 45 + [0.75] * 15]).double()
    patches = Patches(torch.cat([low.features, high.features]), torch.cat([sharpness, 0.01 * sharpness]))
    kept = torch.cat([low.features[0, :45], high.features[0, :45]])
    model = fit_niqe_to_patches([patches], patch_size=32)
    torch.testing.assert_close(model.mean, kept.mean(0))
    torch.testing.assert_close(model.covariance, kept.T.cov())
    assert model.patch_size == 32


def test_a_stream_fits_the_model_of_the_whole(renders, model):
    stream = (niqe_patches(one[None], patch_size=SIZE) for one in renders)
    streamed = fit_niqe_to_patches(stream, patch_size=SIZE, sharpness_share=0.2)
    torch.testing.assert_close(streamed.covariance, model.covariance)
    torch.testing.assert_close(niqe(renders[1:2], model), niqe(renders, model)[1:2])


def test_features_stand_in_the_order_of_the_published_parameters():
    """Shape and mean width; then of the products right, below and diagonal: shape, mean, left and right width."""
    special, ndimage = pytest.importorskip("scipy.special"), pytest.importorskip("scipy.ndimage")
    grey = np.random.default_rng(0).integers(0, 256, (16, 16)).astype(np.float64)
    axis = np.exp(-(np.arange(-3, 4) ** 2) / (2 * (7 / 6) ** 2))
    window = np.outer(axis, axis) / axis.sum() ** 2
    mean = ndimage.convolve(grey, window, mode="nearest")
    block = (grey - mean) / (np.sqrt(ndimage.convolve(grey**2, window, mode="nearest") - mean**2) + 1)

    def fit(samples: np.ndarray) -> tuple[float, float, float, float]:
        shapes = np.arange(0.2, 10.001, 0.001)
        ratios = special.gamma(2 / shapes) ** 2 / (special.gamma(1 / shapes) * special.gamma(3 / shapes))
        left, right = (np.sqrt((samples[side] ** 2).mean()) for side in (samples < 0, samples > 0))
        skew = (left / right) ** 3 + 1, left / right + 1, ((left / right) ** 2 + 1) ** 2
        wanted = np.abs(samples).mean() ** 2 / (samples**2).mean() * skew[0] * skew[1] / skew[2]
        shape = shapes[np.argmin(np.abs(ratios - wanted))]
        left, right = (side * np.sqrt(special.gamma(1 / shape) / special.gamma(3 / shape)) for side in (left, right))
        return shape, (right - left) * special.gamma(2 / shape) / special.gamma(1 / shape), left, right

    shape, _, left, right = fit(block)
    expected = [shape, (left + right) / 2]
    for step in ((0, 1), (1, 0), (1, 1), (1, -1)):
        expected += fit(block * np.roll(block, step, (0, 1)))
    image = torch.from_numpy(grey / 255).float().expand(1, 3, 16, 16)
    np.testing.assert_allclose(niqe_patches(image, patch_size=16).features[0, 0, :18], expected, rtol=1e-6)


def test_views_of_one_picture_are_pooled_whatever_their_order(renders, model):
    torch.testing.assert_close(niqe(renders.flip(1), model), niqe(renders, model))
    single = niqe_patches(renders[:, 0], patch_size=SIZE)
    torch.testing.assert_close(single.features, niqe_patches(renders, patch_size=SIZE).features[:, :36])


def test_patches_are_local_but_for_the_window_that_looks_over_their_border(renders):
    whole = niqe_patches(renders[:1, 0], patch_size=32)
    edited = renders[:1, 0].clone()
    edited[..., 80:, 80:] = 0.2
    changed = niqe_patches(edited, patch_size=32).features
    torch.testing.assert_close(changed[0, :8], whole.features[0, :8])
    assert not torch.allclose(changed[0, 8], whole.features[0, 8])


def test_constant_pictures_have_finite_features_and_a_high_distance(renders, model):
    flat = torch.full((2, 3, 96, 96), 0.4)
    flat[1] = 0
    assert niqe_patches(flat, patch_size=SIZE).features.isfinite().all()
    assert niqe(flat, model).isfinite().all()
    assert (niqe(flat, model) > 2 * niqe(renders, model).max()).all()


def test_patches_without_contrast_are_left_out(renders, model):
    half = renders[:1, 0].clone()
    half[..., 48:] = 0.5
    patches = niqe_patches(half, patch_size=SIZE)
    shown = patches.sharpness[0] > 0.01
    assert shown.sum() < 36
    alone = Patches(patches.features[:, shown], patches.sharpness[:, shown])
    torch.testing.assert_close(niqe_of_patches(patches, model), niqe_of_patches(alone, model))


def test_small_pictures_odd_patches_and_too_few_of_them_are_refused():
    with pytest.raises(ValueError, match=r"^got pictures of 64x80 for NIQE, wanted one patch of 96x96 or more"):
        niqe_patches(torch.rand(1, 3, 64, 80))
    with pytest.raises(ValueError, match=r"^got patches of 33 pixels, wanted an even size"):
        niqe_patches(torch.rand(1, 3, 64, 80), patch_size=33)
    with pytest.raises(ValueError, match=r"^got 36 sharp patches of 96 pixels to fit NIQE to, wanted more than 36"):
        fit_niqe_to_patches([random_patches(36)])


def test_a_saved_model_is_the_same(model, tmp_path):
    save_niqe(model, tmp_path / "model.safetensors")
    loaded = load_niqe(tmp_path / "model.safetensors")
    assert loaded.patch_size == SIZE
    assert torch.equal(loaded.mean, model.mean)
    assert torch.equal(loaded.covariance, model.covariance)


@pytest.mark.parametrize("names", [("mu_prisparam", "cov_prisparam"), ("mu_pris_param", "cov_pris_param")])
def test_published_files_are_read(model, names, tmp_path):
    scipy_io = pytest.importorskip("scipy.io")
    arrays = {
        names[0]: model.mean[None].numpy(),
        names[1]: model.covariance.numpy(),
        "gaussian_window": np.ones((7, 7)),
    }
    np.savez(tmp_path / "parameters.npz", **arrays)
    scipy_io.savemat(tmp_path / "modelparameters.mat", arrays)
    for path in tmp_path.iterdir():
        loaded = load_niqe(path)
        assert loaded.patch_size == 96
        assert torch.equal(loaded.mean, model.mean)
        assert torch.equal(loaded.covariance, model.covariance)


def test_files_that_hold_no_model_are_named(tmp_path):
    np.savez(tmp_path / "other.npz", mu_prisparam=np.zeros(36), gaussian_window=np.ones(3))
    with pytest.raises(ValueError, match=r"^got other.npz with mu_prisparam, gaussian_window, wanted mu_prisparam"):
        load_niqe(tmp_path / "other.npz")
    for name in ("damaged.npz", "damaged.mat", "damaged.safetensors"):
        (tmp_path / name).write_bytes(b"no parameters" * 50)
        with pytest.raises(ValueError, match=f"^got {name}, which cannot be read"):
            load_niqe(tmp_path / name)
