import json
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from trimesh.visual.material import PBRMaterial
from trimesh.visual.texture import TextureVisuals

from cyclorama.diorama.meshes.loading import load_mesh_scene
from cyclorama.diorama.meshes.shading import see
from tests.diorama.meshes.box_room import EYE, HIGH, LOW, meet, paint, room, write_mesh, write_room

Z_UP = np.array([[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])


def rays(count: int = 500) -> np.ndarray:
    dirs = np.random.default_rng(0).normal(size=(count, 3))
    return dirs / np.linalg.norm(dirs, axis=-1, keepdims=True)


def srgb(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("name", ["room.glb", "room.gltf", "room.obj", "room.ply"])
def test_a_format_keeps_triangles_and_colours(tmp_path, name: str):
    mesh: Any = room()
    if name.endswith("ply"):
        mesh.visual = mesh.visual.to_color()
    write_mesh(mesh, tmp_path / name)
    scene = load_mesh_scene(tmp_path / name, up="+y")
    np.testing.assert_allclose(scene.mesh.bounds, [LOW, HIGH], atol=1e-6)
    assert len(scene.mesh.faces) == 12
    assert scene.painted
    if not name.endswith("ply"):
        dirs = rays()
        colours = srgb(see(scene, EYE, dirs, ray_angle=1e-3).light)
        assert np.abs(colours - paint(meet(EYE, dirs)[1])).max() < 0.01


def test_vertex_colours_are_those_of_the_file(tmp_path):
    mesh: Any = trimesh.creation.box((4, 4, 4))
    mesh.visual.vertex_colors = np.tile(np.array([200, 100, 50, 255], np.uint8), (8, 1))
    mesh.export(tmp_path / "box.ply")
    light = see(load_mesh_scene(tmp_path / "box.ply"), np.zeros(3), rays(), ray_angle=1e-3).light
    np.testing.assert_allclose(srgb(light) * 255, np.tile([200, 100, 50], (500, 1)), atol=0.01)


def test_several_materials_stand_where_the_nodes_of_the_file_put_them(tmp_path):
    parts = trimesh.Scene()
    for x, factor in ((-2.0, [255, 0, 0, 255]), (2.0, [0, 0, 128, 255])):
        box = trimesh.creation.box((1, 1, 1))
        material = PBRMaterial(baseColorFactor=factor)
        box.visual = TextureVisuals(uv=np.zeros((8, 2)), material=material)
        parts.add_geometry(box, transform=trimesh.transformations.translation_matrix([x, 0, 0]))
    parts.export(tmp_path / "two.glb")
    scene = load_mesh_scene(tmp_path / "two.glb")
    seen = see(scene, np.zeros(3), np.array([[-1.0, 0, 0], [1, 0, 0], [0, 1, 0]]), ray_angle=1e-3)
    np.testing.assert_allclose(seen.distance, [1.5, 1.5, np.inf])
    np.testing.assert_allclose(seen.light, [[1, 0, 0], [0, 0, 128 / 255], [0, 0, 0]], atol=1e-6)
    assert len(set(scene.parts.tolist())) == 2


@pytest.mark.parametrize("name", ["room.glb", "room.ply"])
@pytest.mark.parametrize("upright", [True, False])
def test_the_axis_with_more_level_surface_is_up(tmp_path, name: str, upright: bool):
    mesh = room() if name.endswith("glb") else trimesh.Trimesh(room().vertices, room().faces, process=False)
    if not upright:
        mesh.apply_transform(Z_UP)
    mesh.export(tmp_path / name)
    scene = load_mesh_scene(tmp_path / name)
    np.testing.assert_allclose(scene.mesh.bounds, [LOW, HIGH], atol=1e-6)
    [note] = [line for line in scene.notes if "up axis" in line]
    assert note.startswith(f"up axis {'+y' if upright else '+z'}")
    assert "%" in note


def test_what_is_asked_for_is_up(tmp_path):
    scene = load_mesh_scene(write_room(tmp_path), up="+z", metres_per_unit=2)
    np.testing.assert_allclose(scene.mesh.extents, 2 * (HIGH - LOW)[[0, 2, 1]], atol=1e-5)


def gltf(folder: Path, **content: object) -> Path:
    path = folder / "scene.gltf"
    path.write_text(json.dumps({"asset": {"version": "2.0"}, **content}))
    return path


def truncated(folder: Path) -> Path:
    path = write_room(folder, "cut.glb")
    path.write_bytes(path.read_bytes()[:-3000])
    return path


def damaged_texture(folder: Path) -> Path:
    path = write_room(folder, "texture.glb")
    content = bytearray(path.read_bytes())
    begin = content.index(b"IDAT") + 200
    content[begin : begin + 4000] = bytes(4000)
    path.write_bytes(content)
    return path


def written(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def points_only(folder: Path) -> Path:
    trimesh.PointCloud(np.random.default_rng(0).random((9, 3))).export(folder / "points.ply")
    return folder / "points.ply"


BAD = {
    "missing": (lambda folder: folder / "none.glb", "no such file"),
    "folder": (lambda folder: folder, "it is a folder"),
    "empty": (lambda folder: written(folder, "a.obj", b""), "empty"),
    "another kind": (lambda folder: written(folder, "a.fbx", b"x"), "got .fbx"),
    "noise": (lambda folder: written(folder, "a.glb", b"\x07noise" * 30), "damaged"),
    "noise ply": (lambda folder: written(folder, "a.ply", b"noise" * 30), "damaged"),
    "words": (lambda folder: written(folder, "a.obj", b"hello world\n"), "triangles|damaged"),
    "cut": (truncated, "damaged"),
    "bad texture": (damaged_texture, "texture is damaged"),
    "points": (points_only, "no triangles"),
    "nothing": (lambda folder: gltf(folder), "damaged|triangles"),
    "draco": (lambda folder: gltf(folder, extensionsUsed=["KHR_draco_mesh_compression"]), "Draco"),
    "basis": (
        lambda folder: written(
            folder,
            "a.glb",
            struct.pack("<5I", 0x46546C67, 2, 60, 40, 0x4E4F534A) + b'{"extensionsUsed":["KHR_texture_basisu"]}'[:40],
        ),
        "damaged",
    ),
    "strange index": (lambda folder: written(folder, "a.obj", b"v 0 0 0\nv 1 0 0\nf 1 2 9\n"), "damaged"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_told_in_one_line(tmp_path, kind: str):
    make, words = BAD[kind]
    path = make(tmp_path)
    with pytest.raises(ValueError, match=words) as told:
        load_mesh_scene(path)
    assert "\n" not in str(told.value)
    assert str(path) in str(told.value)


def test_a_missing_texture_is_noted(tmp_path):
    room().export(tmp_path / "room.obj")
    for picture in tmp_path.glob("*.png"):
        picture.unlink()
    assert any("no picture was found" in line for line in load_mesh_scene(tmp_path / "room.obj").notes)


def test_triangles_without_a_size_are_left_out(tmp_path):
    text = "v 0 0 0\nv 1 0 0\nv 0 0 1\nv nan 0 0\nf 1 2 3\nf 1 1 2\nf 1 2 4\n"
    (tmp_path / "a.obj").write_text(text)
    assert len(load_mesh_scene(tmp_path / "a.obj").mesh.faces) == 1


def test_without_trimesh_a_line_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "trimesh", None)
    with pytest.raises(ValueError, match=r"pip install 'cyclorama\[meshes\]'"):
        load_mesh_scene(tmp_path / "room.glb")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"up": "up"}, "wanted one of auto"),
        ({"metres_per_unit": 0}, "wanted a number above 0"),
        ({"metres_per_unit": -1.0}, "wanted a number above 0"),
    ],
)
def test_wrong_settings_are_refused(tmp_path, wrong: dict, words: str):
    with pytest.raises(ValueError, match=words):
        load_mesh_scene(tmp_path / "room.glb", **wrong)
