"""The five properties of every projection, in every engine: identity, inverse, roll, analytic, solid angle."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from cyclorama.geometry import (
    Cubemap,
    Equirect,
    Fisheye,
    Mercator,
    Pannini,
    Perspective,
    Projection,
    reproject,
    rotate_dirs,
    rotation_matrix,
)
from cyclorama.geometry.lookup import MODES
from cyclorama.geometry.minification import pixel_spans

PROJECTIONS = [
    Equirect(32, 64),
    Perspective(24, 32, 90),
    Perspective(9, 14, 150),
    Cubemap(16),
    Fisheye(32, 32, 180),
    Fisheye(32, 32, 360),
    Fisheye(24, 32, 220, "equisolid"),
    Fisheye(32, 32, 300, "stereographic"),
    Fisheye(32, 32, 170, "orthographic"),
    Mercator(32, 64),
    Mercator(20, 30, 120),
    Pannini(20, 40, 170),
    Pannini(20, 30, 120, 0.5),
]
every_projection = pytest.mark.parametrize("camera", PROJECTIONS, ids=str)
TURN = rotation_matrix(40, -35, 15)


def engine_kernel(picture: np.ndarray) -> Any:
    return picture


def engine_torch_lent(picture: np.ndarray) -> Any:
    return torch.from_numpy(np.moveaxis(picture, -1, -3).copy())


def engine_torch(picture: np.ndarray) -> Any:
    return torch.from_numpy(np.moveaxis(picture, -1, -3).copy()).requires_grad_()


def engine_gpu(picture: np.ndarray) -> Any:
    return torch.from_numpy(np.moveaxis(picture, -1, -3).copy()).cuda()


def to_array(picture: Any) -> np.ndarray:
    return picture if isinstance(picture, np.ndarray) else np.moveaxis(picture.detach().cpu().numpy(), -3, -1)


ENGINES = [engine_kernel, engine_torch_lent, engine_torch, pytest.param(engine_gpu, marks=pytest.mark.gpu)]
TYPES = {
    engine_kernel: [np.uint8, np.float32],
    engine_torch_lent: [np.uint8, np.float32, np.float64],
    engine_torch: [np.float32, np.float64],
    engine_gpu: [np.uint8, np.float32, np.float64],
}
every_engine = pytest.mark.parametrize("engine", ENGINES)


def picture_of(camera: Projection, *, dtype: Any = np.float32) -> np.ndarray:
    shape = (6, camera.width, camera.width, 3) if isinstance(camera, Cubemap) else (camera.height, camera.width, 3)
    noise = np.random.default_rng(0).random(shape)
    return (noise * 255).astype(np.uint8) if dtype == np.uint8 else noise.astype(dtype)


def as_strip(picture: np.ndarray) -> np.ndarray:
    """Faces below one another, as the projection of a cube map numbers its pixels."""
    return picture.reshape(-1, *picture.shape[-2:]) if picture.ndim == 4 else picture


def shown(camera: Projection) -> np.ndarray:
    return (camera.pixel_dirs() != 0).any(-1)


@every_projection
def test_inverse(camera: Projection):
    like = np.empty(())
    dirs = camera.pixel_dirs(like=like)
    pixels, seen = camera.dirs_to_pixels(3 * dirs[shown(camera)])
    y, x = np.nonzero(shown(camera))
    assert seen.all()
    np.testing.assert_allclose(pixels, np.stack([x, y], axis=-1) + 0.5, rtol=0, atol=1e-9)


@every_projection
def test_no_direction_is_nowhere(camera: Projection):
    pixels, _ = camera.dirs_to_pixels(np.zeros((2, 3)))
    seen_by_tables = reproject(picture_of(camera), camera, Fisheye(8, 8, 180), fill=7.0)  # its corners show nothing
    assert np.isfinite(pixels).all()
    assert (seen_by_tables[0, 0] == 7).all()


@every_projection
def test_the_same_formula_serves_arrays_and_tensors(camera: Projection):
    array, tensor = np.empty(()), torch.empty((), dtype=torch.float64)
    dirs = camera.pixel_dirs(offset=(0.2, -0.3), like=array)
    torch.testing.assert_close(camera.pixel_dirs(offset=(0.2, -0.3), like=tensor), torch.from_numpy(dirs))
    pixels, seen = camera.dirs_to_pixels(dirs[shown(camera)])
    tensor_pixels, tensor_seen = camera.dirs_to_pixels(torch.from_numpy(dirs[shown(camera)]))
    torch.testing.assert_close(tensor_pixels, torch.from_numpy(pixels))
    assert tensor_seen.numpy().tolist() == seen.tolist()


@every_engine
@pytest.mark.parametrize("mode", MODES)
@every_projection
def test_identity(camera: Projection, engine: Any, mode: str):
    for dtype in TYPES[engine]:
        check_identity(camera, engine, dtype, mode)


def check_identity(camera: Projection, engine: Any, dtype: Any, mode: str) -> None:
    picture = picture_of(camera, dtype=dtype)
    same = to_array(reproject(engine(picture), camera, camera, mode=mode))
    wanted = as_strip(picture) * shown(camera)[..., None]
    assert np.array_equal(as_strip(same), wanted.astype(dtype))


@every_engine
@pytest.mark.parametrize("mode", MODES)
@every_projection
def test_roll(camera: Projection, engine: Any, mode: str):
    dtype, tolerance = TYPES[engine][-1], 1e-9 if TYPES[engine][-1] is np.float64 else 1e-4
    panorama, sphere = picture_of(Equirect(32, 64)).astype(dtype), Equirect(32, 64)
    turned = reproject(
        engine(panorama), sphere, camera, rotation=rotation_matrix(9 * 360 / 64, 20), mode=mode, antialias=False
    )
    rolled = np.roll(panorama, -9, axis=1)
    wanted = reproject(engine(rolled), sphere, camera, rotation=rotation_matrix(0, 20), mode=mode, antialias=False)
    differing = np.abs(to_array(turned) - to_array(wanted)) > tolerance
    assert differing.mean() <= (0.02 if mode == "nearest" else 0)  # a coordinate between two pixels may be either


@every_engine
@every_projection
def test_analytic(camera: Projection, engine: Any):
    sphere = Equirect(256, 512)
    panorama = sphere.pixel_dirs(like=np.empty(())).astype(np.float32)
    view = reproject(engine(panorama), sphere, camera, rotation=TURN, mode="bicubic", antialias=False)
    wanted = rotate_dirs(camera.pixel_dirs(like=np.empty(())), TURN)
    np.testing.assert_allclose(as_strip(to_array(view)), wanted, rtol=0, atol=1e-4)


@every_engine
@every_projection
def test_analytic_back(camera: Projection, engine: Any):
    """A picture of its own directions, painted on the sphere, shows the sphere's directions away from its border."""
    big = enlarged(camera, 8)
    picture = big.pixel_dirs(like=np.empty(())).astype(np.float32)
    picture = picture.reshape(6, big.width, big.width, 3) if isinstance(big, Cubemap) else picture
    sphere = Equirect(32, 64)
    painted = to_array(reproject(engine(picture), big, sphere, rotation=TURN, fill=-9.0, antialias=False))
    wanted = rotate_dirs(sphere.pixel_dirs(like=np.empty(())), TURN)
    error = np.abs(painted - wanted).max(-1)
    covered = (painted != -9).all(-1)
    assert covered.sum() >= 0.02 * covered.size
    if big.covers_sphere:
        assert covered.all()
    assert np.quantile(error[covered], 0.9) < 2e-3


@every_projection
def test_solid_angle(camera: Projection):
    big = enlarged(camera, 8)
    half = math.radians(getattr(camera, "fov_deg", 0)) / 2
    caps = {Fisheye: lambda: 2 * math.pi * (1 - math.cos(half)), Mercator: lambda: mercator_band(big)}
    total = big.solid_angles().sum()
    if big.covers_sphere:
        assert total == pytest.approx(4 * math.pi, abs=1e-9)
    elif isinstance(camera, Fisheye) and (camera.height < camera.width or camera.mapping == "stereographic"):
        assert 0 < total < 4 * math.pi
    elif type(camera) in caps:
        assert total == pytest.approx(caps[type(camera)](), rel=0.06)  # pixels on the rim are not whole
    else:
        direct = (pixel_area_by_differences(big)).sum()
        assert total == pytest.approx(direct, rel=2e-3)


def mercator_band(camera: Any) -> float:
    top = math.atan(math.sinh(camera.height / 2 * camera.pixel_angle))
    return 2 * math.sin(top) * math.radians(camera.fov_deg)


def pixel_area_by_differences(camera: Projection) -> np.ndarray:
    like = np.empty(())
    right = camera.pixel_dirs(offset=(1e-4, 0.0), like=like) - camera.pixel_dirs(offset=(-1e-4, 0.0), like=like)
    down = camera.pixel_dirs(offset=(0.0, 1e-4), like=like) - camera.pixel_dirs(offset=(0.0, -1e-4), like=like)
    return np.linalg.norm(np.cross(right, down), axis=-1) / 4e-8


def enlarged(camera: Projection, factor: int) -> Any:
    from dataclasses import replace

    if isinstance(camera, Cubemap):
        return Cubemap(camera.size * factor)
    return replace(camera, height=camera.height * factor, width=camera.width * factor)  # type: ignore[type-var]


@every_projection
def test_the_pixel_angle_is_that_of_the_middle(camera: Projection):
    big = enlarged(camera, 4)
    spans = pixel_spans(big)
    middle = spans[big.size // 2, big.size // 2] if isinstance(big, Cubemap) else spans[big.height // 2, big.width // 2]
    assert middle == pytest.approx(big.pixel_angle, rel=0.05)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("mode", MODES)
@every_projection
def test_the_kernel_and_torch_give_the_same_picture(camera: Projection, mode: str, dtype: Any):
    sphere = Equirect(64, 128)
    for source, target in [(sphere, camera), (camera, sphere)]:
        picture = picture_of(source, dtype=dtype)
        how: Any = {"rotation": TURN, "mode": mode, "antialias": False}
        compiled = reproject(picture, source, target, **how).astype(np.float64)
        watched = engine_torch(picture.astype(np.float32))
        differentiable = to_array(reproject(watched, source, target, **how)).astype(np.float64)
        if dtype == np.uint8:
            differentiable = differentiable.round().clip(0, 255)
        differing = np.abs(compiled - differentiable) > (
            1 if dtype == np.uint8 else 1e-5 * (8 if mode == "bicubic" else 4)
        )
        assert differing.mean() <= (2e-3 if mode == "nearest" else 1e-3)


def test_bad_projections_end_in_one_line():
    faults = [
        (lambda: Equirect(4, 7), "7 pixels wide, wanted an even width"),
        (lambda: Equirect(0, 8), "wanted at least 1x1"),
        (lambda: Perspective(4, 4, 180), "wanted more than 0 and less than 180"),
        (lambda: Fisheye(4, 4, 361), "at most 360"),
        (lambda: Fisheye(4, 4, 360, "stereographic"), "less than 360"),
        (lambda: Fisheye(4, 4, 90, "lens"), "wanted one of equidistant"),
        (lambda: Pannini(4, 4, 360), "less than 360"),
        (lambda: Pannini(4, 4, 100, 2), "wanted 0 .perspective. to 1"),
        (lambda: Mercator(4, 4, 400), "at most 360"),
        (lambda: reproject(np.zeros((4, 9, 3), np.uint8), Equirect(4, 8), Cubemap(4)), "wanted 4x8"),
        (
            lambda: reproject(np.zeros((4, 8, 3), np.uint8), Equirect(4, 8), Cubemap(4), mode="cubic"),
            "got mode 'cubic'",
        ),
        (
            lambda: reproject(np.zeros((4, 8, 3), np.uint8), Equirect(4, 8), Cubemap(4), rotation=2 * np.eye(3)),
            "no rotation",
        ),
    ]
    for call, message in faults:
        with pytest.raises(ValueError, match=message) as fault:
            call()
        assert "\n" not in str(fault.value)


@every_projection
def test_bands_of_rows_give_the_same_picture(camera: Projection, monkeypatch: pytest.MonkeyPatch):
    sphere, picture = Equirect(32, 64), picture_of(Equirect(32, 64))
    tensor = engine_torch_lent(picture)
    whole = reproject(picture, sphere, camera, rotation=TURN, antialias=False)
    monkeypatch.setattr("cyclorama.geometry.tables._BAND", 5 * camera.width)
    other = rotation_matrix(40, -35, 15 + 1e-12)  # the same turn, but not the kept table
    assert np.array_equal(reproject(picture, sphere, camera, rotation=other, antialias=False), whole)
    lent = reproject(tensor, sphere, camera, rotation=other, antialias=False)
    np.testing.assert_allclose(to_array(lent), whole, rtol=0, atol=1e-6)


@pytest.mark.parametrize("antialias", [False, True])
@every_projection
def test_the_memory_to_write_to_may_be_given(camera: Projection, antialias: bool):
    sphere, picture = Equirect(64, 128), picture_of(Equirect(64, 128), dtype=np.uint8)
    wanted = reproject(picture, sphere, camera, rotation=TURN, antialias=antialias, fill=3.0)
    out = np.empty_like(wanted)
    given = reproject(picture, sphere, camera, rotation=TURN, antialias=antialias, fill=3.0, out=out)
    assert np.shares_memory(given, out)
    assert np.array_equal(out, wanted)
    for wrong in (out[:-1], out.astype(np.float32)):
        with pytest.raises(ValueError, match=r"got an out of .*, wanted uint8"):
            reproject(picture, sphere, camera, out=wrong)
