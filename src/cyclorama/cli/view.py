"""`cyclorama view`: a panorama as one page to look around in."""

from pathlib import Path
from typing import Annotated

import typer

from cyclorama.cli.console import note


def view(
    panorama: Annotated[Path, typer.Argument(help="A 2:1 picture: JPEG, PNG or WebP.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The page to write, .html.")],
    title: Annotated[str | None, typer.Option(help="The caption.  [default: the panorama's own prompt]")] = None,
) -> None:
    """Write one self-contained page with a viewer; it opens from disk without a network."""
    from cyclorama.media.viewer import write_viewer_page

    write_viewer_page(panorama, output, title=title)
    note(f"{output}: open it in a browser")
