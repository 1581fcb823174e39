"""What rays meet in a world."""

from cyclorama.diorama.tracing.hits import GROUND, ROOM, SKY, WATER, Hits
from cyclorama.diorama.tracing.trace import ground_normals, trace, trace_mirrored

__all__ = ["GROUND", "ROOM", "SKY", "WATER", "Hits", "ground_normals", "trace", "trace_mirrored"]
