import pytest
import torch

from cyclorama.diorama import render, sample_scene
from cyclorama.diorama.places import build
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.footprints import covered_pixels
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.poses import invert, pose, relative_pose
from cyclorama.geometry.rays import rays, seen_from
from cyclorama.geometry.rotations import rotation
from cyclorama.geometry.sphere import angle_between
from cyclorama.geometry.splatting import splat
from tests.geometry.posed import random_dirs, random_poses
from tests.geometry.test_warping import HERE, THERE, psnr, room
from tests.properties import assert_yaw_equivariant

CAMERAS = {"equirect": Equirect(6, 12), "view": Perspective(5, 7, 100)}
FOOTPRINTS = pytest.mark.parametrize("footprint", [0, 0.75])
IDENTITY = torch.eye(4, dtype=torch.float64)


@pytest.mark.parametrize("footprint", [0, 0.75, 1.6])
@pytest.mark.parametrize("target", CAMERAS.values(), ids=CAMERAS)
@pytest.mark.parametrize("source", CAMERAS.values(), ids=CAMERAS)
def test_it_is_the_brute_force_z_buffer(source, target, footprint: float):
    generator = torch.Generator().manual_seed(0)
    depth = torch.rand(source.height, source.width, generator=generator, dtype=torch.float64) * 2 + 0.5
    depth[1, 2], depth[2, 3] = torch.nan, 0
    depth[3:, :3] = torch.inf
    image = torch.rand(3, source.height, source.width, generator=generator, dtype=torch.float64)
    motion = random_poses(seed=3, scale=0.3)
    got, distance, hit = splat(image, depth, motion, source=source, target=target, footprint=footprint)
    dirs, away = seen_from(source.pixel_dirs(like=depth), depth, motion)
    centres = target.pixel_dirs(like=depth)
    pixels, shown = target.dirs_to_pixels(dirs)
    for row in range(target.height):
        for column in range(target.width):
            angle = angle_between(dirs, centres[row, column].expand_as(dirs))
            size = footprint * source.pixel_angle * torch.where(depth.isinf(), 1, depth / away)
            own = shown & (pixels.floor() == torch.tensor([column, row])).all(-1)
            covers = own | (shown | (target.wrap == "sphere")) & (angle < size.clamp(max=16 * target.pixel_angle))
            covers &= depth > 0
            assert hit[row, column] == covers.any()
            if covers.any():
                front = covers & (away <= away[covers].min() / 0.98)
                best = torch.where(front, angle, torch.inf).flatten().argmin()
                torch.testing.assert_close(distance[row, column], away.flatten()[best])
                assert got[:, row, column].equal(image.flatten(1)[:, best])
            else:
                assert not got[:, row, column].any()
                assert distance[row, column] == 0


@FOOTPRINTS
def test_nothing_moves_where_the_camera_stays(footprint: float):
    image, depth = room(Equirect(64, 128), HERE)
    moved, distance, hit = splat(image, depth, IDENTITY, footprint=footprint, tolerance=0.1)
    assert hit.all()
    assert moved.equal(image)
    torch.testing.assert_close(distance, depth, rtol=0, atol=1e-14)


@FOOTPRINTS
def test_a_yaw_by_whole_pixels_is_a_roll(footprint: float):
    image, depth = room(Equirect(32, 64), HERE)
    turn = pose(rotation(-45, dtype=torch.float64), torch.zeros(3, dtype=torch.float64))
    moved, _, hit = splat(image, depth, turn, footprint=footprint, tolerance=0.2)
    assert hit.all()
    assert moved.equal(image.roll(-8, -1))


@FOOTPRINTS
def test_moving_up_and_down_is_yaw_equivariant(footprint: float):
    image, depth = room(Equirect(16, 32), HERE)
    up = pose(torch.eye(3, dtype=torch.float64), torch.tensor([0, -0.3, 0], dtype=torch.float64))

    def move(stack: torch.Tensor) -> torch.Tensor:
        colours, distance, hit = splat(stack[:3], stack[3], up, footprint=footprint)
        return torch.cat([colours, distance[None], hit[None]])

    assert_yaw_equivariant(move, torch.cat([image, depth[None]]), atol=1e-12)


@pytest.mark.gpu
@FOOTPRINTS
def test_the_gpu_shows_the_same_picture(footprint: float):
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    image, depth = room(Equirect(64, 128), HERE)
    here = splat(image, depth, relative_pose(HERE, THERE), footprint=footprint)
    there = splat(image.cuda(), depth.cuda(), relative_pose(HERE, THERE).cuda(), footprint=footprint)
    for one, other in zip(here, there, strict=True):
        assert one.double().isclose(other.cpu().double(), rtol=0, atol=1e-9).float().mean() > 0.999


def test_a_footprint_closes_all_gaps_at_seam_and_poles():
    image, depth = room(Equirect(64, 128), HERE)
    tilt = pose(rotation(20, 70, 10, dtype=torch.float64), torch.zeros(3, dtype=torch.float64))
    _, _, points = splat(image, depth, tilt)
    moved, distance, discs = splat(image, depth, tilt, footprint=0.75)
    assert points.float().mean() < 0.9
    assert discs.all()
    wanted, wanted_depth = room(Equirect(64, 128), HERE @ invert(tilt))
    assert psnr(moved, wanted) > 27
    assert ((distance / wanted_depth - 1).abs() < 0.06).float().mean() > 0.98


def test_walking_through_a_room_shows_what_is_there():
    camera = Equirect(64, 128)
    (image, depth), (wanted, wanted_depth) = room(camera, HERE), room(camera, THERE)
    moved, distance, hit = splat(image, depth, relative_pose(HERE, THERE), footprint=1.0)
    assert hit.float().mean() > 0.95
    assert ((distance / wanted_depth - 1)[hit].abs() < 0.06).float().mean() > 0.9
    assert psnr(moved[:, hit], wanted[:, hit]) > 24


def test_the_sky_stays_behind_everything_and_only_turns():
    depth = torch.full((16, 32), torch.inf)
    depth[:, 12:20] = 3.0
    image = torch.rand(3, 16, 32)
    moved, distance, hit = splat(image, depth, pose(torch.eye(3), torch.tensor([2.0, 0, 0])))
    sky = depth.isinf()
    untouched = sky & distance.isinf()
    assert moved[:, untouched].equal(image[:, untouched])
    assert (distance[hit & ~distance.isinf()] < 5).all()
    assert (distance[8, 20:26] < 5).any()  # the wall moved to the right, in front of the sky


def test_batches_are_their_members_and_runs_repeat():
    poses = random_poses(2, 2, scale=0.3, dtype=torch.float32)
    image, depth = torch.rand(2, 2, 3, 8, 16), torch.rand(2, 2, 8, 16) + 1
    parts = splat(image, depth, poses, footprint=0.75)
    again, one = (
        splat(image, depth, poses, footprint=0.75),
        splat(image[1, 0], depth[1, 0], poses[1, 0], footprint=0.75),
    )
    for part, same, member in zip(parts, again, one, strict=True):
        assert part.equal(same)
        assert part[1, 0].equal(member)


def test_gradients_reach_the_image_the_depth_and_the_pose():
    image, depth = torch.rand(3, 8, 16), torch.rand(8, 16) + 1
    depth[0] = torch.inf
    motion = random_poses(scale=0.2, dtype=torch.float32)
    for tensor in (image, depth, motion):
        tensor.requires_grad_()
    colours, distance, hit = splat(image, depth, motion)
    (colours.sum() + distance[hit & distance.isfinite()].sum()).backward()
    for tensor in (image, depth, motion):
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()
        assert tensor.grad.any()


def test_nothing_known_hits_nothing():
    colours, distance, hit = splat(torch.rand(3, 4, 8), torch.zeros(4, 8), torch.eye(4), footprint=0.75)
    assert not colours.any()
    assert not distance.any()
    assert not hit.any()


@pytest.mark.parametrize("height", [6, 4096])
def test_discs_cover_what_is_within_their_angle_at_the_poles_and_the_seam(height: int):
    camera = Equirect(height, 2 * height)
    dirs = torch.cat([random_dirs(20, dtype=torch.float32), torch.tensor([[0.0, 1, 0], [0, -1, 0], [0, 0, 1]])])
    angle = torch.full((23,), 2.2 * camera.pixel_angle)
    which, pixel, _ = covered_pixels(dirs, angle, camera)
    area = torch.zeros(23, dtype=torch.float64).index_add(0, which, _solid_angles(camera)[pixel // camera.width])
    if height > 6:
        which, area = _unique(which, pixel, camera)
        cap = 2 * torch.pi * (1 - torch.cos(angle.double()))
        torch.testing.assert_close(area, cap, rtol=0.25, atol=0)
        assert area.mean().item() == pytest.approx(cap.mean().item(), rel=0.04)
    else:
        assert (area > 0).all()


def _solid_angles(camera: Equirect) -> torch.Tensor:
    y = torch.arange(camera.height, dtype=torch.float64)
    edges = torch.cos(torch.pi * torch.stack([y, y + 1]) / camera.height)
    return (edges[0] - edges[1]) * (2 * torch.pi / camera.width)


def _unique(which: torch.Tensor, pixel: torch.Tensor, camera: Equirect) -> tuple[torch.Tensor, torch.Tensor]:
    both = torch.stack([which, pixel]).unique(dim=1)
    area = torch.zeros(23, dtype=torch.float64).index_add(0, both[0], _solid_angles(camera)[both[1] // camera.width])
    return both[0], area


def test_the_diorama_splatted_is_the_diorama_seen_from_there():
    scene = sample_scene(31, place="city", time="noon", sky="clear")
    eye = torch.tensor(build(scene, torch.device("cpu")).eye)
    poses = [pose(rotation(), eye), pose(rotation(50, 10), eye + torch.tensor([0.25, 0.1, -0.3]))]
    camera = Equirect(96, 192)
    here, there = (render(scene, rays(camera, p)[1], p[:3, 3]) for p in poses)
    moved, distance, hit = splat(here.colours, here.depth, relative_pose(*poses), footprint=0.75)
    right = hit & ((distance / there.depth - 1).abs() < 0.05) | (distance.isinf() & there.depth.isinf())
    assert right.float().mean() > 0.93
    assert psnr(moved[:, right], there.colours[:, right]) > 24
