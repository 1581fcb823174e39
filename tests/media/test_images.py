import resource
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from cyclorama.media.description import describe_picture, read_parameters
from cyclorama.media.images import read_image, write_depth, write_image, write_panorama
from cyclorama.media.outputs import check_output, numbered_paths
from cyclorama.media.pictures import write_picture

PARAMETERS = {
    "prompt": 'a <lake> & "hills"\n— ü \x0b 山',
    "seed": 7,
    "guidance_scale": 3.5,
    "lora": None,
    "steps": [1, 2],
}
SUFFIXES = [".jpg", ".png", ".webp", ".avif", ".tif"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_written_pictures_read_back(directions, tmp_path, suffix):
    write_panorama(directions, tmp_path / f"p{suffix}")
    image = read_image(tmp_path / f"p{suffix}")
    tolerance = 0.5 / 255 + 1e-6 if suffix in (".png", ".tif") else 0.06
    torch.testing.assert_close(image, directions, atol=tolerance, rtol=0)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_parameters_read_back(directions, tmp_path, suffix):
    write_panorama(directions, tmp_path / f"p{suffix}", parameters=PARAMETERS)
    assert read_parameters(tmp_path / f"p{suffix}") == PARAMETERS


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_panoramas_carry_gpano(directions, tmp_path, suffix):
    write_panorama(directions, tmp_path / f"p{suffix}", parameters=PARAMETERS)
    info = describe_picture(tmp_path / f"p{suffix}")
    assert info.projection == "equirect"
    assert info.evidence == "GPano metadata"
    assert info.gpano["FullPanoWidthPixels"] == info.gpano["CroppedAreaImageWidthPixels"] == "128"
    assert info.gpano["FullPanoHeightPixels"] == "64"
    assert info.gpano["UsePanoramaViewer"] == "True"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_equal_pictures_are_equal_files(directions, tmp_path, suffix):
    for name in ("a", "b"):
        write_panorama(directions, tmp_path / f"{name}{suffix}", parameters=PARAMETERS)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_pillow_finds_the_xmp_of_each_format(directions, tmp_path):
    pytest.importorskip("defusedxml")
    for suffix in SUFFIXES:
        write_panorama(directions, tmp_path / f"p{suffix}", parameters=PARAMETERS)
        with Image.open(tmp_path / f"p{suffix}") as picture:
            fields = picture.getxmp()["xmpmeta"]["RDF"]["Description"]
        assert fields["ProjectionType"] == "equirectangular"


def test_light_comes_back_as_it_went(directions, tmp_path):
    pytest.importorskip("OpenEXR")
    write_panorama(directions, tmp_path / "p.exr")
    torch.testing.assert_close(read_image(tmp_path / "p.exr"), directions, atol=1e-6, rtol=0)


def test_deep_pictures_keep_their_depth(tmp_path):
    levels = np.arange(0, 65_536, 2, dtype=np.uint16).reshape(64, 512)
    write_picture(np.repeat(levels[..., None], 3, axis=-1), tmp_path / "p.png")
    np.testing.assert_allclose(read_image(tmp_path / "p.png")[1], levels / 65_535, atol=1e-7)


def test_tensors_lie_in_memory_as_the_file_does(directions, tmp_path):
    write_image(directions, tmp_path / "p.png")
    assert read_image(tmp_path / "p.png").stride() == (1, 128 * 3, 3)


def test_jpeg_keeps_full_chroma(directions, tmp_path):
    write_panorama(directions, tmp_path / "p.jpg")
    with Image.open(tmp_path / "p.jpg") as picture:
        assert [layer[1:3] for layer in picture.layer] == [(1, 1)] * 3  # pyright: ignore[reportAttributeAccessIssue]


def test_plain_pictures_carry_no_gpano(directions, tmp_path):
    write_image(directions[:, :, :100], tmp_path / "view.png", parameters={"seed": 1})
    info = describe_picture(tmp_path / "view.png")
    assert (info.height, info.width, info.projection, info.gpano) == (64, 100, "unknown", {})
    assert info.parameters == {"seed": 1}


def test_gpano_written_as_attributes_reads_too(tmp_path):
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" '
        b'GPano:ProjectionType="equirectangular"/></rdf:RDF></x:xmpmeta>'
    )
    Image.new("RGB", (20, 8)).save(tmp_path / "p.jpg", xmp=packet)
    assert describe_picture(tmp_path / "p.jpg").gpano == {"ProjectionType": "equirectangular"}


@pytest.mark.parametrize("text", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n"])
def test_unreadable_files_are_named_in_one_line(tmp_path, text):
    (tmp_path / "bad.png").write_bytes(text)
    with pytest.raises(ValueError, match=r"^cannot read .*bad\.png: [^\n]*$"):
        read_image(tmp_path / "bad.png")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_truncated_files_are_named_in_one_line(directions, tmp_path, suffix):
    path = tmp_path / f"p{suffix}"
    write_panorama(directions, path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2 if suffix == ".tif" else -300])  # the end of a TIFF is metadata
    with pytest.raises(ValueError, match=r"^cannot read .* (damaged|not a picture)[^\n]*$"):
        read_image(path)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(ValueError, match="no such file"):
        read_image(tmp_path / "none.jpg")


@pytest.mark.parametrize(
    ("shape", "name", "message"),
    [
        ((3, 64, 127), "p.jpg", "twice as wide as high, got 64x127"),
        ((3, 64, 128), "p.gif", r"got \.gif, wanted one of \.jpg"),
        ((3, 64, 128), "p", "got no extension"),
        ((3, 64, 128), "missing/p.jpg", "does not exist"),
        ((3, 8200, 16400), "p.webp", "WEBP holds 16383 pixels a side"),
    ],
)
def test_refusals(tmp_path, shape, name, message):
    with pytest.raises(ValueError, match=message):
        write_panorama(torch.zeros(1).expand(shape), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_refuses_values_that_are_no_numbers(directions, tmp_path):
    with pytest.raises(ValueError, match="NaN or infinity"):
        write_panorama(directions.log() * float("nan"), tmp_path / "p.jpg")


def test_refuses_metadata_that_no_jpeg_can_hold(directions, tmp_path):
    with pytest.raises(ValueError, match="use a shorter prompt"):
        write_panorama(directions, tmp_path / "p.jpg", parameters={"prompt": "x" * 70_000})


def test_longest_metadata_fit_a_jpeg(directions, tmp_path):
    write_panorama(directions, tmp_path / "p.jpg", parameters={"prompt": "x" * 32_000})
    assert len(read_parameters(tmp_path / "p.jpg")["prompt"]) == 32_000


def test_depth_reads_back_with_its_sky(tmp_path):
    depth = torch.tensor([[1.5, float("inf")]])
    write_depth(depth, tmp_path / "d.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "d.npy"), depth.numpy())


def test_numbered_paths(tmp_path):
    assert numbered_paths(tmp_path / "a.jpg", 1) == [tmp_path / "a.jpg"]
    assert numbered_paths(tmp_path / "a.jpg", 2) == [tmp_path / "a-1.jpg", tmp_path / "a-2.jpg"]


def test_check_output_leaves_nothing(tmp_path):
    check_output(tmp_path / "a.jpg")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_leaves_the_old_file(directions, tmp_path):
    """The kernel's file-size limit stands for the full disk: `write` fails in the middle of the picture."""
    (tmp_path / "p.png").write_bytes(b"old")
    script = (
        "import sys, torch; from cyclorama.media.images import write_panorama\n"
        "try: write_panorama(torch.rand(3, 64, 128), sys.argv[1])\n"
        "except OSError as fault: print(fault.strerror)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "p.png")],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        check=True,
    )
    assert result.stdout == "File too large\n"
    assert [path.name for path in tmp_path.iterdir()] == ["p.png"]
    assert (tmp_path / "p.png").read_bytes() == b"old"
