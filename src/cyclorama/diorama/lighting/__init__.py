"""Light on what rays met: sun and sky with shadows outdoors, windows and lamps indoors."""

from cyclorama.diorama.lighting.shade import shade

__all__ = ["shade"]
