"""The programs that read cubemap files show ours right way round: three.js, Pannellum and a bare OpenGL cube texture.

three.js and Pannellum come from npm into a temporary folder; without npm or a network those tests are skipped.
"""

import base64
import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from cyclorama.geometry import FACES, Cubemap, Perspective, reproject, rotation_matrix
from cyclorama.media.layouts import faces_to_layout

pytestmark = pytest.mark.slow

SIZE, WINDOW = 256, 400
VIEWS = [(0, 0), (90, 0), (180, 0), (-90, 0), (0, 90), (0, -90), (40, 20), (-130, -55), (160, 70)]

THREE_PAGE = """<!DOCTYPE html><style>body {{ margin: 0 }}</style><body>
<script type="importmap">{importmap}</script>
<script type="module">
import * as THREE from "three";
const renderer = new THREE.WebGLRenderer();
renderer.setSize({window}, {window});
document.body.append(renderer.domElement);
const scene = new THREE.Scene(), camera = new THREE.PerspectiveCamera(90, 1, 0.1, 10);
camera.rotation.order = "YXZ";
window.look = (yaw, pitch) => {{
  camera.rotation.set(pitch * Math.PI / 180, -yaw * Math.PI / 180, 0);
  renderer.render(scene, camera);
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))));
}};
scene.background = new THREE.CubeTextureLoader().load({files}, () => {{ document.body.dataset.ready = "true"; }});
scene.background.colorSpace = THREE.SRGBColorSpace;
</script>"""

PANNELLUM_PAGE = """<!DOCTYPE html><style>body {{ margin: 0 }} {css} .pnlm-ui {{ display: none }}</style><body>
<div id="view" style="width: {window}px; height: {window}px"></div>
<script>{js}</script>
<script>
const viewer = pannellum.viewer("view", {{ type: "cubemap", cubeMap: {files}, autoLoad: true, showControls: false }});
window.look = (yaw, pitch) => {{
  viewer.lookAt(pitch, yaw, 90, false);
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))));
}};
viewer.on("load", () => {{ document.body.dataset.ready = "true"; }});
</script>"""

OPENGL_PAGE = """<!DOCTYPE html><style>body {{ margin: 0 }} canvas {{ display: block }}</style><body>
<canvas id="view" width="{window}" height="{window}"></canvas>
<script>
const gl = document.getElementById("view").getContext("webgl2", {{ preserveDrawingBuffer: true }});
const program = gl.createProgram();
const vertex = `#version 300 es
out vec2 place;
void main() {{
  place = vec2(gl_VertexID == 1 ? 3. : -1., gl_VertexID == 2 ? 3. : -1.);
  gl_Position = vec4(place, 0., 1.);
}}`;
const fragment = `#version 300 es
precision highp float;
uniform samplerCube cube;
uniform vec3 right, up, ahead;
in vec2 place;
out vec4 colour;
void main() {{
  vec3 dir = ahead + place.x * right + place.y * up;
  colour = texture(cube, vec3(dir.xy, -dir.z));
}}`;
for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {{
  const shader = gl.createShader(kind);
  gl.shaderSource(shader, text);
  gl.compileShader(shader);
  gl.attachShader(program, shader);
}}
gl.linkProgram(program);
gl.useProgram(program);
gl.bindTexture(gl.TEXTURE_CUBE_MAP, gl.createTexture());
gl.texParameteri(gl.TEXTURE_CUBE_MAP, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
window.look = (yaw, pitch) => {{
  const [s, c] = [Math.sin(yaw * Math.PI / 180), Math.cos(yaw * Math.PI / 180)];
  const [p, q] = [Math.sin(pitch * Math.PI / 180), Math.cos(pitch * Math.PI / 180)];
  gl.uniform3f(gl.getUniformLocation(program, "right"), c, 0, s);
  gl.uniform3f(gl.getUniformLocation(program, "up"), -s * p, q, c * p);
  gl.uniform3f(gl.getUniformLocation(program, "ahead"), s * q, p, -c * q);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))));
}};
const load = (url) => new Promise((resolve) => {{
  const picture = new Image();
  picture.onload = () => resolve(picture);
  picture.src = url;
}});
Promise.all({files}.map(load)).then((pictures) => {{
  pictures.forEach((picture, index) => gl.texImage2D(
    gl.TEXTURE_CUBE_MAP_POSITIVE_X + index, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, picture));
  document.body.dataset.ready = "true";
}});
</script>"""


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    """Faces in the colours of their directions with their names and a frame of arrows written on them."""
    colours = np.round((Cubemap(SIZE).pixel_dirs().reshape(6, SIZE, SIZE, 3) / 2 + 0.5) * 255).astype(np.uint8)
    return np.stack([_labelled(face, name) for face, name in zip(colours, FACES, strict=True)])


def _labelled(face: np.ndarray, name: str) -> np.ndarray:
    picture = Image.fromarray(face)
    draw = ImageDraw.Draw(picture)
    draw.text((SIZE // 2, SIZE // 2), name.upper(), "white", ImageFont.load_default(SIZE // 5), anchor="mm")
    draw.polygon([(SIZE // 2, SIZE // 8), (SIZE // 2 - 20, SIZE // 4), (SIZE // 2 + 20, SIZE // 4)], "black")
    draw.rectangle((SIZE - 30, SIZE // 2 - 30, SIZE - 20, SIZE // 2 + 30), "yellow")
    return np.asarray(picture)


@pytest.fixture(scope="module")
def npm(tmp_path_factory) -> Path:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("npm")
    command = "npm install --silent --no-audit --no-fund --ignore-scripts three@0.187 pannellum@2.5.7"
    result = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, timeout=120)
    if result.returncode:
        pytest.skip(f"npm cannot install: {result.stderr[-200:]}")
    return folder / "node_modules"


def _data_url(data: bytes, mime: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def _files(faces: np.ndarray, layout: str) -> str:
    urls = []
    for face in faces_to_layout(faces, layout):
        file = io.BytesIO()
        Image.fromarray(face).save(file, "PNG")
        urls.append(_data_url(file.getvalue(), "image/png"))
    return json.dumps(urls)


def _three(npm: Path) -> str:
    build = npm / "three" / "build"
    module = (build / "three.module.js").read_text().replace("./three.core.js", "three-core")
    core = (build / "three.core.js").read_text()
    imports = {"three": module, "three-core": core}
    return json.dumps(
        {"imports": {name: _data_url(text.encode(), "text/javascript") for name, text in imports.items()}}
    )


def _assert_shown(browser, page: Path, faces: np.ndarray) -> None:
    browser.open(page.as_uri(), WINDOW, WINDOW)
    for yaw, pitch in VIEWS:
        browser.call("Runtime.evaluate", expression=f"look({yaw}, {pitch})", awaitPromise=True)
        shown = np.asarray(browser.screenshot()).astype(float)
        camera, turned = Perspective(WINDOW, WINDOW, 90), rotation_matrix(yaw, pitch)
        wanted = reproject(faces, Cubemap(SIZE), camera, rotation=turned, antialias=False)
        assert np.abs(shown - wanted).mean() < 1, (yaw, pitch)


def test_three_js_shows_our_six_files(browser, npm, faces, tmp_path):
    page = tmp_path / "three.html"
    page.write_text(THREE_PAGE.format(importmap=_three(npm), files=_files(faces, "threejs"), window=WINDOW))
    _assert_shown(browser, page, faces)


def test_three_js_shows_the_opengl_files_turned_to_plus_z(browser, npm, faces, tmp_path):
    """Many cubemaps for three.js keep the front on pz: then its camera must turn round to see it."""
    page = tmp_path / "three.html"
    page.write_text(THREE_PAGE.format(importmap=_three(npm), files=_files(faces, "opengl"), window=WINDOW))
    _assert_shown(browser, page, _turned_round(faces))


def _turned_round(faces: np.ndarray) -> np.ndarray:
    """The faces of the world turned by half a turn."""
    front, right, back, left, up, down = faces
    return np.stack([back, left, front, right, np.rot90(up, 2), np.rot90(down, 2)])


def test_pannellum_shows_our_six_files(browser, npm, faces, tmp_path):
    build = npm / "pannellum" / "build"
    page = tmp_path / "pannellum.html"
    css, js = (build / "pannellum.css").read_text(), (build / "pannellum.js").read_text()
    page.write_text(PANNELLUM_PAGE.format(css=css, js=js, files=_files(faces, "pannellum"), window=WINDOW))
    _assert_shown(browser, page, faces)


def test_an_opengl_cube_texture_shows_our_six_files(browser, faces, tmp_path):
    page = tmp_path / "opengl.html"
    page.write_text(OPENGL_PAGE.format(files=_files(faces, "opengl"), window=WINDOW))
    _assert_shown(browser, page, faces)
