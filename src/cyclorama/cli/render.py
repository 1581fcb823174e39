"""`cyclorama render`: captioned pictures of the diorama."""

import json
import random
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cyclorama.cli.console import note, progress_bar


def render(
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder for pictures and metadata.jsonl.")],
    place: Annotated[str | None, typer.Option(help="beach, mountains, city ...  [default: drawn]")] = None,
    time: Annotated[str | None, typer.Option(help="dawn, noon, sunset or night.  [default: drawn]")] = None,
    sky: Annotated[str | None, typer.Option(help="clear, overcast, fog ...  [default: drawn]")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the first scene, the next ones count up.", min=0)] = 0,
    num_images: Annotated[int, typer.Option(min=1)] = 1,
    height: Annotated[int, typer.Option(help="Pixels; panoramas are 2:1, views 4:3.", min=8)] = 256,
    projection: Annotated[Literal["equirect", "perspective"], typer.Option()] = "equirect",
    fov_deg: Annotated[float, typer.Option(help="Horizontal field of view of a view.", min=1, max=170)] = 75.0,
    depth: Annotated[bool, typer.Option("--depth", help="Also distances along the ray in metres, .npy.")] = False,
) -> None:
    """Render captioned panoramas or views of a procedural world."""
    from cyclorama.diorama import sample_scene

    scenes = [sample_scene(seed + number, place=place, time=time, sky=sky) for number in range(num_images)]
    manifest = _new_folder(output) / "metadata.jsonl"
    with progress_bar("rendering") as update:
        for done, scene in enumerate(scenes):
            update(scene.place, done, num_images)
            row = _write_scene(scene, output, height=height, projection=projection, fov_deg=fov_deg, depth=depth)
            with manifest.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
    note(f"{manifest}: {num_images} pictures with captions")


def _new_folder(folder: Path) -> Path:
    if (folder / "metadata.jsonl").exists():
        raise ValueError(f"got the output {folder}, which holds a metadata.jsonl already; wanted a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write_scene(
    scene: Any, folder: Path, *, height: int, projection: str, fov_deg: float, depth: bool
) -> dict[str, Any]:
    """Writes one picture; its row of the manifest."""
    from cyclorama.diorama import render_panorama, render_view, visible_objects, write_caption
    from cyclorama.media.images import write_depth, write_image, write_panorama

    scene_row = {"place": scene.place, "time": scene.time, "sky": scene.sky, "seed": scene.seed}
    if projection == "equirect":
        camera, write, caption = {}, write_panorama, write_caption(scene, scene.seed)
        picture = render_panorama(scene, height)
        objects = {"objects": visible_objects(scene)}
    else:
        objects, (yaw_deg, pitch_deg) = {}, _draw_direction(scene.seed)
        camera, write = {"fov_deg": fov_deg, "yaw_deg": yaw_deg, "pitch_deg": pitch_deg}, write_image
        caption = write_caption(scene, scene.seed, pitch_deg=pitch_deg)
        picture = render_view(scene, height, round(height * 4 / 3), fov_deg, yaw_deg=yaw_deg, pitch_deg=pitch_deg)
    row = {"file_name": f"{scene.seed:06d}.png", "text": caption, "projection": projection, **camera}
    row |= scene_row | objects
    write(picture.colours, folder / row["file_name"], parameters={"prompt": caption, "model": "diorama", **scene_row})
    if depth:
        row["depth"] = f"{scene.seed:06d}-depth.npy"
        write_depth(picture.depth, folder / row["depth"])
    return row


def _draw_direction(seed: int) -> tuple[float, float]:
    """(yaw, pitch) in degrees of this seed's view: anywhere around, mostly near the horizon."""
    dice = random.Random(seed)
    return round(dice.uniform(-180, 180), 2), round(dice.triangular(-45, 45, 0), 2)
