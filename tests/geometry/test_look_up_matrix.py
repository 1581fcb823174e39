import numpy as np
import pytest
import torch

from cyclorama.geometry import Equirect, Perspective, resample, rotate_dirs, rotation_matrix
from cyclorama.geometry.look_up_matrix import equirect_laplacian, equirect_matrix, point_matrix, row_major
from cyclorama.geometry.viewsets import fibonacci_dirs

SPHERE, CAMERA = Equirect(12, 24), Perspective(7, 9, 80)
POSES = [(0, 0, 0), (180, 0, 0), (-175, 25, 40), (10, 90, 0), (-50, -90, 15), (100, -60, 0)]


def picture(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("pose", POSES)
def test_the_matrix_of_an_equirect_is_a_bilinear_look_across_the_seam_and_at_the_poles(pose):
    image = picture(3, 12, 24)
    dirs = rotate_dirs(CAMERA.pixel_dirs(), rotation_matrix(*pose))
    wanted = resample(image, torch.from_numpy(SPHERE.dirs_to_pixels(dirs)[0]))
    matrix = equirect_matrix(SPHERE, CAMERA, rotation_matrix(*pose))
    assert matrix.shape == (63, 288)
    torch.testing.assert_close((matrix @ image.flatten(1).mT).mT.reshape(3, 7, 9), wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("pose", POSES)
def test_a_view_of_a_constant_is_that_constant(pose):
    turned = rotation_matrix(*pose)
    for matrix in (equirect_matrix(SPHERE, CAMERA, turned), point_matrix(fibonacci_dirs(2000), CAMERA, turned)):
        dense = matrix.to_dense()
        assert dense.dtype == torch.float32
        torch.testing.assert_close(dense.sum(1), torch.ones(63), rtol=0, atol=1e-5)
        assert (dense >= -1e-6).all()


@pytest.mark.parametrize("pose", POSES)
def test_a_pixel_is_the_mean_of_the_four_nearest_points_by_the_reciprocals_of_their_distances(pose):
    dirs, turned = fibonacci_dirs(2000), rotation_matrix(*pose)
    pixels = rotate_dirs(CAMERA.pixel_dirs(like=np.empty(())), turned).reshape(-1, 3)
    distances = np.linalg.norm(pixels[:, None] - dirs, axis=-1)
    nearest = np.argsort(distances, axis=1)[:, :4]
    weights = 1 / np.take_along_axis(distances, nearest, axis=1)
    wanted = np.zeros_like(distances)
    np.put_along_axis(wanted, nearest, weights / weights.sum(1, keepdims=True), axis=1)
    got = point_matrix(dirs, CAMERA, turned).to_dense().numpy()
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-3)


def test_a_point_in_the_middle_of_a_pixel_is_all_that_it_shows():
    """Unlike a division by a distance of 0."""
    camera = Perspective(3, 3, 90)
    dirs = np.concatenate([fibonacci_dirs(2000), [[0.0, 0.0, -1.0]]])
    shown = point_matrix(dirs, camera, np.eye(3)).to_dense()[4]
    assert shown[-1].item() == pytest.approx(1, abs=1e-4)
    assert shown.isfinite().all()


def test_the_laplacian_of_a_constant_is_zero_and_its_rows_sum_to_zero():
    laplacian = equirect_laplacian(SPHERE)
    assert laplacian.shape == (288, 288)
    torch.testing.assert_close(laplacian @ torch.ones(288, 1), torch.zeros(288, 1), rtol=0, atol=1e-6)
    torch.testing.assert_close(laplacian.to_dense().sum(1), torch.zeros(288), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("row", "column", "around"),
    [
        (5, 7, [(4, 7), (6, 7), (5, 6), (5, 8)]),
        (5, 0, [(4, 0), (6, 0), (5, 23), (5, 1)]),
        (0, 3, [(0, 15), (1, 3), (0, 2), (0, 4)]),
        (11, 20, [(10, 20), (11, 8), (11, 19), (11, 21)]),
    ],
)
def test_the_laplacian_knows_the_neighbours_on_the_sphere(row, column, around):
    got = equirect_laplacian(SPHERE).to_dense()[row * 24 + column].reshape(12, 24)
    wanted = torch.zeros(12, 24)
    wanted[row, column] = 1
    for place in around:
        wanted[place] = -0.25
    torch.testing.assert_close(got, wanted)


def test_row_by_row_the_product_is_the_same():
    """Without a warning, which would be an error here."""
    matrix, values = equirect_matrix(SPHERE, CAMERA, rotation_matrix(20, 30)), picture(288, 3)
    rows = row_major(matrix)
    assert rows.layout == torch.sparse_csr
    torch.testing.assert_close(rows @ values, matrix @ values)
    torch.testing.assert_close(
        row_major(matrix.mT.coalesce()) @ values[:63], matrix.to_dense().mT @ values[:63], rtol=0, atol=1e-5
    )
