import time

import numpy as np
import pytest
from PIL import Image

from cyclorama.media.images import write_image, write_panorama
from cyclorama.media.viewer import write_viewer_page

FRONT, BACK, UP, DOWN, RIGHT = (0, 0, -1), (0, 0, 1), (0, 1, 0), (0, -1, 0), (1, 0, 0)


@pytest.fixture
def page(directions, tmp_path):
    write_panorama(directions, tmp_path / "p.png", parameters={"prompt": "a <b>lake</b> & hills", "seed": 3})
    write_viewer_page(tmp_path / "p.png", tmp_path / "page.html")
    return tmp_path / "page.html"


def test_page_names_no_other_file(page):
    text = page.read_text()
    assert "<link" not in text
    assert " src=" not in text
    assert "default-src 'none'" in text


def test_page_escapes_the_prompt(page):
    text = page.read_text()
    assert "<title>a &lt;b&gt;lake&lt;/b&gt; &amp; hills</title>" in text
    assert "<b>lake" not in text


def test_page_carries_the_viewers_licence(page):
    assert "Permission is hereby granted, free of charge" in page.read_text()


def test_equal_panoramas_give_equal_pages(page, tmp_path):
    write_viewer_page(tmp_path / "p.png", tmp_path / "again.html")
    assert page.read_bytes() == (tmp_path / "again.html").read_bytes()


def test_refuses_what_is_no_panorama(directions, tmp_path):
    write_image(directions[:, :, :64], tmp_path / "square.png")
    with pytest.raises(ValueError, match="twice as wide as high, got 64x64"):
        write_viewer_page(tmp_path / "square.png", tmp_path / "page.html")


def test_refuses_formats_that_browsers_do_not_show(tmp_path):
    Image.new("RGB", (16, 8)).save(tmp_path / "p.tif")
    with pytest.raises(ValueError, match="browsers do not show TIFF"):
        write_viewer_page(tmp_path / "p.tif", tmp_path / "page.html")


def test_refuses_a_page_that_is_no_html(page, tmp_path):
    with pytest.raises(ValueError, match=r"got \.jpg, wanted \.html"):
        write_viewer_page(tmp_path / "p.png", tmp_path / "page.jpg")


def _seen(browser) -> np.ndarray:
    """The direction in the centre of the window, read off its colour."""
    centre = np.asarray(browser.screenshot())[290:310, 490:510].reshape(-1, 3).mean(0)
    return centre / 255 * 2 - 1


def _settled(browser, yaw: float, pitch: float) -> None:
    off = f"Math.abs(Math.cos((cyclorama.getYaw() - {yaw}) * Math.PI / 180) - 1)"
    turned = "true" if abs(pitch) == 90 else f"{off} < 1e-6"
    browser.wait_until(f"{turned} && Math.abs(cyclorama.getPitch() - {pitch}) < 1e-3")
    time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "direction"),
    [("", FRONT), ("#yaw=180&pitch=0", BACK), ("#yaw=90", RIGHT), ("#pitch=90", UP), ("#pitch=-90", DOWN)],
)
def test_page_opens_in_the_addressed_direction(browser, page, address, direction):
    browser.open(page.as_uri() + address)
    np.testing.assert_allclose(_seen(browser), direction, atol=0.06)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("button", "key", "yaw", "pitch", "direction"),
    [("#seam", "2", 180, 0, BACK), ("#up", "3", 0, 90, UP), ("#down", "4", 0, -90, DOWN), ("#front", "1", 0, 0, FRONT)],
)
def test_buttons_and_keys_turn_the_view(browser, page, button, key, yaw, pitch, direction):
    for use in (lambda: browser.click(button), lambda: browser.press(key, ord(key))):
        browser.open(page.as_uri() + "#yaw=40&pitch=10")
        use()
        _settled(browser, yaw, pitch)
        np.testing.assert_allclose(_seen(browser), direction, atol=0.06)


@pytest.mark.slow
def test_arrow_keys_turn_and_space_rotates(browser, page):
    browser.open(page.as_uri())
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight", windowsVirtualKeyCode=39)
    browser.wait_until("cyclorama.getYaw() > 2")
    browser.call("Input.dispatchKeyEvent", type="keyUp", key="ArrowRight", windowsVirtualKeyCode=39)
    browser.press(" ", 32)
    browser.wait_until("document.querySelector('#turn').getAttribute('aria-pressed') === 'true'")
    browser.press(" ", 32)
    browser.wait_until("document.querySelector('#turn').getAttribute('aria-pressed') === 'false'")


@pytest.mark.slow
def test_page_asks_for_nothing_outside_itself(browser, page):
    browser.requests.clear()
    browser.open(page.as_uri())
    assert browser.requests
    assert all(url.startswith(("file:", "blob:", "data:", "about:")) for url in browser.requests)


@pytest.mark.slow
def test_viewer_shows_no_step_at_the_seam(browser, page):
    browser.open(page.as_uri() + "#yaw=180&hfov=30")
    row = np.asarray(browser.screenshot())[250:260, 300:700].astype(float).mean(0)
    assert np.abs(np.diff(row, axis=0)).max() <= 2
