"""Panoramas of the diorama per second, beside a mesh render of the same scenes by trimesh and embree.

    OMP_NUM_THREADS=1 python benchmarks/diorama.py   # some minutes
    python benchmarks/diorama.py --limit 3           # a rehearsal with so many places

A figure is 1 / median of the seconds that scenes of a place take after one that does not count. Building the world and
the light of each scene is part of its time; antialiasing is on (four more rays in rough pixels). "2 processes" is what
two processes of one thread each make together. The meshes have the scenes' light baked in, so they only trace and look
up colours.
"""

import argparse
import math
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from provenance import write_result

from cyclorama.diorama import PLACES, SKIES, TIMES, Scene, render_camera, sample_scene
from cyclorama.geometry import Equirect

HEIGHTS = (256, 512)


def scenes_of(place: str, count: int) -> list[Scene]:
    """Scenes that go through the times and skies."""
    return [sample_scene(k, place=place, time=TIMES[k % 4], sky=SKIES[k % 3]) for k in range(count)]


def seconds_each(render: Callable[[Scene], Any], scenes: list[Scene], device: str = "cpu") -> float:
    """Median seconds of one call; the first one warms up."""
    taken = []
    for scene in scenes:
        start = time.perf_counter()
        render(scene)
        if device != "cpu":
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def rates(height: int, places: list[str], num: int, device: str, num_threads: int) -> dict[str, float]:
    """Panoramas per second of every place, by one process."""
    torch.set_num_threads(num_threads)

    def render(scene: Scene) -> None:
        render_camera(scene, Equirect(height, 2 * height), device=device)

    return {place: 1 / seconds_each(render, scenes_of(place, num + 1), device) for place in places}


def together(height: int, places: list[str], num: int, num_processes: int) -> float:
    """Panoramas per second that processes of one thread make together, each the same places."""
    with ProcessPoolExecutor(num_processes, mp_context=get_context("spawn")) as pool:
        each = list(pool.map(rates, *zip(*[(height, places, num, "cpu", 1)] * num_processes, strict=True)))
    return sum(mean_rate(one) for one in each)


def mean_rate(figures: dict[str, float]) -> float:
    """Panoramas per second when every place has as many: the harmonic mean."""
    return statistics.harmonic_mean(figures.values())


def mesh_rates(height: int, places: list[str]) -> dict[str, dict[str, float]]:
    """Triangles and panoramas per second of the places as meshes; empty, with a message, where that cannot run."""
    try:
        import embreex  # noqa: F401

        from cyclorama.diorama.meshes import load_mesh_scene, render_mesh_panorama, scene_mesh
    except ImportError as error:
        print(f"no meshes: {error}; pip install 'cyclorama[meshes]'")
        return {}
    figures = {}
    for place in places:
        scene = scenes_of(place, 1)[0]
        mesh, pose = scene_mesh(scene), torch.eye(4)
        pose[:3, 3] = torch.tensor(eye_of(scene))
        with TemporaryDirectory() as folder:
            mesh.export(Path(folder) / "scene.glb")
            ready = load_mesh_scene(Path(folder) / "scene.glb")

        def render(_: Scene, ready: Any = ready, pose: torch.Tensor = pose) -> None:
            render_mesh_panorama(ready, height, pose, shading="unlit")

        figures[place] = {"triangles": len(mesh.faces), "per_second": 1 / seconds_each(render, [scene] * 3)}
    return figures


def eye_of(scene: Scene) -> tuple[float, ...]:
    """The scene's usual camera position in metres."""
    from cyclorama.diorama.places import build

    return tuple(float(x) for x in build(scene, torch.device("cpu")).eye)


def table(figures: dict[str, Any]) -> str:
    """Markdown, one line for each place."""
    columns = [name for name in figures if name not in ("mesh", "means", "num")]
    lines = ["| place | " + " | ".join(columns) + " | mesh |", "|---" * (len(columns) + 2) + "|"]
    for place in figures[columns[0]]:
        mesh = figures["mesh"].get(place, {}).get("per_second", math.nan)
        lines.append(f"| {place} | " + " | ".join(f"{figures[c][place]:.2f}" for c in columns) + f" | {mesh:.2f} |")
    return "\n".join([*lines, *(f"{name}: {value:.2f} a second" for name, value in figures["means"].items())])


def main() -> None:
    parser = argparse.ArgumentParser(description="Panoramas per second.")
    parser.add_argument("--num", type=int, default=4, help="scenes of each place")
    parser.add_argument("--limit", type=int, help="a rehearsal with so many places")
    options = parser.parse_args()
    places = list(PLACES)[: options.limit]
    figures: dict[str, Any] = {"num": options.num}
    means: dict[str, float] = {}
    for height in HEIGHTS:
        for device in ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]:
            name = f"{height}x{2 * height} {device}"
            figures[name] = rates(height, places, options.num, device, 1)
            means[name] = mean_rate(figures[name])
        means[f"{height}x{2 * height} cpu, 2 processes"] = together(height, places, options.num, 2)
    figures["mesh"], figures["means"] = mesh_rates(HEIGHTS[0], places), means
    if figures["mesh"]:
        rate = mean_rate({place: each["per_second"] for place, each in figures["mesh"].items()})
        means[f"{HEIGHTS[0]}x{2 * HEIGHTS[0]} cpu, meshes by embree"] = rate
    print(table(figures))
    print(write_result("diorama", figures, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
