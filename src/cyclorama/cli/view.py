"""`cyclorama view`: a panorama or a panoramic video as one page to look around in."""

from pathlib import Path
from typing import Annotated

import typer

from cyclorama.cli.console import note


def view(
    panorama: Annotated[Path, typer.Argument(help="A 2:1 picture or video; MP4 and WebM of videos.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The page to write, .html.")],
    title: Annotated[str | None, typer.Option(help="The caption.  [default: the panorama's own prompt]")] = None,
) -> None:
    """Write one self-contained page with a viewer; it opens from disk without a network."""
    from cyclorama.media.kinds import file_kind
    from cyclorama.media.viewer import write_video_page, write_viewer_page

    write = write_video_page if file_kind(panorama) == "video" else write_viewer_page
    write(panorama, output, title=title)
    note(f"{output}: open it in a browser")
