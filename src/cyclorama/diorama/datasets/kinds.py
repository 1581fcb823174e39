"""What every kind of data set can do: write one scene's files into a folder and describe them."""

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from cyclorama.diorama.scene import Scene

Row = dict[str, Any]
FILE_FIELDS = ("file_name", "depth", "normals", "ids")
"""The fields of a row that name files."""


@runtime_checkable
class Kind(Protocol):
    """One kind of data set. `frames` is the number of pictures that a scene is rendered into."""

    @property
    def height(self) -> int: ...

    @property
    def frames(self) -> int: ...

    def resized(self, height: int, frames: int) -> "Kind":
        """The same kind, smaller, for estimates: `frames` is a wish where a scene has one picture."""
        ...

    def fits(self, scene: Scene) -> bool:
        """Whether the scene can be written: it has a free path, if one is needed."""
        ...

    def write(self, scene: Scene, folder: Path, device: str = "cpu") -> list[Row]:
        """Write a scene's files, named by `key_of`, and return the rows of the metadata: one for every picture.

        Rendering is done on the device of torch.
        """
        ...


def key_of(scene: Scene) -> str:
    """What the files of a scene are called: its seed in six digits or more."""
    return f"{scene.seed:06d}"


def labels_of(scene: Scene) -> Row:
    """The scene's own fields of a row."""
    return {"place": scene.place, "time": scene.time, "sky": scene.sky, "seed": scene.seed}
