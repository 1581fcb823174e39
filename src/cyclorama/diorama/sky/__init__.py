"""The sky and what falls from it: light, clouds, stars and snow by the time of day and the weather."""

from cyclorama.diorama.sky.dome import Sky, make_sky

__all__ = ["Sky", "make_sky"]
