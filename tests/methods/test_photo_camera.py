import pytest
import torch
from PIL import ExifTags, Image

from cyclorama.methods.photo_camera import photo_camera
from cyclorama.models.photo_camera import CameraNetwork, estimate_camera

PHOTO = torch.rand(3, 40, 60, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def network() -> CameraNetwork:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return CameraNetwork({"fov_deg": 5.4, "pitch_deg": 3.1, "roll_deg": 2.2}).eval().requires_grad_(False)


@pytest.fixture
def plain(tmp_path):
    Image.new("RGB", (60, 40)).save(tmp_path / "plain.jpg")
    return tmp_path / "plain.jpg"


@pytest.fixture
def noted(tmp_path):
    """A photo whose EXIF says 90 degrees."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FocalLengthIn35mmFilm] = 18
    exif[ExifTags.Base.Orientation] = 1
    Image.new("RGB", (60, 40)).save(tmp_path / "noted.jpg", exif=exif)
    return tmp_path / "noted.jpg"


def test_what_is_given_is_taken_and_nothing_is_asked(noted):
    camera, said = photo_camera(noted, PHOTO, fov_deg=50, pitch_deg=3, roll_deg=-2)
    assert (camera.fov_deg, camera.pitch_deg, camera.roll_deg, said) == (50, 3, -2, "")


def test_exif_tells_the_field_of_view_before_the_network_does(noted, network):
    camera, said = photo_camera(noted, PHOTO, network=network)
    guess = estimate_camera(PHOTO, network)
    assert camera.fov_deg == pytest.approx(90)
    assert (camera.pitch_deg, camera.roll_deg) == (guess.pitch_deg, guess.roll_deg)
    assert said.startswith("field of view 90 degrees from EXIF; pitch")
    assert "within 3, 2 degrees" in said


def test_a_given_field_of_view_is_stronger_than_exif(noted, network):
    camera, said = photo_camera(noted, PHOTO, fov_deg=60, network=network)
    assert camera.fov_deg == 60
    assert "EXIF" not in said


def test_without_exif_everything_is_estimated_and_said_so(plain, network):
    camera, said = photo_camera(plain, PHOTO, network=network)
    assert camera == estimate_camera(PHOTO, network)
    assert said.startswith(f"field of view {camera.fov_deg:.0f}, pitch")
    assert "within 5, 3, 2 degrees" in said
    assert "\n" not in said


def test_one_angle_can_be_left_to_the_network(noted, network):
    camera, said = photo_camera(noted, PHOTO, pitch_deg=0, network=network)
    assert camera.pitch_deg == 0
    assert "pitch" not in said


@pytest.mark.parametrize("fov_deg", [0, -5, 180, 400])
def test_a_field_of_view_that_no_pinhole_has_is_refused(plain, fov_deg):
    with pytest.raises(ValueError, match=f"got a field of view of {fov_deg}"):
        photo_camera(plain, PHOTO, fov_deg=fov_deg)


def test_a_missing_photo_is_refused(tmp_path, network):
    with pytest.raises(ValueError, match="no such file"):
        photo_camera(tmp_path / "absent.jpg", PHOTO, network=network)
