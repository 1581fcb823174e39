import os
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, features

from cyclorama.media.levels import to_dtype
from cyclorama.media.metadata import gpano_fields
from cyclorama.media.pictures import MAX_PIXELS, read_picture, write_picture
from cyclorama.media.pillow_files import open_checked

EXACT = [
    ("png", "uint8"),
    ("png", "uint16"),
    ("tif", "uint8"),
    ("tif", "uint16"),
    ("tif", "float32"),
    ("exr", "float32"),
]
LOSSY = {"jpg": 33, "webp": 33, "avif": 33}
ALL = ["jpg", "png", "webp", "avif", "tif", "exr"]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def waves() -> np.ndarray:
    """Smooth uint8 pixels [48, 96, 3], brighter to the right and down."""
    y, x = np.mgrid[:48, :96]
    return np.stack([2 * x, 4 * y, x + y], axis=-1).astype(np.uint8)


def _random_pixels(dtype: str, height: int, width: int, seed: int) -> np.ndarray:
    dice = np.random.default_rng(seed)
    if dtype == "float32":
        return dice.standard_normal((height, width, 3), np.float32) * 100
    return dice.integers(0, np.iinfo(dtype).max, (height, width, 3), dtype, endpoint=True)


@pytest.mark.parametrize(("suffix", "dtype"), EXACT)
def test_lossless_formats_are_exact(tmp_path_factory, suffix, dtype):
    if suffix == "exr":
        pytest.importorskip("OpenEXR")
    path = tmp_path_factory.mktemp("exact") / f"p.{suffix}"

    @settings(max_examples=25, derandomize=True, deadline=None)
    @given(st.integers(1, 300), st.integers(1, 40), st.integers(0, 99))
    def check(height, width, seed):
        pixels = _random_pixels(dtype, height, width, seed)
        write_picture(pixels, path)
        read = read_picture(path)
        assert read.pixels.dtype == dtype
        np.testing.assert_array_equal(read.pixels, pixels)
        assert (read.bits, read.alpha) == (8 * pixels.itemsize, False)

    check()


@pytest.mark.parametrize("suffix", LOSSY)
def test_lossy_formats_stay_close(waves, suffix):
    @settings(max_examples=8, derandomize=True, deadline=None)
    @given(st.integers(8, 48), st.integers(8, 96))
    def check(height, width):
        write_picture(waves[:height, :width], f"p.{suffix}")
        error = np.square(read_picture(f"p.{suffix}").pixels - waves[:height, :width].astype(float)).mean()
        assert 10 * np.log10(255**2 / max(error, 1e-9)) > LOSSY[suffix]

    check()


@pytest.mark.parametrize("suffix", LOSSY)
def test_quality_trades_size(waves, suffix):
    for quality in (20, 95):
        write_picture(waves, f"{quality}.{suffix}", quality=quality)
    assert Path(f"20.{suffix}").stat().st_size < Path(f"95.{suffix}").stat().st_size


@pytest.mark.parametrize("suffix", ALL)
def test_metadata_come_back_and_equal_arguments_give_equal_bytes(waves, suffix):
    gpano, parameters = gpano_fields(48, 96), {"prompt": "a <b> & ü 山", "seed": 3, "steps": [1, 2.5, None]}
    for name in ("a", "b"):
        write_picture(waves, f"{name}.{suffix}", gpano=gpano, parameters=parameters)
    assert Path(f"a.{suffix}").read_bytes() == Path(f"b.{suffix}").read_bytes()
    picture = read_picture(f"a.{suffix}")
    assert (picture.gpano, picture.parameters) == (gpano, parameters)


def test_deep_png_carries_metadata_and_its_pixels_agree_with_opencv():
    cv2 = pytest.importorskip("cv2")
    pixels = _random_pixels("uint16", 130, 50, 0)
    write_picture(pixels, "ours.png", gpano=gpano_fields(25, 50), parameters={"seed": 1})
    np.testing.assert_array_equal(cv2.imread("ours.png", cv2.IMREAD_UNCHANGED)[..., ::-1], pixels)
    assert read_picture("ours.png").parameters == {"seed": 1}
    assert read_picture("ours.png").gpano == gpano_fields(25, 50)
    cv2.imwrite("theirs.png", pixels[..., ::-1])
    np.testing.assert_array_equal(read_picture("theirs.png").pixels, pixels)


def test_deep_png_with_alpha_lies_over_black():
    cv2 = pytest.importorskip("cv2")
    pixels = np.full((4, 6, 4), 40_000, np.uint16)
    pixels[..., 3] = 16_384
    cv2.imwrite("p.png", pixels)
    read = read_picture("p.png")
    assert (read.mode, read.bits, read.alpha) == ("RGBA;16", 16, True)
    assert (read.pixels == round(40_000 * 16_384 / 65_535)).all()


def test_radiance_agrees_with_opencv():
    cv2 = pytest.importorskip("cv2")
    pytest.importorskip("av")
    cv2.imwrite("p.hdr", np.random.default_rng(0).random((20, 40, 3), np.float32) * 30)
    np.testing.assert_array_equal(read_picture("p.hdr").pixels, cv2.imread("p.hdr", cv2.IMREAD_UNCHANGED)[..., ::-1])


@pytest.mark.parametrize(("suffix", "dtype"), [("jpg", "uint8"), ("png", "uint16"), ("exr", "float32")])
@pytest.mark.parametrize("source", ["uint8", "uint16", "float32"])
def test_a_format_gets_the_nearest_type_that_it_holds(waves, source, suffix, dtype):
    write_picture(to_dtype(waves, source), f"p.{suffix}")
    read = read_picture(f"p.{suffix}").pixels
    assert read.dtype == (dtype if suffix != "png" or source == "uint16" else "uint8")
    np.testing.assert_allclose(to_dtype(read, "uint8"), waves, atol=8 if suffix == "jpg" else 0)


# What Pillow writes in each format.
MODES = {
    "png": "1 L LA P RGB RGBA I;16",
    "tif": "1 L LA P PA RGB RGBA CMYK YCbCr LAB I;16 F",
    "jpg": "1 L RGB CMYK YCbCr",
    "webp": "L LA P RGB RGBA",
    "gif": "1 L P RGB",
    "bmp": "1 L P RGB RGBA",
    "ppm": "1 L RGB I;16 F",
    "jp2": "L LA RGB RGBA I;16",
    "tga": "1 L LA P RGB RGBA",
}


@pytest.mark.parametrize(("suffix", "mode"), [(suffix, mode) for suffix in MODES for mode in MODES[suffix].split()])
def test_every_channel_mode_becomes_rgb(waves, suffix, mode):
    image = Image.fromarray(waves)
    image = image.convert("L").convert(mode) if mode in ("I;16", "F", "1", "PA") else image.convert(mode)
    image.save(f"p.{suffix}")
    picture = read_picture(f"p.{suffix}")
    assert picture.pixels.shape == (48, 96, 3)
    assert picture.pixels.flags.writeable
    assert picture.pixels.dtype in (np.uint8, np.uint16, np.float32)
    assert picture.pixels[:8, :16].mean() < picture.pixels[-8:, -16:].mean()


@pytest.mark.parametrize("suffix", ["png", "webp", "tif", "avif"])
def test_transparent_pictures_lie_over_black(waves, suffix):
    image = Image.fromarray(waves)
    image.putalpha(128)
    image.save(f"p.{suffix}", lossless=True)
    picture = read_picture(f"p.{suffix}")
    assert picture.alpha
    np.testing.assert_allclose(picture.pixels, waves * (128 / 255), atol=6 if suffix == "avif" else 1)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "avif", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(waves, suffix, orientation):
    image, exif = Image.fromarray(waves), Image.Exif()
    exif[0x0112] = orientation
    image.save(f"p.{suffix}", exif=exif, lossless=True)
    expected = [waves, waves[:, ::-1], waves[::-1, ::-1], waves[::-1], waves.swapaxes(0, 1), np.rot90(waves, -1)]
    expected += [waves[::-1, ::-1].swapaxes(0, 1), np.rot90(waves)]
    np.testing.assert_allclose(read_picture(f"p.{suffix}").pixels, expected[orientation - 1], atol=12)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_deep_tiff_turns_as_eight_bits_do(waves, orientation):
    tifffile = pytest.importorskip("tifffile")
    tag = [(274, 3, 1, orientation, True)]
    tifffile.imwrite("8.tif", waves, photometric="rgb", extratags=tag)
    tifffile.imwrite("16.tif", to_dtype(waves, "uint16"), photometric="rgb", extratags=tag)
    np.testing.assert_array_equal(read_picture("16.tif").pixels, to_dtype(read_picture("8.tif").pixels, "uint16"))


@pytest.mark.parametrize(
    "options",
    [
        {"planarconfig": "separate"},
        {"tile": (16, 16), "compression": "zlib", "predictor": True},
        {"byteorder": ">"},
        {"bigtiff": True},
        {"compression": "lzma"},
        {"rowsperstrip": 5},
    ],
)
def test_deep_tiff_of_other_programs(waves, options):
    tifffile = pytest.importorskip("tifffile")
    pixels = to_dtype(waves, "uint16")
    stored = np.moveaxis(pixels, -1, 0) if "planarconfig" in options else pixels
    tifffile.imwrite("p.tif", stored, photometric="rgb", **options)
    np.testing.assert_array_equal(read_picture("p.tif").pixels, pixels)


def test_deep_tiff_with_alpha_and_grey_and_inverted(waves):
    tifffile = pytest.importorskip("tifffile")
    pixels = to_dtype(waves, "uint16")
    straight = np.dstack([pixels, np.full(pixels.shape[:2], 32_768, np.uint16)])
    tifffile.imwrite("a.tif", straight, photometric="rgb", extrasamples=["unassalpha"])
    assert read_picture("a.tif").alpha
    np.testing.assert_allclose(read_picture("a.tif").pixels, pixels * (32_768 / 65_535), atol=0.5)
    tifffile.imwrite("g.tif", pixels[..., 0], photometric="minisblack")
    tifffile.imwrite("w.tif", 65_535 - pixels[..., 0], photometric="miniswhite")
    for name in ("g.tif", "w.tif"):
        np.testing.assert_array_equal(read_picture(name).pixels, np.repeat(pixels[..., :1], 3, axis=-1))


def test_deep_tiff_of_a_compression_that_tifffile_lacks_keeps_8_bits(waves):
    cv2 = pytest.importorskip("cv2")
    cv2.imwrite("p.tif", to_dtype(waves, "uint16")[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])  # LZW
    cv2.imwrite("f.tif", to_dtype(waves, "float32")[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    np.testing.assert_array_equal(to_dtype(read_picture("p.tif").pixels, "uint8"), waves)
    with pytest.raises(ValueError, match="save it as ZIP"):
        read_picture("f.tif")


def test_the_first_frame_and_the_first_page_are_read(waves):
    first, second = Image.fromarray(waves), Image.new("RGB", (96, 48), "red")
    for suffix in ("webp", "tif", "png"):
        first.save(f"p.{suffix}", save_all=True, append_images=[second], lossless=True)
        np.testing.assert_array_equal(read_picture(f"p.{suffix}").pixels, waves)


def test_formats_are_known_by_content_whatever_the_name(waves):
    write_picture(waves, "p.tif")
    Path("p.tif").rename("p.jpg")
    assert read_picture("p.jpg").format == "TIFF"


def _profile() -> bytes:
    """A profile that is not sRGB: red and blue change places."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = data.find(b"rXYZ", 128), data.find(b"bXYZ", 128)
    data[red : red + 4], data[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(data).replace("sRGB".encode("utf-16-be"), "BGRs".encode("utf-16-be"))


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "avif"])
def test_other_profiles_become_srgb(suffix):
    Image.new("RGB", (32, 16), (255, 0, 0)).save(f"p.{suffix}", icc_profile=_profile(), quality=100)
    np.testing.assert_allclose(read_picture(f"p.{suffix}").pixels, np.full((16, 32, 3), (0, 0, 255)), atol=8)


def test_srgb_profiles_change_nothing(waves):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(waves).save("p.png", icc_profile=profile)
    np.testing.assert_array_equal(read_picture("p.png").pixels, waves)


JUNK = [b"", b"junk", b"Exif\0\0II*\0\xff\xff\xff\xff", b"\xff" * 50, b"<x:xmpmeta", b"\0" * 200]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_damaged_metadata_do_not_spoil_a_good_picture(waves, suffix, junk):
    Image.fromarray(waves).save(f"p.{suffix}", exif=junk, icc_profile=junk, xmp=junk)
    picture = read_picture(f"p.{suffix}")
    assert (picture.pixels.shape, picture.gpano, picture.parameters) == ((48, 96, 3), {}, {})


def test_entity_bombs_in_metadata_are_not_expanded(waves):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
    Image.fromarray(waves).save("p.jpg", xmp=bomb)
    assert read_picture("p.jpg").gpano == {}


def _png(height: int, width: int, data: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("height", "width", "padding", "message"),
    [
        (2**15, 2**15, 130_000, "more than the 536870912 pixels"),
        (16_384, 32_768, 0, "too short for its size"),
        (2**31 - 1, 2**31 - 1, 0, "too short for its size"),
    ],
)
def test_bombs_of_pixels_are_refused_before_decoding(height, width, padding, message):
    Path("p.png").write_bytes(_png(height, width) + bytes(padding))
    with pytest.raises(ValueError, match=rf"^cannot read p\.png: [^\n]*{message}[^\n]*$"):
        read_picture("p.png")


def test_a_16k_panorama_is_no_bomb():
    Path("p.png").write_bytes(_png(16_384, 32_768) + bytes(70_000))
    limit = Image.MAX_IMAGE_PIXELS
    with open_checked(Path("p.png"), "PNG", MAX_PIXELS) as image:
        assert image.size == (32_768, 16_384)
    assert limit == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("suffix", ALL)
def test_the_limit_is_the_callers(waves, suffix):
    write_picture(waves, f"p.{suffix}")
    assert read_picture(f"p.{suffix}", max_pixels=48 * 96).pixels.shape == (48, 96, 3)
    with pytest.raises(ValueError, match=r"^cannot read p\.\w+: it has [^\n]*the 4607"):
        read_picture(f"p.{suffix}", max_pixels=48 * 96 - 1)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("none.jpg", None, "no such file"),
        (".", None, "it is a folder"),
        ("p.jpg", b"", "the file is empty"),
        ("p.jpg", b"hello", "not a picture"),
        ("p.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
        ("p.hdr", b"#?RADIANCE\n", r"convert it to \.exr"),
        ("p.exr", b"\x76\x2f\x31\x01\x02\0\0\0", "damaged|OpenEXR"),
        ("p.tif", b"II*\0\x08\0\0\0\0\0\0\0", "its size is 0x0"),
    ],
)
def test_unreadable_files_are_one_line(name, data, message):
    if data is not None:
        Path(name).write_bytes(data)
    with pytest.raises(ValueError, match=rf"^cannot read [^\n]*({message})[^\n]*$"):
        read_picture(name)


@pytest.mark.parametrize(
    ("pixels", "name", "options", "message"),
    [
        (np.zeros((4, 4), np.uint8), "p.png", {}, r"shape \(4, 4\), wanted \[height, width, 3\]"),
        (np.zeros((4, 4, 4), np.uint8), "p.png", {}, "wanted"),
        (np.zeros((0, 4, 3), np.uint8), "p.png", {}, "wanted"),
        (np.zeros((4, 4, 3)), "p.png", {}, "type float64, wanted uint8, uint16 or float32"),
        (np.full((4, 4, 3), np.nan, np.float32), "p.png", {}, "NaN or infinity"),
        (np.zeros((1, 16_384, 3), np.uint8), "p.webp", {}, "WEBP holds 16383 pixels a side, got 1x16384"),
        (np.zeros((4, 4, 3), np.uint8), "p.gif", {}, r"got \.gif, wanted one of \.jpg"),
        (np.zeros((4, 4, 3), np.uint8), "p.png", {"quality": 9}, "PNG is lossless"),
        (np.zeros((4, 4, 3), np.uint8), "p.jpg", {"quality": 101}, "wanted 1 to 100"),
        (np.zeros((4, 4, 3), np.uint8), "p.tif", {"parameters": {"a": object()}}, "plain JSON values"),
    ],
)
def test_what_cannot_be_written_is_one_line_and_no_file(pixels, name, options, message):
    with pytest.raises(ValueError, match=rf"^[^\n]*{message}[^\n]*$"):
        write_picture(pixels, name, **options)
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("suffix", ALL)
def test_a_fault_in_the_encoder_keeps_the_old_file(waves, suffix, monkeypatch):
    Path(f"p.{suffix}").write_bytes(b"old")
    monkeypatch.setattr("os.fsync", lambda number: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        write_picture(waves, f"p.{suffix}")
    assert {path.name: path.read_bytes() for path in Path().iterdir()} == {f"p.{suffix}": b"old"}


def test_pictures_need_no_torch_and_no_optional_package(waves):
    write_picture(waves, "p.jpg")
    script = (
        "import sys; from cyclorama.media.pictures import read_picture, write_picture\n"
        "write_picture(read_picture('p.jpg').pixels, 'q.jpg', parameters={'seed': 1})\n"
        "print({'torch', 'jaxtyping', 'tifffile', 'OpenEXR', 'av'} & sys.modules.keys())"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


@pytest.mark.parametrize(("package", "suffix", "extra"), [("OpenEXR", "exr", "exr"), ("av", "hdr", "video")])
def test_a_missing_optional_package_is_named(waves, monkeypatch, package, suffix, extra):
    Path("p.exr").write_bytes(b"\x76\x2f\x31\x01")
    Path("p.hdr").write_bytes(b"#?RADIANCE\n\n-Y 2 +X 2\n" + bytes(16))
    monkeypatch.setitem(sys.modules, package, None)
    message = rf"^[^\n]*install it \(pip install 'cyclorama\[{extra}\]'\)[^\n]*$"
    with pytest.raises(ValueError, match=message):
        read_picture(f"p.{suffix}")
    if suffix == "exr":
        with pytest.raises(ValueError, match=message):
            write_picture(waves, "q.exr")


def test_threads_read_as_one_does(waves, capfd):
    """Damaged TIFF files silence the error stream while they are read; it comes back."""
    for suffix in ("tif", "jpg", "exr"):
        write_picture(waves, f"p.{suffix}")
    Path("bad.tif").write_bytes(Path("p.tif").read_bytes()[:200])

    def read(name: str) -> int:
        try:
            return int(read_picture(name).pixels[-1, -1, 0] > 0)
        except ValueError:
            return 2

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, ["p.tif", "bad.tif", "p.jpg", "p.exr"] * 25)) == [1, 2, 1, 1] * 25
    os.write(2, b"back")
    assert capfd.readouterr() == ("", "back")


def test_this_pillow_has_every_format():
    assert features.check("webp")
    assert features.check("avif")
