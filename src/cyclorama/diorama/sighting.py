"""One thing as a picture shows it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sighting:
    """Which thing, where and how large.

    `share` is the part of the sphere that it covers, 0 to 1, or of the picture where that shows less than the sphere.
    `yaw_deg` (to the right) and `pitch_deg` (up) are where its middle is from the picture's own front, `distance_m` its
    mean distance from the eye. `colour_word` is "" for a thing whose colour has no name.
    """

    thing: str
    colour_word: str
    share: float
    yaw_deg: float
    pitch_deg: float
    distance_m: float
