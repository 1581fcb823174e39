from dataclasses import replace

import numpy as np
import pytest
import torch

from cyclorama.geometry import Equirect, Perspective, rotation_matrix
from cyclorama.geometry.lattice import distinct_points
from cyclorama.geometry.viewsets import fibonacci_dirs
from cyclorama.methods.fusion import LeastSquares, PointMeans, ViewMeans, Views
from cyclorama.methods.sphere_latents import FieldNoise, StoredNoise
from cyclorama.methods.sphere_settings import (
    POINTS_PER_PIXEL,
    SphereSettings,
    check_sphere_model,
    linear_fusion,
    make_fusion,
    spherediff,
    start_from_noise,
    view_size_for,
)
from cyclorama.methods.view_layouts import LAYOUTS
from tests.methods.fake_model import FACTS, PANORAMIC


def test_the_published_methods_are_settings():
    theirs = spherediff()
    assert (theirs.layout, theirs.fusion, theirs.noise) == (LAYOUTS["89"], "points", "stored")
    assert (theirs.weighted, theirs.alone, theirs.tau) == (True, 0, 0.1)
    linear = linear_fusion()
    assert (linear.layout.gazes, linear.layout.fov_deg) == (LAYOUTS["14"].gazes, 90)
    assert (linear.fusion, linear.noise) == ("least-squares", "stored")
    assert round(28 * (1 - linear.alone)) == 23
    assert linear_fusion(LAYOUTS["26"]).layout == LAYOUTS["26"]
    assert theirs.feather == linear.feather == theirs.softness_deg == linear.softness_deg == 0


def test_spherediff_has_26500_points_for_its_views():
    fusion = make_fusion(spherediff(), Perspective(59, 59, 80))
    assert fusion.num_cells == pytest.approx(26_500, abs=30)


@pytest.mark.parametrize("size", [12, 16, 24])
def test_the_89_views_visit_every_point(size):
    camera = Perspective(size, size, 80)
    dirs = fibonacci_dirs(make_fusion(spherediff(), camera).num_cells)
    visited = np.zeros(len(dirs), bool)
    for turned in LAYOUTS["89"].rotations(0):
        visited[distinct_points(dirs, camera, turned)] = True
    assert visited.all()


def test_every_name_of_a_fusion_is_one():
    camera = Perspective(8, 8, 90)
    fusions = {name: make_fusion(SphereSettings(fusion=name), camera) for name in ("views", "points", "nearest")}
    means = fusions["views"]
    assert isinstance(means, ViewMeans)
    equirect = means.equirect
    assert isinstance(equirect, Equirect)
    assert equirect.width == 2 * equirect.height
    assert equirect.pixel_angle <= camera.pixel_angle / 1.5
    num = fusions["points"].num_cells
    assert num == round(POINTS_PER_PIXEL * 6 * 8**2)  # six views of 90 degrees are the sphere
    assert fusions["points"] == PointMeans(num, distinct=True)
    assert fusions["nearest"] == PointMeans(num, distinct=False)
    assert make_fusion(SphereSettings(fusion="points", weighted=False), camera) == PointMeans(num, weighted=False)
    assert make_fusion(SphereSettings(fusion="least-squares"), camera) == LeastSquares(equirect)
    assert make_fusion(SphereSettings(fusion="least-squares-points"), camera) == LeastSquares(num)


def test_noise_is_stored_in_cells_or_in_a_field_and_the_seed_decides():
    camera = Perspective(6, 6, 90)

    def start(noise, seed):
        return start_from_noise(FACTS, SphereSettings(noise=noise), [camera], torch.Generator().manual_seed(seed))

    stored, kept = start("stored", 0), start("field", 0)
    assert isinstance(stored, StoredNoise)
    assert isinstance(kept, FieldNoise)
    assert stored.values.shape == (FACTS.latent_channels, stored.fusion.num_cells)
    assert stored.values.var().item() == pytest.approx(1, abs=0.1)
    assert not kept.signal.any()
    seen = Views((camera,), rotation_matrix()[None], np.ones((1, 6, 6), np.float32))
    for noise in ("stored", "field"):
        first, same, other = (start(noise, seed).look(seen, 1.0) for seed in (0, 0, 1))
        assert torch.equal(first, same)
        assert not torch.equal(first, other)


def test_a_panoramic_model_is_refused_in_one_line():
    check_sphere_model(FACTS)
    with pytest.raises(ValueError, match="got fake, which makes panoramas already") as refused:
        check_sphere_model(PANORAMIC)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("height", [16, 100, 500, 1024, 3000])
@pytest.mark.parametrize("name", LAYOUTS)
def test_views_are_twice_as_fine_as_the_panorama_within_what_the_model_can(name, height):
    facts, layout = replace(FACTS, native_size=(512, 512), token_multiple=16), LAYOUTS[name]
    size = view_size_for(facts, layout, height)
    assert size % 16 == 0
    assert 256 <= size <= 512
    finer = Perspective(size, size, layout.fov_deg).pixel_angle <= np.pi / (2 * height)
    assert finer or size == 512
    coarser = size - 16
    assert size == 256 or Perspective(coarser, coarser, layout.fov_deg).pixel_angle > np.pi / (2 * height)
