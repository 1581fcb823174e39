import io
import json
import re
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cyclorama.media.metadata import gpano_fields
from cyclorama.media.pages import data_folder
from cyclorama.media.pictures import write_picture
from cyclorama.media.tiles import cube_tiles, plan_pyramid
from cyclorama.media.viewer import write_video_page, write_viewer_page

FRONT, BACK, UP, DOWN, RIGHT, LEFT = (0, 0, -1), (0, 0, 1), (0, 1, 0), (0, -1, 0), (1, 0, 0), (-1, 0, 0)
CENTRE_OF = {"front": FRONT, "right": RIGHT, "back": BACK, "left": LEFT, "up": UP, "down": DOWN}
UP_OF = {"front": UP, "right": UP, "back": UP, "left": UP, "up": BACK, "down": FRONT}


def _page_data(page: Path) -> dict:
    found = re.search(r"^const PAGE = (.*);$", page.read_text(), re.MULTILINE)
    assert found
    return json.loads(found[1])


def _embedded(page: Path) -> dict[str, bytes]:
    found = re.findall(r'data-part="([\w-]+)">([\w+/=]*)<', page.read_text())
    return {name: b64decode(text) for name, text in found}


def test_page_names_no_other_file(page):
    text = page.read_text()
    assert "<link" not in text
    assert " src=" not in text
    assert "default-src 'none'" in text
    assert "http" not in text.replace("http-equiv", "")


def test_page_escapes_the_prompt(page):
    text = page.read_text()
    assert "<title>a &lt;b&gt;lake&lt;/b&gt; &amp; hills</title>" in text
    assert "<b>lake" not in text


@pytest.mark.parametrize("title", ["{{parts}}", "</script><script>alert(1)</script>", '" onload="x'])
def test_a_title_is_only_text(page, title):
    write_viewer_page(page.with_name("p.png"), page, title=title)
    assert page.read_text().count("<script") == 2
    assert 'onload="x' not in page.read_text()


def test_page_holds_the_picture_as_it_is(page):
    assert _embedded(page) == {"panorama": page.with_name("p.png").read_bytes()}


def test_every_button_says_what_it_does(page):
    buttons = re.findall(r"<button ([^>]*)>([^<]+)<", page.read_text())
    assert len(buttons) == 6
    assert all("title=" in attributes for attributes, _ in buttons)


def test_equal_panoramas_give_equal_pages(page, tmp_path):
    write_viewer_page(tmp_path / "p.png", tmp_path / "again.html")
    assert page.read_bytes() == (tmp_path / "again.html").read_bytes()


def test_refuses_what_is_no_panorama(tmp_path):
    write_picture(np.zeros((64, 64, 3), np.uint8), tmp_path / "square.png")
    with pytest.raises(ValueError, match=r"twice as wide as high .*, got 64x64"):
        write_viewer_page(tmp_path / "square.png", tmp_path / "page.html")


@pytest.mark.parametrize("suffix", [".tif", ".exr"])
def test_formats_that_browsers_do_not_show_go_in_as_jpeg(tmp_path, suffix):
    pixels = np.full((32, 64, 3), 0.25 if suffix == ".exr" else 137, np.float32 if suffix == ".exr" else np.uint8)
    write_picture(pixels, tmp_path / f"p{suffix}")
    write_viewer_page(tmp_path / f"p{suffix}", tmp_path / "page.html")
    shown = Image.open(io.BytesIO(_embedded(tmp_path / "page.html")["panorama"]))
    assert shown.format == "JPEG"
    assert abs(int(np.asarray(shown).mean()) - 137) <= 1  # 0.25 of the light is level 137


def test_refuses_a_page_that_is_no_html(page, tmp_path):
    with pytest.raises(ValueError, match=r"got \.jpg, wanted \.html"):
        write_viewer_page(tmp_path / "p.png", tmp_path / "page.jpg")


def test_a_part_of_the_sphere_is_placed_by_its_metadata(part, tmp_path):
    write_viewer_page(part, tmp_path / "page.html")
    assert _page_data(tmp_path / "page.html")["region"] == [0.25, 0.25, 0.5, 0.5]


def test_refuses_a_part_that_leaves_the_sphere(tmp_path):
    fields = gpano_fields(128, 256, left=128, top=64, full_height=256) | {"CroppedAreaLeftPixels": "300"}
    write_picture(np.zeros((128, 256, 3), np.uint8), tmp_path / "p.png", gpano=fields)
    with pytest.raises(ValueError, match=r"p\.png: GPano metadata"):
        write_viewer_page(tmp_path / "p.png", tmp_path / "page.html")


@pytest.mark.parametrize("width", [64, 2048, 4096, 8192, 16384, 30000])
def test_a_pyramid_keeps_the_resolution_of_the_panorama(width):
    pyramid = plan_pyramid(width)
    assert width / np.pi <= pyramid.face(pyramid.levels - 1) < width / np.pi + 2**pyramid.levels
    assert pyramid.size <= 768
    assert pyramid.levels == 1 or pyramid.size > 384


def test_every_pixel_of_a_tile_shows_its_direction(paint_sphere, monkeypatch):
    monkeypatch.setattr("cyclorama.media.tiles.MAX_TILE", 128)
    panorama = paint_sphere(512)
    pyramid = plan_pyramid(1024)
    tiles = {name: np.asarray(Image.open(io.BytesIO(data))) for name, data in cube_tiles(panorama, pyramid)}
    assert len(tiles) == 6 * (1 + 4 + 16) == len(set(tiles))
    for name, tile in tiles.items():
        assert np.abs(tile - _tile_colours(name, pyramid.size)).max() <= 6, name  # of which JPEG is the most


def _tile_colours(name: str, size: int) -> np.ndarray:
    level, face, row, column = name.split("-")
    side = size << int(level)
    x, y = (np.arange(-1, size + 1) + 0.5 + int(place) * size for place in (column, row))
    x, y = np.meshgrid(2 * x / side - 1, 1 - 2 * y / side)
    centre, up = np.array(CENTRE_OF[face]), np.array(UP_OF[face])
    dirs = centre + x[..., None] * np.cross(centre, up) + y[..., None] * up
    return np.round((dirs / np.linalg.norm(dirs, axis=-1, keepdims=True) / 2 + 0.5) * 255)


def test_many_data_lie_beside_the_page_and_come_with_it(page, tmp_path):
    write_viewer_page(tmp_path / "p.png", tmp_path / "big.html", max_embedded=100)
    assert data_folder(tmp_path / "big.html") == tmp_path / "big_files"
    assert [path.name for path in (tmp_path / "big_files").iterdir()] == ["panorama.js"]
    assert _embedded(tmp_path / "big.html") == {}
    assert _page_data(tmp_path / "big.html")["folder"] == "big_files"


def test_video_page_holds_the_video_as_it_is_in_parts(two_second_video, tmp_path, monkeypatch):
    monkeypatch.setattr("cyclorama.media.viewer._PART_BYTES", 5000)
    write_video_page(two_second_video, tmp_path / "page.html", title="<i>")
    parts, page = _embedded(tmp_path / "page.html"), _page_data(tmp_path / "page.html")
    assert len(parts) == -(-two_second_video.stat().st_size // 5000) > 1
    assert b"".join(parts[name] for name in page["parts"]) == two_second_video.read_bytes()
    assert page["mime"] == "video/mp4"
    assert "<i>" not in (tmp_path / "page.html").read_text()


def test_every_control_of_the_video_page_has_a_name(two_second_video, tmp_path):
    write_video_page(two_second_video, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    assert all("title=" in attributes for attributes in re.findall(r"<button ([^>]*)>", text))
    assert all("aria-label=" in attributes for attributes in re.findall(r"<input ([^>]*)>", text))
    assert "http" not in text.replace("http-equiv", "")


@pytest.mark.parametrize(("content", "reason"), [(b"no video", "v.mp4"), (None, "no such file")])
def test_refuses_what_is_no_video(tmp_path, content, reason):
    if content is not None:
        (tmp_path / "v.mp4").write_bytes(content)
    with pytest.raises(ValueError, match=reason):
        write_video_page(tmp_path / "v.mp4", tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_light_that_no_screen_can_show_is_refused_in_one_line(tmp_path):
    write_picture(np.full((16, 32, 3), np.nan, np.float32), tmp_path / "p.exr")
    with pytest.raises(ValueError, match=r"cannot view .*p\.exr: .*NaN"):
        write_viewer_page(tmp_path / "p.exr", tmp_path / "page.html")
