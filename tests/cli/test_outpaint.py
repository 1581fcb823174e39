import json

import numpy as np
import pytest
from PIL import Image

from cyclorama.geometry.placing import place_photo
from cyclorama.media.description import describe_picture
from cyclorama.media.images import read_image
from cyclorama.media.pictures import read_picture

LEVEL = ("--pitch-deg", 0, "--roll-deg", 0)


@pytest.fixture
def outpaint(cyclorama, tiny_flux_folder, tmp_path):
    """`cyclorama outpaint` of a noisy photo of 24x32 with a random tiny FLUX, whose name makes four steps enough."""
    noise = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    (tmp_path / "schnell").symlink_to(tiny_flux_folder)
    model = ("--model", "./schnell", "--seed", 7)
    return lambda *arguments: cyclorama("outpaint", *arguments, *model)


def test_the_photo_is_bit_exact_in_the_file(outpaint, tmp_path):
    camera = {"fov_deg": 80, "yaw_deg": 170, "pitch_deg": 20, "roll_deg": -10}
    flags = ("--fov-deg", 80, "--yaw-deg", 170, "--pitch-deg", 20, "--roll-deg", -10)
    status, _, err = outpaint("photo.png", "a lake", *flags, "--height", 32, "-o", "out.png")
    assert status == 0, err
    placed, kept = place_photo(read_image(tmp_path / "photo.png"), 32, **camera)
    wanted = (placed * 255).round().byte().movedim(0, -1).numpy()
    assert np.array_equal(read_picture(tmp_path / "out.png").pixels[kept], wanted[kept])


def test_the_file_tells_what_made_it(outpaint, tmp_path):
    _, out, err = outpaint("photo.png", "a lake", "--fov-deg", 90, *LEVEL, "--height", 32, "-o", "a.jpg", "--json")
    info, report = describe_picture(tmp_path / "a.jpg"), json.loads(out)
    assert (info.height, info.width, info.projection) == (32, 64, "equirect")
    told = {"prompt": "a lake", "seed": 7, "method": "masked", "photo": "photo.png"}
    told["camera"] = {"fov_deg": 90, "yaw_deg": 0, "pitch_deg": 0, "roll_deg": 0}
    assert info.parameters.items() >= told.items()
    assert report.items() >= told.items()
    assert report["share_of_sphere"] == pytest.approx(0.12, abs=0.03)
    assert "JPEG is lossy" in err


def test_the_field_of_view_comes_from_exif_with_a_note(outpaint, tmp_path):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = 18  # the focal length of a 35 mm camera
    Image.open(tmp_path / "photo.png").resize((36, 24)).save(tmp_path / "photo.jpg", exif=exif)
    status, out, err = outpaint("photo.jpg", *LEVEL, "--height", 32, "-o", "a.png", "--dry-run", "--json")
    assert status == 0, err
    assert json.loads(out)["camera"]["fov_deg"] == pytest.approx(90, abs=0.5)
    assert "EXIF" in err


def test_dry_run_writes_nothing(outpaint, tmp_path):
    before = sorted(tmp_path.iterdir())
    status, _, err = outpaint("photo.png", "--fov-deg", 70, *LEVEL, "-o", "a.png", "--dry-run")
    assert status == 0
    assert "would place photo.png" in err
    assert "fov_deg 70" in err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.jpg", "--fov-deg", 60), "none.jpg"),
        (("photo.png", "--fov-deg", 180), "got a field of view of 180"),
        (("photo.png", "--fov-deg", 60, "--height", 33), "got height 33"),
        (("photo.png", "--fov-deg", 60, "--height", 32, "--model", "foo"), "got model 'foo'"),
    ],
)
def test_bad_input_is_one_line_and_no_file(outpaint, cyclorama, tmp_path, arguments, message):
    call = outpaint if "--model" not in arguments else lambda *rest: cyclorama("outpaint", *rest)
    status, _, err = call(*arguments, *LEVEL, "-o", "a.png")
    assert (status, err.count("\n")) == (2, 1), err
    assert message in err
    assert not (tmp_path / "a.png").exists()
