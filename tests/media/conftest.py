"""A real browser without a network, driven through its debugging pipe; and a panorama that is known exactly."""

import base64
import io
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from cyclorama.media.metadata import gpano_fields
from cyclorama.media.pictures import write_picture
from cyclorama.media.viewer import write_viewer_page

FLAGS = (
    "--headless --no-sandbox --disable-gpu --enable-unsafe-swiftshader --remote-debugging-pipe --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync --host-resolver-rules=MAP*~NOTFOUND"
)


class Browser:
    """One headless Chromium with one page. Commands: https://chromedevtools.github.io/devtools-protocol/"""

    def __init__(self, executable: str, profile: Path):
        commands_out, self._commands = os.pipe()
        self._answers, answers_in = os.pipe()
        shell = f'exec "$0" {FLAGS} --user-data-dir="$1" 3<&{commands_out} 4>&{answers_in}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, executable, str(profile)],
            pass_fds=(commands_out, answers_in),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands_out)
        os.close(answers_in)
        self._buffer, self._number, self._session = b"", 0, None
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("method") == "Network.requestWillBeSent":
                self.requests.append(answer["params"]["request"]["url"])
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            chunk = os.read(self._answers, 1 << 20)
            assert chunk, "Chromium ended"
            self._buffer += chunk
        line, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(line)

    def open(self, url: str, height: int = 600, width: int = 1000) -> None:
        self.call("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)
        self.wait_until("document.body && document.body.dataset.ready === 'true'")

    def evaluate(self, expression: str) -> Any:
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait_until(self, expression: str, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not self.evaluate(expression):
            assert time.monotonic() < end, f"never true: {expression}; {self.evaluate('document.body.innerText')}"
            time.sleep(0.05)

    def click(self, selector: str) -> None:
        box = f"document.querySelector('{selector}').getBoundingClientRect()"
        x, y = self.evaluate(f"{box}.x + {box}.width / 2"), self.evaluate(f"{box}.y + {box}.height / 2")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str, code: int) -> None:
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)

    def screenshot(self) -> Image.Image:
        data = self.call("Page.captureScreenshot", format="png")["data"]
        return Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")

    def close(self) -> None:
        self._session = None
        os.write(self._commands, b'{"id":0,"method":"Browser.close"}\0')
        self._process.wait(timeout=10)
        os.close(self._commands)
        os.close(self._answers)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("Chromium is not installed")
    browser = Browser(executable, tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def directions() -> Tensor:
    """An equirect `[3, 64, 128]` whose colour is its own direction: (red, green, blue) = (x, y, z) / 2 + 1/2."""
    height, width = 64, 128
    lon = ((torch.arange(width) + 0.5) / width - 0.5) * 2 * torch.pi
    lat = (0.5 - (torch.arange(height) + 0.5) / height) * torch.pi
    lat, lon = torch.meshgrid(lat, lon, indexing="ij")
    return torch.stack([lat.cos() * lon.sin(), lat.sin(), -lat.cos() * lon.cos()]) / 2 + 0.5


def sphere_colours(height: int) -> np.ndarray:
    """An equirect `[height, 2 height, 3]` of bytes in the colours of `directions`."""
    lon = ((np.arange(2 * height) + 0.5) / (2 * height) - 0.5) * 2 * np.pi
    lat = (0.5 - (np.arange(height) + 0.5) / height) * np.pi
    lat, lon = np.meshgrid(lat, lon, indexing="ij")
    dirs = np.stack([np.cos(lat) * np.sin(lon), np.sin(lat), -np.cos(lat) * np.cos(lon)], axis=-1)
    return np.round((dirs / 2 + 0.5) * 255).astype(np.uint8)


@pytest.fixture(scope="session")
def paint_sphere() -> Callable[[int], np.ndarray]:
    return sphere_colours


@pytest.fixture
def page(tmp_path) -> Path:
    """The viewer's page of a small panorama with a prompt."""
    parameters = {"prompt": "a <b>lake</b> & hills", "seed": 3}
    write_picture(sphere_colours(64), tmp_path / "p.png", gpano=gpano_fields(64, 128), parameters=parameters)
    write_viewer_page(tmp_path / "p.png", tmp_path / "page.html")
    return tmp_path / "page.html"


@pytest.fixture
def part(tmp_path) -> Path:
    """The middle of the sphere, 180 x 90 degrees."""
    pixels, fields = sphere_colours(256)[64:192, 128:384], gpano_fields(128, 256, left=128, top=64, full_height=256)
    write_picture(pixels, tmp_path / "part.png", gpano=fields)
    return tmp_path / "part.png"


@pytest.fixture(scope="session")
def two_second_video(tmp_path_factory) -> Path:
    """H.264 of the directions' colours for one second, and of the opposite directions' for another."""
    pytest.importorskip("av")
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    folder = tmp_path_factory.mktemp("video")
    colours = sphere_colours(128)
    for number, picture in enumerate((colours, 255 - colours, 255 - colours)):
        Image.fromarray(picture).save(folder / f"{number}.png")
    tags = "-vf scale=out_color_matrix=bt709:out_range=tv,format=yuv420p -colorspace bt709 -color_range tv"
    tags += " -color_primaries bt709 -color_trc bt709 -crf 8"
    command = f"ffmpeg -v error -y -framerate 1 -i %d.png {tags} -r 10 -c:v libx264 -movflags +faststart v.mp4"
    subprocess.run(command.split(), cwd=folder, check=True)
    return folder / "v.mp4"
