"""The camera of a photo: what the user says, then what EXIF says, then what the packaged network guesses."""

from pathlib import Path

from jaxtyping import Float
from torch import Tensor

from cyclorama.geometry.rotations import Degrees
from cyclorama.media.exif_camera import fov_from_exif
from cyclorama.models.photo_camera import Camera, CameraNetwork, estimate_camera, load_camera_network

_WORDS = {"fov_deg": "field of view", "pitch_deg": "pitch", "roll_deg": "roll"}


def photo_camera(
    path: str | Path,
    photo: Float[Tensor, "3 height width"],
    *,
    fov_deg: Degrees | None = None,
    pitch_deg: Degrees | None = None,
    roll_deg: Degrees | None = None,
    network: CameraNetwork | None = None,
) -> tuple[Camera, str]:
    """The camera of the photo (in [0, 1], upright) that was read from `path`, and one line that says where it is from.

    What is given is taken as given; the line is empty where all of it is. The network is loaded only where it is asked.

    Raises:
        ValueError: for a file that is missing or no picture, a field of view not in (0, 180), and where a guess is
            needed, when the packaged weights are missing.
    """
    given = {"fov_deg": fov_deg, "pitch_deg": pitch_deg, "roll_deg": roll_deg}
    if fov_deg is not None and not 0 < fov_deg < 180:
        raise ValueError(f"got a field of view of {fov_deg} degrees, wanted more than 0 and less than 180")
    exif = fov_from_exif(path) if fov_deg is None else None
    known = {angle: value for angle, value in {**given, "fov_deg": exif or fov_deg}.items() if value is not None}
    unknown = [angle for angle in given if angle not in known]
    said = [] if exif is None else [f"field of view {exif:.0f} degrees from EXIF"]
    if unknown:
        network = load_camera_network() if network is None else network
        guessed = vars(estimate_camera(photo, network))
        known |= {angle: guessed[angle] for angle in unknown}
        said.append(_describe_guess({angle: guessed[angle] for angle in unknown}, network))
    return Camera(**known), "; ".join(said)


def _describe_guess(angles: dict[str, float], network: CameraNetwork) -> str:
    said = ", ".join(f"{_WORDS[angle]} {value:.0f}" for angle, value in angles.items())
    errors = [f"{network.errors_deg[angle]:.0f}" for angle in angles if angle in network.errors_deg]
    typical = f" (on views of the diorama half of the guesses are within {', '.join(errors)} degrees)" if errors else ""
    return f"{said} degrees estimated{typical}"
