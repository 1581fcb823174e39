import numpy as np
import pytest
import torch

from cyclorama.geometry import Equirect, Perspective, reproject, rings, rotation_matrix
from cyclorama.geometry.stitching import stitch
from cyclorama.geometry.viewsets import fibonacci_dirs
from cyclorama.methods.fusion import Fusion, LeastSquares, PointMeans, ViewMeans, Views, falloff, flat

SIZE, NUM_POINTS, SPHERE = 8, 560, Equirect(16, 32)
CAMERA = Perspective(SIZE, SIZE, 90)
FUSIONS = {
    "points": PointMeans(NUM_POINTS),
    "points, unweighted": PointMeans(NUM_POINTS, weighted=False),
    "nearest": PointMeans(NUM_POINTS, distinct=False),
    "nearest, unweighted": PointMeans(NUM_POINTS, distinct=False, weighted=False),
    "views": ViewMeans(SPHERE),
    "least squares": LeastSquares(SPHERE, num_iterations=120, smoothness=1e-2),
    "least squares, points": LeastSquares(300, num_iterations=150),
}
OVERLAPPING = rings({0: 5, 60: 5, -60: 5, 90: 1, -90: 1})
MEANS = [name for name in FUSIONS if "least" not in name]


@pytest.fixture(params=FUSIONS)
def fusion(request: pytest.FixtureRequest) -> Fusion:
    return FUSIONS[request.param]


def views(rotations: np.ndarray = OVERLAPPING, camera: Perspective = CAMERA, tau: float = 0.5) -> Views:
    return Views((camera,) * len(rotations), rotations, np.stack([falloff(camera.height, tau)] * len(rotations)))


def with_a_thing(around: Views) -> Views:
    """One more view, by a camera of its own."""
    thing = rotation_matrix(33, -8)[None]
    return Views(
        (*around.cameras, Perspective(SIZE, SIZE, 80)),
        np.concatenate([around.rotations, thing]),
        np.concatenate([around.weights, flat(SIZE)[None]]),
    )


def cell_dirs(fusion: Fusion) -> np.ndarray:
    on_equirect = fusion.num_cells == SPHERE.height * SPHERE.width
    return SPHERE.pixel_dirs().reshape(-1, 3) if on_equirect else fibonacci_dirs(fusion.num_cells)


def smooth(fusion: Fusion) -> torch.Tensor:
    """Two channels that change slowly over the sphere."""
    x, y, z = torch.from_numpy(cell_dirs(fusion)).float().unbind(-1)
    return torch.stack([x + 0.5 * y * z, 1 + y - x * z])


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def off(got: torch.Tensor, wanted: torch.Tensor) -> float:
    """The difference relative to what was wanted."""
    return ((got - wanted).norm() / wanted.norm()).item()


def test_looks_and_cells_have_their_shapes(fusion):
    sphere = noise(3, fusion.num_cells)
    seen = fusion.look(sphere, with_a_thing(views()))
    assert seen.shape == (18, 3, SIZE, SIZE)
    assert fusion.fuse(with_a_thing(views()), seen, torch.zeros_like(sphere)).shape == sphere.shape


def test_looking_is_linear_and_keeps_constants(fusion):
    one, other = noise(2, fusion.num_cells), noise(2, fusion.num_cells, seed=1)
    both = fusion.look(2 * one - 3 * other, views())
    torch.testing.assert_close(both, 2 * fusion.look(one, views()) - 3 * fusion.look(other, views()), rtol=0, atol=1e-4)
    constant = fusion.look(torch.full((1, fusion.num_cells), 0.7), views())
    torch.testing.assert_close(constant, torch.full_like(constant, 0.7))


def test_a_look_shows_what_lies_there(fusion):
    around = views()
    seen = fusion.look(torch.from_numpy(cell_dirs(fusion)).float().mT.contiguous(), around)
    dirs = CAMERA.pixel_dirs().reshape(-1, 3) @ around.rotations.mT.astype(np.float32)
    wanted = torch.from_numpy(dirs).mT.reshape(seen.shape)
    apart = (seen - wanted).norm(dim=1)
    assert apart.mean() < CAMERA.pixel_angle
    assert (seen - wanted).mean((2, 3)).abs().max() < 0.4 * CAMERA.pixel_angle


def test_fusing_is_linear_in_the_pictures(fusion):
    around, zero = views(), torch.zeros(2, fusion.num_cells)
    one, other = noise(17, 2, SIZE, SIZE), noise(17, 2, SIZE, SIZE, seed=1)
    apart = 2 * fusion.fuse(around, one, zero) - 3 * fusion.fuse(around, other, zero)
    assert off(fusion.fuse(around, 2 * one - 3 * other, zero), apart) < 1e-3


def test_the_order_of_the_views_does_not_matter(fusion):
    around, start = with_a_thing(views()), noise(2, fusion.num_cells, seed=2)
    pictures, order = noise(18, 2, SIZE, SIZE), np.random.default_rng(0).permutation(18)
    shuffled = Views(tuple(around.cameras[k] for k in order), around.rotations[order], around.weights[order])
    fused = fusion.fuse(around, pictures, start)
    assert off(fusion.fuse(shuffled, pictures[torch.from_numpy(order)], start), fused) < 1e-3


def test_channels_are_fused_one_by_one(fusion):
    around, pictures, start = views(), noise(17, 2, SIZE, SIZE), noise(2, fusion.num_cells, seed=1)
    alone = fusion.fuse(around, pictures[:, 1:], start[1:])
    assert off(fusion.fuse(around, pictures, start)[1:], alone) < 1e-4


def test_a_constant_in_all_views_is_one_on_the_sphere(fusion):
    """Where a view shows it; least squares has its own idea of cells that no pixel reads."""
    around = views()
    fused = fusion.fuse(around, torch.full((17, 1, SIZE, SIZE), 0.7), torch.full((1, fusion.num_cells), 0.7))
    torch.testing.assert_close(fused, torch.full_like(fused, 0.7), rtol=0, atol=1e-4)


def test_views_of_one_smooth_sphere_look_the_same_once_fused(fusion):
    around = with_a_thing(views())
    seen = fusion.look(smooth(fusion), around)
    again = fusion.look(fusion.fuse(around, seen, torch.zeros(2, fusion.num_cells)), around)
    assert off(again, seen) < (0.08 if fusion == FUSIONS["nearest"] else 0.05)


@pytest.mark.parametrize("name", [name for name in MEANS if name != "views"])
def test_cells_come_back_exactly_where_a_view_shows_them(name):
    fusion, around = FUSIONS[name], views()
    sphere, start = noise(2, NUM_POINTS), torch.full((2, NUM_POINTS), 9.0)
    fused = fusion.fuse(around, fusion.look(sphere, around), start)
    visited = (fused != 9).all(0)
    assert visited.float().mean() > 0.8
    torch.testing.assert_close(fused[:, visited], sphere[:, visited], rtol=0, atol=1e-6)


def test_least_squares_over_points_finds_what_the_views_show_even_if_it_is_noise():
    fusion, around = FUSIONS["least squares, points"], views()
    sphere = noise(2, fusion.num_cells)
    fused = fusion.fuse(around, fusion.look(sphere, around), torch.zeros_like(sphere))
    torch.testing.assert_close(fused, sphere, rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", [*MEANS, "least squares, points", "least squares, rough"])
def test_cells_that_no_view_shows_keep_what_they_had(name):
    fusion = FUSIONS.get(name, LeastSquares(SPHERE, smoothness=0.0))
    ahead, start = views(rotation_matrix(20, 10)[None]), noise(2, fusion.num_cells)
    fused = fusion.fuse(ahead, noise(1, 2, SIZE, SIZE, seed=1), start)
    away = torch.from_numpy(cell_dirs(fusion) @ rotation_matrix(20, 10)[:, 2]) > -0.3
    assert torch.equal(fused[:, away], start[:, away])
    assert (fused != start).all(0).sum() > 0.5 * SIZE**2


def test_a_smooth_least_squares_changes_cells_that_no_view_shows_only_to_be_smooth():
    fusion, ahead = LeastSquares(SPHERE), views(rotation_matrix(20, 10)[None])
    start = torch.full((1, fusion.num_cells), 0.3)
    fused = fusion.fuse(ahead, torch.full((1, 1, SIZE, SIZE), 0.3), start)
    torch.testing.assert_close(fused, start, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["points", "nearest", "views"])
def test_a_heavier_view_counts_more(name):
    fusion, poses = FUSIONS[name], np.stack([rotation_matrix(), rotation_matrix()])
    two = Views((CAMERA, CAMERA), poses, np.stack([falloff(SIZE, 0.5)] * 2))
    pictures = torch.stack([torch.zeros(1, SIZE, SIZE), torch.ones(1, SIZE, SIZE)])
    middle = fusion.look(fusion.fuse(two, pictures, torch.zeros(1, fusion.num_cells)), two)[0, 0, 2:-2, 2:-2]
    torch.testing.assert_close(middle, torch.full_like(middle, 0.5), rtol=0, atol=1e-3)
    thing = Views((CAMERA, Perspective(SIZE, SIZE, 80)), poses, np.stack([two.weights[0], 3 * two.weights[0]]))
    middle = fusion.look(fusion.fuse(thing, pictures, torch.zeros(1, fusion.num_cells)), two)[0, 0, 3:-3, 3:-3]
    assert (middle > 0.6).all()


def test_weights_count_only_where_they_are_asked_for():
    pictures, zero = noise(17, 1, SIZE, SIZE), torch.zeros(1, NUM_POINTS)
    for distinct in (True, False):
        weighted, plain = PointMeans(NUM_POINTS, distinct), PointMeans(NUM_POINTS, distinct, weighted=False)
        steep, wide = views(tau=0.2), views(tau=1e6)
        assert torch.equal(plain.fuse(steep, pictures, zero), plain.fuse(wide, pictures, zero))
        torch.testing.assert_close(weighted.fuse(wide, pictures, zero), plain.fuse(wide, pictures, zero))
        assert off(weighted.fuse(steep, pictures, zero), plain.fuse(steep, pictures, zero)) > 0.05


def test_least_squares_finds_what_the_views_differ_from_least():
    """Against the dense solution."""
    fusion = LeastSquares(SPHERE, num_iterations=400, smoothness=1e-2)
    around, pictures = views(), noise(17, 1, SIZE, SIZE)
    cells = fusion.num_cells
    looks = fusion.look(torch.eye(cells), around).movedim(1, -1).reshape(-1, cells).double()
    rough = torch.from_numpy(laplacian(SPHERE.height)) * 1e-2**0.5
    target = torch.cat([pictures.flatten().double(), torch.zeros(cells, dtype=torch.float64)])
    wanted = torch.linalg.lstsq(torch.cat([looks, rough]), target[:, None]).solution[:, 0]
    assert off(fusion.fuse(around, pictures, torch.zeros(1, cells))[0].double(), wanted) < 1e-3


def laplacian(height: int) -> np.ndarray:
    """Each pixel less the mean of its neighbours; above the top and below the bottom lies the row half a turn on."""
    width = 2 * height
    index = np.arange(height * width).reshape(height, width)
    above = np.concatenate([np.roll(index[:1], width // 2, axis=1), index, np.roll(index[-1:], width // 2, axis=1)])
    matrix = np.eye(height * width)
    for neighbour in (np.roll(index, 1, 1), np.roll(index, -1, 1), above[:-2], above[2:]):
        np.add.at(matrix, (index.ravel(), neighbour.ravel()), -0.25)
    return matrix


def test_views_of_the_same_camera_and_weights_belong_together():
    around = with_a_thing(views())
    assert around.alike() == [[*range(17)], [17]]
    assert len(around) == 18
    assert around.size == SIZE


@pytest.mark.parametrize("size", [5, 8])
def test_weights_are_highest_in_the_middle_and_the_same_in_all_four_quarters(size):
    for weights in (falloff(size, 0.1), flat(size)):
        assert weights.dtype == np.float32
        assert weights[size // 2, size // 2] == weights.max()
        assert (weights >= 0).all()
        np.testing.assert_allclose(weights, np.rot90(weights), rtol=1e-4)
        np.testing.assert_allclose(weights, weights[::-1], rtol=1e-4)


def test_weights_of_a_view_are_above_zero_everywhere_and_those_of_a_thing_end_without_a_step():
    assert (falloff(16, 0.1) > 0).all()
    weights = flat(64)
    assert (weights[24:40, 24:40] == 1).all()
    assert weights[0].max() < 0.01
    assert np.abs(np.diff(weights, axis=0)).max() < 0.1


def test_the_weights_are_the_published_formula():
    u = np.array([-0.75, -0.25, 0.25, 0.75])
    x, y = np.meshgrid(u, u)
    np.testing.assert_allclose(falloff(4, 0.1), np.exp(-np.sqrt(x**2 + y**2) / 0.1), rtol=1e-4)


def test_feathered_weights_end_in_nothing_and_those_in_the_middle_stay():
    plain, soft = falloff(20, 0.3), falloff(20, 0.3, feather=0.5)
    np.testing.assert_array_equal(soft[5:15, 5:15], plain[5:15, 5:15])
    np.testing.assert_allclose(soft[0], plain[0] * 0.1, rtol=1e-5)  # half a pixel from the border
    assert (soft > 0).all()
    np.testing.assert_array_equal(falloff(20, 0.3, feather=0.0), plain)


@pytest.mark.parametrize("yaw", [0, 10, 27, 170, -100])
def test_views_that_turn_by_whole_sectors_are_looked_at_and_fused_as_any_others(yaw):
    camera = Perspective(SIZE, SIZE, 93.1)  # at 90 degrees pixels lie on the very border
    sphere, turned = Equirect(18, 36), rotation_matrix(yaw) @ OVERLAPPING
    fusion, looking = ViewMeans(sphere), views(turned, camera)
    cells = noise(2, 18, 36)
    pairs = [reproject(cells, sphere, camera, rotation=one, mode="bicubic", antialias=False) for one in turned]
    torch.testing.assert_close(fusion.look(cells.flatten(1), looking), torch.stack(pairs), rtol=0, atol=1e-4)
    pictures = noise(len(turned), 2, SIZE, SIZE)
    mean, _ = stitch(pictures, camera, turned, sphere, blend=looking.weights[0], mode="bicubic")
    fused = fusion.fuse(looking, pictures, cells.flatten(1))
    torch.testing.assert_close(fused.unflatten(1, (18, 36)), mean, rtol=0, atol=1e-4)
