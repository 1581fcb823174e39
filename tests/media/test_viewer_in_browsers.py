"""The viewer's pages in headless Chromium, opened from disk and without a network: every pixel is looked at."""

import re
import time

import numpy as np
import pytest

from cyclorama.media.pictures import write_picture
from cyclorama.media.viewer import write_video_page, write_viewer_page

pytestmark = pytest.mark.slow

FRONT, BACK, UP, DOWN, RIGHT, LEFT = (0, 0, -1), (0, 0, 1), (0, 1, 0), (0, -1, 0), (1, 0, 0), (-1, 0, 0)


def _seen(browser) -> np.ndarray:
    """The direction in the centre of the window, read off its colour."""
    centre = np.asarray(browser.screenshot())[290:310, 490:510].reshape(-1, 3).mean(0)
    return centre / 255 * 2 - 1


def _settled(browser, yaw: float, pitch: float) -> None:
    off = f"Math.abs(Math.cos((cyclorama.view.yaw - {yaw}) * Math.PI / 180) - 1)"
    turned = "true" if abs(pitch) == 90 else f"{off} < 1e-6"
    browser.wait_until(f"{turned} && Math.abs(cyclorama.view.pitch - {pitch}) < 1e-3")
    time.sleep(0.2)


def _wanted(yaw: float, pitch: float, hfov: float) -> np.ndarray:
    """The colours of a window of 1000 x 600 in that direction."""
    tangent = np.tan(np.radians(hfov) / 2)
    x, y = (np.arange(1000) + 0.5) / 500 - 1, (1 - (np.arange(600) + 0.5) / 300) * 0.6
    x, y = np.meshgrid(x * tangent, y * tangent)
    (sy, cy), (sp, cp) = ((np.sin(angle), np.cos(angle)) for angle in np.radians([yaw, pitch]))
    right, up, ahead = np.array([cy, 0, sy]), np.array([-sy * sp, cp, cy * sp]), np.array([sy * cp, sp, -cy * cp])
    dirs = ahead + x[..., None] * right + y[..., None] * up
    return (dirs / np.linalg.norm(dirs, axis=-1, keepdims=True) / 2 + 0.5) * 255


def _assert_view(browser, yaw: float, pitch: float, hfov: float, *, atol: float) -> None:
    """The whole window above the panel soon shows the direction of each of its pixels."""
    off = np.full(1, np.inf)
    for _ in range(20):
        off = np.abs(np.asarray(browser.screenshot()) - _wanted(yaw, pitch, hfov))[:330]
        if off.max() <= atol:
            break
        time.sleep(0.1)
    assert off.max() <= atol
    assert off.mean() <= atol / 4


VIEWS = [(0, 0, 100), (180, 0, 100), (90, 30, 60), (-45, 35, 30), (10, 90, 100), (-100, -90, 40), (135, -60, 120)]


@pytest.mark.parametrize(
    ("address", "direction"),
    [("", FRONT), ("#yaw=180&pitch=0", BACK), ("#yaw=90", RIGHT), ("#pitch=90", UP), ("#pitch=-90", DOWN)],
)
def test_page_opens_in_the_addressed_direction(browser, page, address, direction):
    browser.open(page.as_uri() + address)
    np.testing.assert_allclose(_seen(browser), direction, atol=0.06)


@pytest.mark.parametrize("max_embedded", [10**8, 100])
@pytest.mark.parametrize("height", [256, 2048])
def test_every_pixel_of_the_window_shows_its_direction(browser, paint_sphere, tmp_path, height, max_embedded):
    """One texture, and cube tiles of two levels; inside the page, and beside it."""
    write_picture(paint_sphere(height), tmp_path / "p.png")
    write_viewer_page(tmp_path / "p.png", tmp_path / "page.html", max_texture=2048, max_embedded=max_embedded)
    assert ('"kind": "tiles"' in (tmp_path / "page.html").read_text()) == (height == 2048)
    for yaw, pitch, hfov in VIEWS:
        browser.open(f"{(tmp_path / 'page.html').as_uri()}#yaw={yaw}&pitch={pitch}&hfov={hfov}")
        _assert_view(browser, yaw, pitch, hfov, atol=6 if height == 2048 else 2)  # tiles are JPEG


@pytest.mark.parametrize("max_texture", [4096, 128])
def test_a_part_of_the_sphere_is_shown_in_its_place(browser, part, tmp_path, max_texture):
    write_viewer_page(part, tmp_path / "page.html", max_texture=max_texture)
    browser.open((tmp_path / "page.html").as_uri())
    shown, wanted = np.asarray(browser.screenshot()).astype(float), _wanted(0, 0, 100)
    np.testing.assert_allclose(shown[100:400, 100:900], wanted[100:400, 100:900], atol=4)
    browser.open((tmp_path / "page.html").as_uri() + "#yaw=180")
    np.testing.assert_allclose(np.asarray(browser.screenshot())[100:400, 300:700].mean((0, 1)), [11, 12, 15], atol=1)


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


def test_arrow_keys_turn_and_space_rotates(browser, page):
    browser.open(page.as_uri())
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight", windowsVirtualKeyCode=39)
    browser.wait_until("cyclorama.view.yaw > 2")
    browser.call("Input.dispatchKeyEvent", type="keyUp", key="ArrowRight", windowsVirtualKeyCode=39)
    browser.press(" ", 32)
    browser.wait_until("document.querySelector('#turn').getAttribute('aria-pressed') === 'true'")
    browser.press(" ", 32)
    browser.wait_until("document.querySelector('#turn').getAttribute('aria-pressed') === 'false'")


def _mouse(browser, kind: str, x: int, y: int, **more) -> None:
    browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1, **more)


def test_dragging_takes_the_sphere_along_and_the_wheel_zooms(browser, page):
    browser.open(page.as_uri())
    _mouse(browser, "mousePressed", 500, 300)
    for x in range(500, 600, 10):
        _mouse(browser, "mouseMoved", x, 300, buttons=1)
    time.sleep(0.2)
    _mouse(browser, "mouseReleased", 600, 300)
    wanted = -np.degrees(90 / 500 * np.tan(np.radians(50)))
    assert browser.evaluate("cyclorama.view.yaw") == pytest.approx(wanted, abs=0.5)
    browser.call("Input.dispatchMouseEvent", type="mouseWheel", x=500, y=300, deltaX=0, deltaY=-300)
    browser.wait_until("cyclorama.view.hfov < 80")


def _touch(browser, kind: str, *points: tuple[int, int]) -> None:
    touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    browser.call("Input.dispatchTouchEvent", type=kind, touchPoints=touches)


def test_one_finger_turns_and_two_zoom(browser, page):
    browser.open(page.as_uri())
    _touch(browser, "touchStart", (500, 300))
    for step in range(1, 6):
        _touch(browser, "touchMove", (500 - 20 * step, 300))
    time.sleep(0.2)
    _touch(browser, "touchEnd")
    browser.wait_until("cyclorama.view.yaw > 8")
    _touch(browser, "touchStart", (450, 300), (550, 300))
    for step in range(1, 6):
        _touch(browser, "touchMove", (450 - 10 * step, 300), (550 + 10 * step, 300))
    _touch(browser, "touchEnd")
    assert browser.evaluate("cyclorama.view.hfov") == pytest.approx(50, abs=4)


def test_page_asks_for_nothing_outside_itself(browser, page):
    browser.requests.clear()
    browser.open(page.as_uri())
    assert browser.requests
    assert all(url.startswith(("file:", "blob:", "data:", "about:")) for url in browser.requests)


def test_viewer_shows_no_step_at_the_seam(browser, page):
    browser.open(page.as_uri() + "#yaw=180&hfov=30")
    row = np.asarray(browser.screenshot())[250:260, 300:700].astype(float).mean(0)
    assert np.abs(np.diff(row, axis=0)).max() <= 2


@pytest.mark.parametrize("max_embedded", [10**8, 100])
def test_video_page_plays_and_seeks_around_the_sphere(browser, two_second_video, tmp_path, monkeypatch, max_embedded):
    monkeypatch.setattr("cyclorama.media.viewer._PART_BYTES", 5000)
    write_video_page(two_second_video, tmp_path / "page.html", max_embedded=max_embedded)
    browser.open((tmp_path / "page.html").as_uri() + "#yaw=90")
    if not browser.evaluate("document.createElement('video').canPlayType('video/mp4; codecs=\"avc1.64001f\"')"):
        pytest.skip("this Chromium plays no H.264")
    _assert_view(browser, 90, 0, 100, atol=10)
    browser.click("#mute")
    browser.click("#loop")
    browser.click("#play")
    browser.wait_until("player.ended && player.currentTime > 1.5")
    assert browser.evaluate("[player.muted, player.loop]") == [True, False]
    time.sleep(0.2)
    np.testing.assert_allclose(_seen(browser), LEFT, atol=0.08)
    browser.evaluate("element('seek').value = 0.2; element('seek').dispatchEvent(new Event('input'))")
    browser.wait_until("!player.seeking && player.currentTime < 0.5 && element('time').textContent === '0:00 / 0:02'")
    browser.click("#seam")
    _settled(browser, 180, 0)
    np.testing.assert_allclose(_seen(browser), BACK, atol=0.08)


def test_a_video_that_the_browser_cannot_play_is_told(browser, two_second_video, tmp_path):
    write_video_page(two_second_video, tmp_path / "page.html")
    data = (tmp_path / "page.html").read_text()
    (tmp_path / "page.html").write_text(re.sub(r'(data-part="video-0">)[^<]*', r"\1AAAA", data))
    browser.call("Page.navigate", url=(tmp_path / "page.html").as_uri())
    browser.wait_until("document.querySelector('#heading').textContent.includes('cannot play')")
