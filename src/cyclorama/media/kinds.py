"""Whether a file is a picture or a video, by its content. Reads a few bytes."""

from pathlib import Path
from typing import Literal

from cyclorama.media.formats import recognise
from cyclorama.media.opening import check_readable, one_line_faults

_HEAD_BYTES = 192
_STARTS = (
    b"\x1aE\xdf\xa3",  # Matroska, WebM
    b"OggS",
    b"FLV\x01",
    b"\x30\x26\xb2\x75",  # ASF
    b"\x00\x00\x01\xba",  # MPEG programme stream
    b"\x00\x00\x01\xb3",
    b"\x00\x00\x00\x01",  # bare H.264 and HEVC
)
_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"moof")


def file_kind(path: str | Path) -> Literal["picture", "video"]:
    """What to read a file as; "picture" where nothing else fits. `ValueError`: no such file, a folder, empty."""
    path = Path(path)
    with one_line_faults(path):
        check_readable(path)
        with path.open("rb") as file:
            return "video" if _is_video(file.read(_HEAD_BYTES)) else "picture"


def _is_video(head: bytes) -> bool:
    if head[4:8] in _BOXES:
        return recognise(head) != "AVIF"
    transport = head[:1] == b"G" and head[188:189] == b"G"
    return transport or head.startswith(_STARTS) or (head[:4] == b"RIFF" and head[8:12] == b"AVI ")
