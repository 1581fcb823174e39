import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from cyclorama.geometry import pixel_centres, resample, wrap_indices
from cyclorama.geometry.lookup import MODES
from cyclorama.geometry.resampling import WRAPS

derandomised = settings(derandomize=True, deadline=None, max_examples=50)
SMOOTH = ("bilinear", "bicubic")


def noise(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype)


def walk_the_sphere(column: int, row: int, height: int, width: int) -> tuple[int, int]:
    """One step at a time over the poles: the brute force of `wrap_indices`."""
    while not 0 <= row < height:
        row = -1 - row if row < 0 else 2 * height - 1 - row
        column += width // 2
    while not 0 <= column < width:
        column += width if column < 0 else -width
    return column, row


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_every_pixel_at_its_own_centre_is_itself(mode: str, wrap: str, dtype: torch.dtype):
    image = noise(2, 3, 6, 12, dtype=dtype)
    out = resample(image, pixel_centres(6, 12), mode=mode, wrap=wrap)
    assert out.dtype == dtype
    assert out.equal(image)


@derandomised
@given(st.integers(-40, 40), st.integers(-40, 40))
def test_wrap_indices_equals_the_walk_over_the_poles(column: int, row: int):
    columns, rows = wrap_indices(torch.tensor(column), torch.tensor(row), height=4, width=6)
    assert (columns.item(), rows.item()) == walk_the_sphere(column, row, 4, 6)


@pytest.mark.parametrize("mode", MODES)
def test_whole_pixels_beyond_the_seam_and_the_poles_are_exact(mode: str):
    image = noise(3, 4, 8)
    pixels = pixel_centres(12, 24) + torch.tensor([-8.0, -4.0])
    out = resample(image, pixels, mode=mode)
    for row in range(12):
        for column in range(24):
            x, y = walk_the_sphere(column - 8, row - 4, 4, 8)
            assert out[:, row, column].equal(image[:, y, x])


@pytest.mark.parametrize("wrap", WRAPS)
def test_bilinear_is_the_mean_of_two_halfway(wrap: str):
    image = noise(1, 4, 8, dtype=torch.float64)
    halfway = resample(image, pixel_centres(4, 8, dtype=torch.float64) + torch.tensor([0.5, 0.0]), wrap=wrap)
    right = image.roll(-1, -1) if wrap == "sphere" else torch.cat([image[..., 1:], image[..., -1:]], -1)
    torch.testing.assert_close(halfway, (image + right) / 2, rtol=0, atol=1e-15)


def test_the_pole_itself_is_the_mean_of_opposite_columns():
    image = noise(1, 4, 8, dtype=torch.float64)
    pole = resample(image, torch.tensor([[[2.5, 0.0]], [[2.5, 4.0]]], dtype=torch.float64))
    wanted = torch.stack([(image[0, 0, 2] + image[0, 0, 6]) / 2, (image[0, 3, 2] + image[0, 3, 6]) / 2])
    torch.testing.assert_close(pole.flatten(), wanted, rtol=0, atol=1e-15)


def test_bicubic_reproduces_quadratics_and_bilinear_planes():
    x, y = pixel_centres(8, 8, dtype=torch.float64).unbind(-1)
    inside = 2 + 4 * torch.rand(5, 5, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    plane, quadratic = 3 * x - y + x * y, x * x - 2 * y * y + x * y
    u, v = inside.unbind(-1)
    flat = resample(plane.unsqueeze(0), inside, wrap="edge")[0]
    curved = resample(quadratic.unsqueeze(0), inside, mode="bicubic", wrap="edge")[0]
    torch.testing.assert_close(flat, 3 * u - v + u * v, rtol=0, atol=1e-12)
    torch.testing.assert_close(curved, u * u - 2 * v * v + u * v, rtol=0, atol=1e-12)


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_edge_look_ups_equal_grid_sample(mode: str):
    image, pixels = noise(2, 3, 5, 7, dtype=torch.float64), noise(4, 6, 2, dtype=torch.float64) * 9 - 1
    grid = (2 * pixels / torch.tensor([7.0, 5.0]) - 1).expand(2, -1, -1, -1)
    wanted = torch.nn.functional.grid_sample(image, grid, mode=mode, padding_mode="border", align_corners=False)
    torch.testing.assert_close(resample(image, pixels, mode=mode, wrap="edge"), wanted, rtol=0, atol=1e-13)


@pytest.mark.parametrize("mode", MODES)
def test_leading_dimensions_broadcast(mode: str):
    images, views = noise(2, 1, 3, 4, 8), noise(5, 3, 2, 2) * 6
    out = resample(images, views, mode=mode)
    assert out.shape == (2, 5, 3, 3, 2)
    for i in range(2):
        for j in range(5):
            torch.testing.assert_close(out[i, j], resample(images[i, 0], views[j], mode=mode), rtol=0, atol=1e-6)


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("mode", SMOOTH)
def test_gradients_in_the_image_and_the_pixels(mode: str, wrap: str):
    image = noise(1, 3, 4, dtype=torch.float64).requires_grad_()
    pixels = (noise(2, 3, 2, dtype=torch.float64) * 4).requires_grad_()
    assert torch.autograd.gradcheck(lambda i, p: resample(i, p, mode=mode, wrap=wrap), (image, pixels))


def test_gradients_in_the_pixels_do_not_vanish_at_a_centre():
    pixels = torch.tensor([[[1.5, 0.5]]], requires_grad=True)
    resample(torch.arange(4.0).reshape(1, 1, 4), pixels, wrap="edge").sum().backward()
    assert pixels.grad is not None
    assert pixels.grad[0, 0, 0].item() == 1


def test_nearest_takes_integers_and_masks():
    labels = torch.arange(32, dtype=torch.uint8).reshape(1, 4, 8)
    assert resample(labels, pixel_centres(4, 8), mode="nearest").equal(labels)
    assert resample(labels > 3, pixel_centres(4, 8), mode="nearest").equal(labels > 3)


def test_user_faults_end_in_one_line():
    image, pixels = noise(1, 4, 8), pixel_centres(4, 8)
    faults = [
        (r"got an image of torch.int16, .*convert it", {"image": image.to(torch.int16), "pixels": pixels}),
        (r"got mode 'cubic', wanted one of nearest", {"image": image, "pixels": pixels, "mode": "cubic"}),
        (r"got wrap 'border', wanted one of sphere", {"image": image, "pixels": pixels, "wrap": "border"}),
        (r"got pixels of torch.float16", {"image": image, "pixels": pixels.half()}),
        (r"7 pixels wide, wanted an even width", {"image": image[..., :7], "pixels": pixels}),
    ]
    for message, arguments in faults:
        with pytest.raises(ValueError, match=message) as fault:
            resample(**arguments)
        assert "\n" not in str(fault.value)


@pytest.mark.parametrize("mode", MODES)
def test_no_coordinate_reads_outside_the_image(mode: str):
    pixels = torch.tensor([[[float("nan"), 0.0], [float("inf"), 1.0], [-1e30, 2.0], [1e30, -1e30]]])
    for wrap in WRAPS:
        assert resample(noise(1, 4, 8), pixels, mode=mode, wrap=wrap).shape == (1, 1, 4)


def test_transforms_of_torch_see_through_the_kernel():
    images, pixels = noise(5, 3, 4, 8), noise(2, 2, 2) * 6
    mapped = torch.func.vmap(lambda image: resample(image, pixels))(images)
    torch.testing.assert_close(mapped, resample(images, pixels), rtol=0, atol=1e-6)
    slope = torch.func.grad(lambda image: resample(image, pixels).sum())(images[0])
    assert slope.sum().item() == pytest.approx(3 * 4, abs=1e-5)


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("mode", MODES)
def test_the_kernel_and_torch_read_the_same(mode: str, wrap: str):
    pixels = noise(40, 50, 2) * 40 - 12
    image = noise(2, 3, 16, 24)
    compiled, watched = (resample(image.requires_grad_(on), pixels, mode=mode, wrap=wrap) for on in (False, True))
    torch.testing.assert_close(compiled, watched.detach(), rtol=0, atol=1e-5)
    levels = (noise(3, 16, 24) * 255).round()
    bytes_ = resample(levels.to(torch.uint8), pixels, mode=mode, wrap=wrap).double()
    floats = resample(levels.requires_grad_(), pixels, mode=mode, wrap=wrap).detach().double().clamp(0, 255)
    assert (bytes_ - floats).abs().max().item() <= 1
    last = image.detach().movedim(-3, -1).contiguous().movedim(-1, -3)
    torch.testing.assert_close(resample(last, pixels, mode=mode, wrap=wrap), compiled, rtol=0, atol=1e-6)
