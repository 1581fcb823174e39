"""Meshes of the user (GLB, glTF, OBJ, PLY) as posed panoramas with depth, and scenes of the diorama as meshes.

Everything here is in the world of `cyclorama.geometry`: x right, y up, metres; a file with +z up is turned once, when
it is read. The package needs trimesh, and embreex to be fast: pip install 'cyclorama[meshes]'.
"""

from cyclorama.diorama.meshes.cameras import Walker, Walks
from cyclorama.diorama.meshes.dataset import MeshPanoramas, MeshRows, render_mesh_dataset
from cyclorama.diorama.meshes.export import scene_mesh
from cyclorama.diorama.meshes.loading import load_mesh_scene
from cyclorama.diorama.meshes.surfaces import MeshScene
from cyclorama.diorama.meshes.views import render_mesh, render_mesh_panorama

__all__ = [
    "MeshPanoramas",
    "MeshRows",
    "MeshScene",
    "Walker",
    "Walks",
    "load_mesh_scene",
    "render_mesh",
    "render_mesh_dataset",
    "render_mesh_panorama",
    "scene_mesh",
]
