import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cyclorama.evaluation.views import VIEW_SETS, cut_views, find_view_set, is_seeded, view_names
from cyclorama.media.images import read_image

PERSPECTIVE = [name for name, views in VIEW_SETS.items() if views.is_perspective]
FACES = {"front": (0, 0), "right": (90, 0), "back": (180, 0), "left": (270, 0), "up": (0, 90), "down": (0, -90)}
WANTED = {
    "poles": [(0, 90), (0, -90)],
    "sides": [(0, 0), (90, 0), (180, 0), (270, 0)],
    "faces": list(FACES.values()),
    "hunyuanworld6": list(FACES.values()),
    "horizontal8": [(yaw, 0) for yaw in range(0, 360, 45)],
    "spherediff14": [(yaw, pitch) for pitch in (45, 0, -45) for yaw in range(0, 360, 90)] + [(0, 90), (0, -90)],
    "tandit18": [
        (yaw, pitch)
        for pitch, yaws in (
            (67.5, (0, 120, 240)),
            (22.5, range(30, 360, 60)),
            (-22.5, range(30, 360, 60)),
            (-67.5, (0, 120, 240)),
        )
        for yaw in yaws
    ],
}


def noise(height: int, *, seed: int = 0, num: int = 1) -> torch.Tensor:
    images = torch.rand(num, 3, height, 2 * height, generator=torch.Generator().manual_seed(seed))
    return ((images * 255).round() / 255) if num > 1 else (images * 255).round()[0] / 255


def latitudes(height: int) -> torch.Tensor:
    return 90 - (torch.arange(height) + 0.5) * 180 / height


@pytest.mark.parametrize("name", WANTED)
def test_a_set_has_the_directions_of_its_definition(name: str):
    views = find_view_set(name).views()
    assert [(view.yaw_deg % 360, view.pitch_deg) for view in views] == WANTED[name]
    assert {view.fov_deg for view in views} == {80 if name == "tandit18" else 90}


def test_every_set_is_defined_here_and_names_its_views_once():
    assert {*WANTED, "random20", "equirect", "equirect-rows", "equirect-middle"} == set(VIEW_SETS)
    for name, views in VIEW_SETS.items():
        assert views.name == name
        assert len(set(view_names(name))) == len(view_names(name)) == len(views.views())


def expected_dirs(yaw_deg: float, pitch_deg: float, fov_deg: float, height: int, width: int) -> np.ndarray:
    """[3, H, W] by plain trigonometry: forward + x right + y up on the image plane."""
    yaw, pitch, half = math.radians(yaw_deg), math.radians(pitch_deg), math.tan(math.radians(fov_deg) / 2)
    forward = np.array([math.sin(yaw) * math.cos(pitch), math.sin(pitch), -math.cos(yaw) * math.cos(pitch)])
    right = np.array([math.cos(yaw), 0, math.sin(yaw)])
    up = np.array([-math.sin(yaw) * math.sin(pitch), math.cos(pitch), math.cos(yaw) * math.sin(pitch)])
    x = (2 * (np.arange(width) + 0.5) / width - 1) * half
    y = (height - 2 * (np.arange(height) + 0.5)) / width * half
    rays = forward[:, None, None] + right[:, None, None] * x + up[:, None, None] * y[:, None]
    return rays / np.linalg.norm(rays, axis=0)


@pytest.mark.parametrize("name", PERSPECTIVE)
def test_views_of_a_panorama_of_its_own_directions_show_the_known_directions(name: str):
    lat = np.radians(latitudes(128).double().numpy())[:, None]
    lon = ((np.arange(256) + 0.5) / 256 - 0.5)[None] * 2 * math.pi
    dirs = np.stack([np.sin(lon) * np.cos(lat), np.sin(lat) + 0 * lon, -np.cos(lon) * np.cos(lat)])
    panorama = torch.from_numpy(dirs / 2 + 0.5).float()
    cut = cut_views(panorama, name, size=(24, 40), key="a file")
    for picture, view in zip(cut, find_view_set(name).views("a file"), strict=True):
        wanted = expected_dirs(view.yaw_deg, view.pitch_deg, view.fov_deg, 24, 40)
        assert np.abs(picture.numpy() * 2 - 1 - wanted).max() < 0.012  # half a level twice, and the tent


def test_views_are_as_high_and_as_wide_as_asked():
    assert cut_views(noise(16), "poles", size=(10, 14)).shape == (2, 3, 10, 14)
    assert cut_views(noise(16), "faces", size=9).shape == (6, 3, 9, 9)


def test_the_panorama_itself_keeps_its_pixels():
    panorama = noise(16)
    assert torch.equal(cut_views(panorama, "equirect", size=5)[0], panorama)
    assert torch.equal(cut_views(panorama, "equirect-rows", size=5)[0], panorama[:, 2:14])
    assert torch.equal(cut_views(panorama, "equirect-middle", size=5)[0], panorama[:, :, 8:24])


def test_a_view_read_from_a_file_is_the_view_in_memory(tmp_path: Path):
    view = cut_views(noise(32), "horizontal8", size=20)[3]
    Image.fromarray((view * 255).round().byte().permute(1, 2, 0).numpy()).save(tmp_path / "view.png")
    assert torch.equal(read_image(tmp_path / "view.png"), view)


def test_an_edit_above_45_degrees_changes_poles_only_and_below_35_sides_only():
    panorama, lat = noise(64), latitudes(64)
    row = 180 / 64  # a look-up reads one row beyond its own
    for where, changed, same in (
        (lat > 45 + row, "poles", "sides"),
        (lat.abs() < math.degrees(math.asin(1 / math.sqrt(3))) - row, "sides", "poles"),
    ):
        edited = panorama.clone()
        edited[:, where] = 1 - edited[:, where]
        assert torch.equal(cut_views(edited, same, size=64), cut_views(panorama, same, size=64))
        assert not torch.equal(cut_views(edited, changed, size=64), cut_views(panorama, changed, size=64))


def test_the_frechet_distance_of_an_edit_is_above_zero_in_its_own_views_only():
    frechet_distance = pytest.importorskip("cyclorama.evaluation.distributions.frechet").frechet_distance
    real, lat = noise(64, num=6), latitudes(64)

    def distance(fake: torch.Tensor, views: str) -> float:
        def pixels(images: torch.Tensor) -> torch.Tensor:
            cut = torch.cat([cut_views(image, views, size=64) for image in images])
            return torch.nn.functional.avg_pool2d(cut, 16).flatten(1).double()

        return float(frechet_distance(pixels(real), pixels(fake)))

    for where, changed, same in ((lat > 48, "poles", "sides"), (lat.abs() < 32, "sides", "poles")):
        fake = real.clone()
        fake[:, :, where] *= 0.5
        assert distance(fake, same) == 0
        assert distance(fake, changed) > 0.1


def test_random_directions_follow_from_the_key_alone():
    assert is_seeded("random20")
    assert not any(is_seeded(name) for name in VIEW_SETS if name != "random20")
    random20 = find_view_set("random20")
    assert random20.views("a") == random20.views("a") != random20.views("b")
    first = random20.views("a")[0]  # the same on every machine and in every version of every library
    assert (first.yaw_deg, first.pitch_deg) == pytest.approx((-23.568927554197643, 42.53795173586912), abs=1e-12)
    panorama = noise(16)
    others = [cut_views(panorama, "random20", size=8, key=key) for key in ("b", "a", "c")]
    assert torch.equal(others[1], cut_views(panorama, "random20", size=8, key="a"))
    assert not torch.equal(others[0], others[1])


def test_random_directions_are_uniform_on_the_sphere():
    views = [view for index in range(200) for view in find_view_set("random20").views(f"{index}.png")]
    up = np.sin(np.radians([view.pitch_deg for view in views]))
    yaw = np.radians([view.yaw_deg for view in views])
    # the mean and the second moment of a uniform coordinate: 0 and 1/3, within five standard errors of 4,000 draws
    for coordinate in (up, np.cos(yaw) * np.sqrt(1 - up**2), np.sin(yaw) * np.sqrt(1 - up**2)):
        assert abs(coordinate.mean()) < 5 * math.sqrt(1 / 3 / 4000)
        assert abs((coordinate**2).mean() - 1 / 3) < 5 * math.sqrt(4 / 45 / 4000)


def test_an_unknown_set_is_refused_in_one_line_with_the_names():
    with pytest.raises(ValueError, match=r"^got the view set 'cube', wanted one of equirect, .*hunyuanworld6$"):
        cut_views(noise(16), "cube", size=8)
