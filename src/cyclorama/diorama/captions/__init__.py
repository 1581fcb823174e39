"""Captions of scenes: writing them, and reading what they name."""

from cyclorama.diorama.captions.directions import DIRECTIONS, direction_captions
from cyclorama.diorama.captions.lexicon import vocabulary
from cyclorama.diorama.captions.reading import labels_in, objects_in
from cyclorama.diorama.captions.writing import CAPTION_WORDS_MAX, write_caption

__all__ = [
    "CAPTION_WORDS_MAX",
    "DIRECTIONS",
    "direction_captions",
    "labels_in",
    "objects_in",
    "vocabulary",
    "write_caption",
]
