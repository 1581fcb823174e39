import json
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from cyclorama.media.metadata import gpano_fields, read_metadata, xmp_packet
from cyclorama.media.pictures import read_picture, write_picture

SUFFIXES = ["jpg", "png", "webp", "avif", "tif"]
WHOLE = gpano_fields(48, 96)
PART = gpano_fields(48, 96, left=10, top=20, full_width=400)


@pytest.fixture(params=[(suffix, dtype) for suffix in SUFFIXES for dtype in ("uint8", "uint16")])
def panorama(request, tmp_path):
    """A partial panorama with a prompt."""
    suffix, dtype = request.param
    path = tmp_path / f"p.{suffix}"
    write_picture(np.zeros((48, 96, 3), dtype), path, gpano=PART, parameters={"prompt": "a <lake> & hills", "seed": 7})
    return path


def _run(*command: object) -> str:
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=True).stdout


def test_exiftool_reads_the_fields(panorama):
    [facts] = json.loads(_run("exiftool", "-j", "-G", "-xmp:all", panorama))
    fields = {name.removeprefix("XMP:"): str(value) for name, value in facts.items()}
    assert PART.items() <= fields.items()
    assert fields["Description"] == "a <lake> & hills"
    assert json.loads(fields["UserComment"])["seed"] == 7


def test_exiv2_reads_the_fields(panorama):
    lines = [line.split(None, 1) for line in _run("exiv2", "-PXkv", panorama).splitlines()]
    fields = {name: value.strip() for name, value in lines}
    assert {f"Xmp.GPano.{name}": value for name, value in PART.items()}.items() <= fields.items()


def test_pillow_reads_the_fields(panorama):
    pytest.importorskip("defusedxml")
    with Image.open(panorama) as image:
        image.load()
        fields = image.getxmp()["xmpmeta"]["RDF"]["Description"]
    assert PART.items() <= fields.items()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_fields_that_exiftool_writes_are_read(tmp_path, suffix):
    path = tmp_path / f"p.{suffix}"
    write_picture(np.zeros((48, 96, 3), np.uint8), path)
    _run("exiftool", "-q", "-XMP-GPano:ProjectionType=equirectangular", "-XMP-GPano:FullPanoWidthPixels=96", path)
    assert read_picture(path).gpano == {"ProjectionType": "equirectangular", "FullPanoWidthPixels": "96"}


def test_fields_of_a_part():
    assert WHOLE["FullPanoWidthPixels"] == WHOLE["CroppedAreaImageWidthPixels"] == "96"
    assert (PART["FullPanoHeightPixels"], PART["CroppedAreaLeftPixels"], PART["CroppedAreaTopPixels"]) == (
        "200",
        "10",
        "20",
    )
    assert gpano_fields(48, 96, full_height=200) == gpano_fields(48, 96, full_height=200, full_width=400)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"left": 1}, "give full_width too"),
        ({"full_width": 80}, "does not lie in its sphere"),
        ({"full_width": 96, "left": 1}, "48x96 pixels at column 1 and row 0"),
        ({"full_width": 400, "top": 153}, "does not lie"),
        ({"full_width": 400, "left": -1}, "does not lie"),
        ({"full_width": 400, "full_height": 300}, "twice as wide as high"),
    ],
)
def test_parts_outside_their_sphere_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        gpano_fields(48, 96, **options)


@pytest.mark.parametrize(
    "packet", [None, b"", b"\xff\xfe", "<a", b"<a/>", 7, b"<?xml version='1.0' encoding='none'?><a/>"]
)
def test_what_is_no_packet_is_empty(packet):
    assert read_metadata(packet) == ({}, {})


@pytest.mark.parametrize("text", ["[" * 100_000, "3", "null", '{"a": ' * 50_000, "\ud800"])
def test_what_is_no_json_object_is_empty(text):
    assert read_metadata(None, text) == ({}, {})


def test_values_are_one_short_line():
    packet = xmp_packet({"ProjectionType": "a\n b" + "c" * 999}, {})
    value = read_metadata(packet)[0]["ProjectionType"]
    assert value.startswith("a b")
    assert len(value) == 200
