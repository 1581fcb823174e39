import numpy as np
import pytest
import torch

from cyclorama.evaluation.naturalness.scene_statistics import (
    NEIGHBOURS,
    contrast_normalised,
    fit_aggd,
    fit_neighbours,
    grey_levels,
    halve,
)


def grey(height: int = 40, width: int = 48) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (1, height, width), generator=generator).double()


def draw(shape: float, left: float, right: float, num: int = 400_000) -> torch.Tensor:
    """Samples of the density with widths left and right: the side by its share, the size by a gamma variable."""
    generator = np.random.default_rng(0)
    sizes = generator.gamma(1 / shape, size=num) ** (1 / shape)
    negative = generator.random(num) < left / (left + right)
    return torch.from_numpy(np.where(negative, -left * sizes, right * sizes))


@pytest.mark.parametrize("shape", [0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize(("left", "right"), [(1.0, 1.0), (0.5, 1.5)])
def test_a_fit_recovers_what_samples_were_drawn_from(shape, left, right):
    samples = draw(shape, left, right)
    fit = fit_aggd(samples)
    assert fit.shape.item() == pytest.approx(shape, rel=0.03)
    assert (fit.left * fit.scale).item() == pytest.approx(left, rel=0.04)
    assert (fit.right * fit.scale).item() == pytest.approx(right, rel=0.04)
    assert fit.mean.item() == pytest.approx(samples.mean().item(), abs=0.02 * samples.std().item())


def test_the_shapes_of_a_normal_and_of_a_laplacian_are_two_and_one():
    generator = np.random.default_rng(1)
    normal, laplacian = (torch.from_numpy(draw(size=400_000)) for draw in (generator.normal, generator.laplace))
    assert fit_aggd(normal).shape.item() == pytest.approx(2, abs=0.03)
    assert fit_aggd(laplacian).shape.item() == pytest.approx(1, abs=0.02)
    assert fit_aggd(normal).left.item() == pytest.approx(1, abs=0.01)


def test_fits_are_equivariant_to_scale_and_to_mirroring():
    samples = draw(0.8, 0.5, 1.0, num=5000)
    fit, scaled, mirrored = fit_aggd(samples), fit_aggd(3 * samples), fit_aggd(-samples)
    assert scaled.shape == fit.shape == mirrored.shape
    torch.testing.assert_close(torch.stack(scaled[1:]), 3 * torch.stack(fit[1:]))
    torch.testing.assert_close(torch.stack(mirrored[1:]), torch.stack(fit[:0:-1]))


@pytest.mark.parametrize("samples", [torch.zeros(9), torch.ones(9), -torch.ones(9), torch.tensor([0.0] * 8 + [1e-9])])
def test_fits_of_what_has_no_distribution_are_finite(samples):
    fit = fit_aggd(samples.double())
    assert torch.stack([*fit, fit.scale, fit.mean]).isfinite().all()


def test_grey_is_luma_in_whole_levels():
    colours = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]).reshape(4, 3, 1, 1)
    assert grey_levels(colours).flatten().tolist() == [76, 150, 29, 255]


def test_coefficients_are_those_of_opencv_s_window():
    cv2 = pytest.importorskip("cv2")
    picture = grey()[0].numpy()
    mean = cv2.GaussianBlur(picture, (7, 7), 7 / 6, borderType=cv2.BORDER_REPLICATE)
    square = cv2.GaussianBlur(picture**2, (7, 7), 7 / 6, borderType=cv2.BORDER_REPLICATE)
    deviation = np.sqrt(square - mean**2)
    coefficients, ours = contrast_normalised(grey())
    np.testing.assert_allclose(ours[0].numpy(), deviation, rtol=1e-9)
    np.testing.assert_allclose(coefficients[0].numpy(), (picture - mean) / (deviation + 1), atol=1e-9)


def test_coefficients_of_a_flat_picture_are_exactly_zero():
    coefficients, deviation = contrast_normalised(torch.full((1, 20, 30), 137.0, dtype=torch.float64))
    assert not coefficients.any()
    assert deviation.max() < 1e-4


def test_the_antialiased_half_is_pillow_s_bicubic_within_the_border():
    image = pytest.importorskip("PIL.Image")
    halved = image.fromarray(grey()[0].float().numpy(), "F").resize((24, 20), image.Resampling.BICUBIC)
    ours = halve(grey(), halving="antialiased")[0].numpy()
    np.testing.assert_allclose(ours[2:-2, 2:-2], np.asarray(halved)[2:-2, 2:-2], atol=1e-3)


def test_the_sharp_half_is_opencv_s_bicubic():
    cv2 = pytest.importorskip("cv2")
    halved = cv2.resize(grey()[0].numpy(), (24, 20), interpolation=cv2.INTER_CUBIC)
    np.testing.assert_allclose(halve(grey(), halving="sharp")[0].numpy(), halved, atol=1e-4)


@pytest.mark.parametrize("halving", ["antialiased", "sharp"])
def test_halves_keep_constants_and_leave_the_odd_last_row_out(halving):
    flat = torch.full((2, 9, 7), 3.25, dtype=torch.float64)
    assert halve(flat, halving=halving).shape == (2, 4, 3)
    torch.testing.assert_close(halve(flat, halving=halving), flat[:, :4, :3])


@pytest.mark.parametrize("circular", [True, False])
def test_products_are_those_of_every_pixel_with_its_neighbour(circular):
    block = torch.randn(6, 9, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    fits = fit_neighbours(block, circular=circular)
    for number, (down, right) in enumerate(NEIGHBOURS, 1):
        products = torch.zeros(6, 9, dtype=torch.float64)
        for y in range(6):
            for x in range(9):
                if circular or (0 <= y + down < 6 and 0 <= x + right < 9):
                    products[y, x] = block[y, x] * block[(y + down) % 6, (x + right) % 9]
        for ours, theirs in zip(fits, fit_aggd(products.flatten()), strict=True):
            assert ours[number].item() == pytest.approx(theirs.item(), rel=1e-9)
