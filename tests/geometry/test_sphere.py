import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclorama.geometry import angle_between, dirs_to_lonlat, lonlat_to_dirs

derandomised = settings(derandomize=True, deadline=None, max_examples=50)
longitudes = st.floats(-math.pi, math.pi, exclude_max=True)
latitudes = st.floats(-1.5707, 1.5707)


def float64(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def test_axes_are_where_the_conventions_say():
    lon, lat = float64(0, math.pi / 2, 0, -math.pi), float64(0, 0, math.pi / 2, 0)
    wanted = float64(0, 0, -1, 1, 0, 0, 0, 1, 0, 0, 0, 1).reshape(4, 3)
    torch.testing.assert_close(lonlat_to_dirs(lon, lat), wanted, rtol=0, atol=1e-15)


@derandomised
@given(longitudes, latitudes)
def test_dirs_to_lonlat_inverts_lonlat_to_dirs(lon: float, lat: float):
    dirs = lonlat_to_dirs(float64(lon), float64(lat))
    back = dirs_to_lonlat(3 * dirs)
    assert abs(dirs.norm().item() - 1) < 1e-15
    gap = (back[0].item() - lon + math.pi) % (2 * math.pi) - math.pi
    assert abs(gap) < 1e-11
    assert abs(back[1].item() - lat) < 1e-14


def test_longitude_is_half_open_and_the_pole_has_longitude_zero():
    lon, lat = dirs_to_lonlat(float64(0, 0, 1, -0.0, 0, 1, 0, 1, 0, 0, -2, 0).reshape(4, 3))
    assert lon.tolist() == [-math.pi, -math.pi, 0, 0]
    assert lat.tolist() == [0, 0, math.pi / 2, -math.pi / 2]


def test_latitude_keeps_its_precision_at_the_pole():
    lat = torch.tensor([math.pi / 2 - 1e-4])
    back = dirs_to_lonlat(lonlat_to_dirs(torch.zeros(1), lat))[1]
    torch.testing.assert_close(back, lat, rtol=0, atol=1.2e-7)


def test_gradients_are_right_and_finite_at_the_pole():
    torch.manual_seed(0)
    dirs = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(dirs_to_lonlat, (dirs,))
    pole = float64(0, 1, 0).requires_grad_()
    torch.stack(dirs_to_lonlat(pole)).sum().backward()
    assert pole.grad is not None
    assert pole.grad.isfinite().all()


@derandomised
@given(st.floats(1e-9, math.pi - 1e-9))
def test_angle_between_is_accurate_for_every_angle(angle: float):
    measured = angle_between(float64(0, 0, -1), 2 * lonlat_to_dirs(float64(angle), float64(0.0)))
    assert abs(measured.item() - angle) < 1e-15


def test_half_precision_is_computed_in_float32():
    assert (
        lonlat_to_dirs(torch.zeros(2, dtype=torch.float16), torch.zeros(2, dtype=torch.float16)).dtype == torch.float32
    )
    assert dirs_to_lonlat(torch.ones(2, 3, dtype=torch.bfloat16))[0].dtype == torch.float32
