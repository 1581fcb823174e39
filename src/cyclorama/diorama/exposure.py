"""From the light of a scene to display values: exposure, a film's curve, and the display's gamma.

`display` gives what a screen emits, which is what neighbouring rays of one pixel are averaged in; `develop` encodes it.
"""

from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.noise import Real

GAMMA = 2.2
CONTRAST, MIDDLE, WHITE = 1.22, 0.62, 1.07
"""The curve is WHITE x^c / (x^c + MIDDLE) with c = CONTRAST: a toe, a nearly straight middle and a long shoulder."""
INDOORS = {"dawn": 1.7, "noon": 1.5, "sunset": 1.7, "night": 1.8}


def exposure_of(time: str, *, indoors: bool) -> Real:
    """How much brighter a scene is shown: in rooms cameras adapt to the dark, but not all the way."""
    return INDOORS[time] if indoors else 1.0


def display(light: Float[Tensor, "*n 3"], exposure: Real = 1.0) -> Float[Tensor, "*n 3"]:
    """Light of a scene as the light of a screen, in [0, 1]."""
    curved = (light * exposure).clamp(min=0) ** CONTRAST
    return (WHITE * curved / (curved + MIDDLE)).clamp(max=1)


def develop(light: Float[Tensor, "*n 3"]) -> Float[Tensor, "*n 3"]:
    """The display values, in [0, 1], that make a screen emit the light."""
    return light ** (1 / GAMMA)


def light_shown_as(value: float) -> float:
    """The light that is shown as a display value in [0, 1] at exposure 1: inverse to `develop(display(light))`."""
    shown = value**GAMMA
    return (MIDDLE * shown / (WHITE - shown)) ** (1 / CONTRAST)
