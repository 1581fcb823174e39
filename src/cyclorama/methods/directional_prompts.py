"""Prompts for directions: what a panorama shows above, below, to the left, and things that stand somewhere.

A file has a line for each, `PITCH, YAW: TEXT` in degrees, `*` for any yaw, and `PITCH, YAW, SIZE: TEXT` for a thing of
that size. Empty lines and lines that begin with # say nothing:

    # a village in winter
    90, *: a starry sky
    0, *: a snowy village
    0, 120: a frozen lake
    -90, *: snow
    -5, 30, 25: a red lighthouse
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from cyclorama.geometry.rotations import Degrees, rotation_matrix
from cyclorama.geometry.sphere import dirs_to_lonlat

FAINT = 0.05
"""A prompt with a smaller share in a view, by its largest one, is left out."""
LARGEST_DEG = 60.0
"""The largest thing."""
REACH_DEG = 30.0
"""How far from its direction a prompt with a yaw goes before one for any yaw of the same height."""
NEAR_DEG = 1e-6
"""Prompts no farther apart are as near."""
_WANTED = "wanted PITCH, YAW: TEXT or PITCH, YAW, SIZE: TEXT, in degrees, * for any yaw"


@dataclass(frozen=True)
class DirectedPrompt:
    """A prompt and its direction; `yaw_deg` None is all around, `size_deg` makes it a thing."""

    text: str
    pitch_deg: Degrees = 0.0
    yaw_deg: Degrees | None = None
    size_deg: Degrees | None = None

    @property
    def rotation(self) -> Float[np.ndarray, "3 3"]:
        """The `cam_to_world` of a camera that looks there; ahead for any yaw."""
        return rotation_matrix(self.yaw_deg or 0.0, self.pitch_deg)


def prompts_by_height(prompt: str) -> list[DirectedPrompt]:
    """One sentence for a whole panorama: steep views are told where they look, or they would show a second horizon."""
    return [
        DirectedPrompt(prompt),
        DirectedPrompt(f"{prompt}, looking up", 90.0),
        DirectedPrompt(f"{prompt}, looking down", -90.0),
    ]


def read_request(prompt: str, method: str) -> list[DirectedPrompt]:
    """The sentence, or the lines of a text file, which the sphere method takes: what `cyclorama generate` is given.

    Raises:
        ValueError: for an empty prompt, a file that cannot be read, and one for the adapter.
    """
    if not prompt.strip():
        raise ValueError("got an empty prompt; wanted a sentence that says what to show")
    if not prompt.endswith(".txt"):
        return [DirectedPrompt(prompt)]
    if method != "sphere":
        raise ValueError(f"got the directions {prompt} for the method {method}; add --method sphere")
    return read_prompts(Path(prompt))


def read_prompts(path: Path) -> list[DirectedPrompt]:
    """The prompts of a file.

    Raises:
        ValueError: with the number of the line that cannot be read, or for a file that gives no prompt but things.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"cannot read {path} ({error}); wanted a text file of lines like 0, *: a snowy village"
        ) from error
    numbered = [(number, line.strip()) for number, line in enumerate(lines, start=1)]
    prompts = [_read_line(line, f"{path}:{number}") for number, line in numbered if line and not line.startswith("#")]
    if all(prompt.size_deg is not None for prompt in prompts):
        raise ValueError(f"got no prompt for the surroundings in {path}; add a line like 0, *: a snowy village")
    return prompts


def _read_line(line: str, where: str) -> DirectedPrompt:
    place, colon, text = line.partition(":")
    numbers = [part.strip() for part in place.split(",")]
    if not colon or not text.strip() or len(numbers) not in (2, 3):
        raise ValueError(f"{where}: got {line!r}; {_WANTED}")
    try:
        pitch, yaw, size = float(numbers[0]), None if numbers[1] == "*" else float(numbers[1]), None
        size = float(numbers[2]) if len(numbers) == 3 else None
    except ValueError:
        raise ValueError(f"{where}: got {place!r} for the direction; {_WANTED}") from None
    if not -90 <= pitch <= 90 or not math.isfinite(yaw or 0):
        raise ValueError(f"{where}: got the direction {place!r}; wanted a pitch of -90 to 90 and a finite yaw")
    if size is not None and (yaw is None or not 0 < size <= LARGEST_DEG):
        raise ValueError(
            f"{where}: got the size {numbers[2]} at yaw {numbers[1]}; wanted one above 0, to {LARGEST_DEG:g}, and a yaw"
        )
    return DirectedPrompt(text.strip(), pitch, yaw, size)


def mixture(
    prompts: Sequence[DirectedPrompt], rotations: Float[np.ndarray, "views 3 3"], *, softness_deg: Degrees = 8.0
) -> Float[np.ndarray, "views prompts"]:
    """How much of each prompt every view is told; rows sum to 1. Things have no share.

    A prompt counts by how much closer the view's gaze is to another one's direction, in units of `softness_deg`:
    halfway between two it is half and half. With 0 the nearest alone is told, of two as near the first.
    """
    apart = np.stack([_degrees_apart(prompt, rotations) for prompt in prompts], axis=1)
    farther = apart - apart.min(axis=1, keepdims=True)
    if softness_deg == 0:
        return np.eye(len(prompts))[np.argmax(farther < NEAR_DEG, axis=1)]
    shares = np.exp(-farther / softness_deg)
    shares /= shares.sum(axis=1, keepdims=True)
    shares[shares < FAINT * shares.max(axis=1, keepdims=True)] = 0
    return shares / shares.sum(axis=1, keepdims=True)


def _degrees_apart(prompt: DirectedPrompt, rotations: Float[np.ndarray, "views 3 3"]) -> Float[np.ndarray, " views"]:
    """From each view's gaze to the prompt's direction, less its reach, or to the nearest point of its circle."""
    if prompt.size_deg is not None:
        return np.full(len(rotations), np.inf)
    gazes = -rotations[:, :, 2]
    if prompt.yaw_deg is None:
        return np.abs(np.degrees(dirs_to_lonlat(gazes)[1]) - prompt.pitch_deg)
    return np.degrees(np.arccos(np.clip(gazes @ -prompt.rotation[:, 2], -1, 1))) - REACH_DEG
