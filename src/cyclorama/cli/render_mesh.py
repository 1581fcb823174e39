"""`cyclorama render mesh`: posed panoramas of the user's own scenes."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cyclorama.cli.console import note, progress_bar


def mesh(
    scenes: Annotated[list[Path], typer.Argument(metavar="SCENE...", help=".glb, .gltf, .obj or .ply files.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="For pictures and metadata.jsonl.")],
    num_walks: Annotated[int, typer.Option(help="Walks through each scene.", min=1)] = 8,
    num_poses: Annotated[int, typer.Option(help="Panoramas on each, 0.3 to 0.8 m apart.", min=1)] = 1,
    height: Annotated[int, typer.Option(help="Pixels; the width is twice that.", min=8)] = 512,
    seed: Annotated[int, typer.Option(help="Of the camera places.", min=0)] = 0,
    up: Annotated[Literal["auto", "+y", "+z"], typer.Option(metavar="AXIS", help="auto, +y or +z.")] = "auto",
    metres_per_unit: Annotated[float, typer.Option(help="Of the files.")] = 1.0,
    max_missing: Annotated[float, typer.Option(help="Share of rays that may meet nothing.", min=0, max=1)] = 0.02,
    captions: Annotated[
        Path | None, typer.Option(metavar="FILE", help='.jsonl with "scene" and "text", or .txt of "scene: text".')
    ] = None,
    captioner: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Of an image-text-to-text model, for the captions.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="For the captioner: cpu, cuda ...")] = None,
) -> None:
    """Render panoramas with depth and poses of your own 3-D scenes, from places where a person could stand."""
    from cyclorama.diorama.datasets.estimates import counted
    from cyclorama.diorama.meshes import MeshPanoramas, Walks, render_mesh_dataset

    if captions is not None and captioner is not None:
        raise ValueError("got --captions and --captioner, wanted one of them or none")
    if device is not None and captioner is None:
        raise ValueError("got --device without --captioner, wanted both: meshes are rendered on the CPU")
    walks = Walks(num_poses, most_missing=max_missing)
    wanted = MeshPanoramas(height, num_walks, walks, seed=seed, up=up, metres_per_unit=metres_per_unit)
    with progress_bar("rendering") as update:
        caption = _caption(captions, captioner, device)
        done = render_mesh_dataset(scenes, output, wanted, caption=caption, tell=note, update=update)
    dropped = ", ".join(f"{reason} {count}" for reason, count in sorted(done.dropped.items())) or "none"
    what = f"{counted(done.panoramas, 'panorama')} of {counted(done.scenes, 'scene')}"
    note(f"{output / 'metadata.jsonl'}: {what}; walks dropped: {dropped}")
    if done.left_out:
        raise ValueError(f"{len(done.left_out)} of {len(scenes)} scenes were left out; the others are in {output}")


def _caption(captions: Path | None, captioner: Path | None, device: str | None) -> Any:
    """What makes the text of a panorama; None without a file and a model."""
    if captions is not None:
        from cyclorama.data.captioning import read_captions

        texts = read_captions(captions)
        return lambda picture, scene, file_name: texts.text_of(scene, file_name)
    if captioner is not None:
        from cyclorama.data.captioning import load_captioner

        model = load_captioner(captioner, device=device)
        return lambda picture, scene, file_name: model.describe_panorama(picture)
    return None
