import math

import pytest
import torch

from cyclorama.diorama import render, sample_scene
from cyclorama.diorama.places import build
from cyclorama.geometry.epipolar import symmetric_epipolar_distance
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.poses import invert, pose, relative_pose
from cyclorama.geometry.rays import rays, seen_from
from cyclorama.geometry.rotations import rotation
from cyclorama.geometry.warping import backward_warp
from tests.geometry.posed import random_rotations
from tests.properties import assert_yaw_equivariant

HEIGHT = 64


def psnr(one: torch.Tensor, other: torch.Tensor) -> float:
    return -10 * torch.log10((one - other).square().mean()).item()


def room(camera, cam_to_world: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """A smooth picture painted on the walls of a box of 4 x 2 x 6, and its depth: exact for every camera inside."""
    origins, dirs = rays(camera, cam_to_world)
    half = torch.tensor([2.0, 1.0, 3.0], dtype=dirs.dtype)
    depth = ((half * dirs.sign() - origins) / torch.where(dirs == 0, 1e-30, dirs)).amin(-1)
    where = origins + depth.unsqueeze(-1) * dirs
    return (torch.sin(2 * where) / 2 + 0.5).movedim(-1, -3), depth


def moved(x: float, y: float, z: float, *turns: float) -> torch.Tensor:
    return pose(rotation(*turns, dtype=torch.float64), torch.tensor([x, y, z], dtype=torch.float64))


HERE, THERE = moved(0.2, 0.1, 0.5, 30, 10), moved(-0.3, 0.2, -0.4, 60, -20, 15)


@pytest.mark.parametrize("target", [Equirect(HEIGHT, 2 * HEIGHT), Perspective(48, 64, 100)], ids=["equirect", "view"])
@pytest.mark.parametrize("source", [Equirect(256, 512), Perspective(256, 256, 120)], ids=["equirect", "view"])
def test_an_empty_room_is_seen_the_same_from_everywhere(source, target):
    image, depth = room(source, HERE)
    wanted, target_depth = room(target, THERE)
    warped, seen = backward_warp(
        image, depth, target_depth, relative_pose(THERE, HERE), source=source, target=target, tolerance=1e-3
    )
    dirs, _ = seen_from(target.pixel_dirs(like=depth), target_depth, relative_pose(THERE, HERE))
    shown = source.dirs_to_pixels(dirs)[1]
    assert seen.sum() > 0.97 * shown.sum()
    assert not (seen & ~shown).any()
    assert not warped[:, ~seen].any()
    torch.testing.assert_close(warped[:, seen], wanted[:, seen], rtol=0, atol=1e-2)


def test_the_same_place_gives_the_same_picture_and_a_yaw_a_roll():
    image, depth = room(Equirect(HEIGHT, 2 * HEIGHT), HERE)
    warped, seen = backward_warp(image, depth, depth, torch.eye(4, dtype=torch.float64))
    assert seen.all()
    assert warped.equal(image)
    turn = pose(rotation(45, dtype=torch.float64), torch.zeros(3, dtype=torch.float64))
    warped, seen = backward_warp(image, depth, depth.roll(-16, -1), turn)
    assert seen.all()
    torch.testing.assert_close(warped, image.roll(-16, -1), rtol=0, atol=1e-12)


def test_a_wall_hides_what_is_behind_it_and_the_sky_stays_where_it_is():
    depth = torch.full((HEIGHT, 2 * HEIGHT), torch.inf)
    depth[:, HEIGHT - 8 : HEIGHT + 8] = 1.0
    image = torch.rand(3, HEIGHT, 2 * HEIGHT)
    clear = torch.full_like(depth, torch.inf)
    step = pose(torch.eye(3), torch.tensor([5.0, 0, 0]))
    warped, seen = backward_warp(image, depth, clear, step)
    assert seen.equal(depth.isinf())
    assert warped[:, seen].equal(image[:, seen])
    _, seen = backward_warp(image, depth, torch.full_like(depth, 2.0), torch.eye(4))
    assert not seen.any()


@pytest.mark.parametrize("unknown", [0.0, -1.0, torch.nan])
def test_unknown_depth_is_never_seen_and_spoils_no_neighbour(unknown: float):
    image, depth = room(Equirect(16, 32), HERE)
    holes = torch.rand(16, 32, generator=torch.Generator().manual_seed(0)) < 0.3
    spoilt = torch.where(holes, unknown, depth)
    identity = torch.eye(4, dtype=torch.float64)
    assert backward_warp(image, depth, spoilt, identity)[1].equal(~holes)
    assert backward_warp(image, spoilt, depth, identity)[1].equal(~holes)


def test_turning_source_and_target_turns_the_warp():
    camera, back = Equirect(16, 32), relative_pose(THERE, HERE)
    source, target = room(camera, HERE), room(camera, THERE)[1]

    def warp(stack: torch.Tensor) -> torch.Tensor:
        turn = pose(rotation(360 * shift / 32, dtype=torch.float64), torch.zeros(3, dtype=torch.float64))
        turned = invert(turn) @ back @ turn
        return torch.cat([p.to(stack)[None] if p.ndim == 2 else p for p in backward_warp(*parts(stack), turned)])

    def parts(stack: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return stack[:3], stack[3], stack[4]

    stack = torch.cat([source[0], source[1][None], target[None]])
    shift = 0
    straight = warp(stack)
    for shift in (1, 10, 31):
        torch.testing.assert_close(warp(stack.roll(-shift, -1)), straight.roll(-shift, -1), rtol=0, atol=1e-9)


def test_moving_up_and_down_is_yaw_equivariant():
    image, depth = room(Equirect(16, 32), HERE)
    up = moved(0, 0.3, 0)

    def warp(stack: torch.Tensor) -> torch.Tensor:
        return backward_warp(stack[:3], stack[3], stack[3], up, tolerance=0.5)[0]

    assert_yaw_equivariant(warp, torch.cat([image, depth[None]]), atol=1e-9)


def test_batches_are_their_members():
    camera = Equirect(16, 32)
    poses = torch.stack([HERE, THERE, moved(0, 0, 1)])
    image, depth = room(camera, poses)
    back = relative_pose(poses.roll(1, 0), poses)
    warped, seen = backward_warp(image, depth, depth.roll(1, 0), back)
    one, one_seen = backward_warp(image[1], depth[1], depth[0], back[1])
    assert seen[1].equal(one_seen)
    torch.testing.assert_close(warped[1], one, rtol=0, atol=1e-12)


def test_gradients_reach_the_image_the_depth_and_the_pose():
    camera = Equirect(8, 16)
    image, depth = room(camera, HERE)
    target = room(camera, THERE)[1]
    inputs = [image, target, relative_pose(THERE, HERE)]
    for tensor in inputs:
        tensor.requires_grad_()
    backward_warp(inputs[0], depth, inputs[1], inputs[2], tolerance=0.3)[0].sum().backward()
    for tensor in inputs:
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()
        assert tensor.grad.any()


@pytest.mark.parametrize("place", ["beach", "mountains", "city", "living room"])
def test_the_diorama_is_reprojected_from_eye_to_eye(place: str):
    scene = sample_scene(31, place=place, time="noon", sky="clear")
    eye = torch.tensor(build(scene, torch.device("cpu")).eye)
    poses = [pose(rotation(), eye), pose(rotation(50, 10), eye + torch.tensor([0.25, 0.1, -0.3]))]
    camera = Equirect(96, 192)
    here, there = (render(scene, rays(camera, p)[1], p[:3, 3]) for p in poses)
    back = relative_pose(poses[1], poses[0])
    warped, seen = backward_warp(here.colours, here.depth, there.depth, back)
    assert seen.float().mean() > 0.6
    assert psnr(warped[:, seen], there.colours[:, seen]) > 25
    # the same pixels without depth disagree
    turned, _ = backward_warp(
        here.colours, here.depth, torch.full_like(there.depth, torch.inf), back, tolerance=math.inf
    )
    assert psnr(warped[:, seen], there.colours[:, seen]) > psnr(turned[:, seen], there.colours[:, seen]) + 3
    # corresponding directions lie on each other's epipolar circles
    dirs = camera.pixel_dirs(like=eye)
    met = there.depth.isfinite()
    matches, _ = seen_from(dirs[met], there.depth[met], back)
    assert symmetric_epipolar_distance(dirs[met], matches, back).max() < 1e-4


def test_float32_and_any_rotation_keep_every_pixel_of_a_sphere():
    image, depth = torch.rand(3, 32, 64), torch.full((32, 64), 4.0)
    for rotated in random_rotations(5, dtype=torch.float32):
        _, seen = backward_warp(image, depth, depth, pose(rotated, torch.zeros(3)))
        assert seen.all()


@pytest.mark.gpu
def test_the_gpu_shows_the_same_picture():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    (image, depth), (_, target) = room(Equirect(64, 128), HERE), room(Equirect(64, 128), THERE)
    inputs = image, depth, target, relative_pose(THERE, HERE)
    warped, seen = backward_warp(*inputs)
    other, other_seen = backward_warp(*(tensor.cuda() for tensor in inputs))
    both = seen & other_seen.cpu()
    assert both.sum() > 0.999 * seen.sum()
    torch.testing.assert_close(warped[:, both], other.cpu()[:, both], rtol=0, atol=1e-9)
