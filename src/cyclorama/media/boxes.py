"""MP4 and MOV files as boxes: reads the header (`moov`), copies a file under an edited header, sample offsets kept.

A box is a size (u32, its own 8 bytes included), a kind (4 bytes) and its content; size 1 means that a u64 size follows
the kind, size 0 that the box reaches to the end. Big-endian. ISO/IEC 14496-12, sections 4.2 and 8. Only the header is
held in memory; samples are copied in blocks. Faults are `Refusal`s, to be raised inside `named_refusals`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from cyclorama.media.opening import Refusal

MAX_HEADER_BYTES = 2**27
MAX_PIECES = 100_000
MAX_DEPTH = 5  # moov, trak, mdia, minf, stbl
CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
OFFSET_TABLES = {b"stco": np.dtype(">u4"), b"co64": np.dtype(">u8")}
BLOCK_BYTES = 1 << 20

_FIRST_KINDS = frozenset(
    {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid", b"styp", b"sidx", b"moof"}
)


@dataclass
class Box:
    """A box of the header. `content` is all of it, or what precedes `children`; `tail` is zero padding after them."""

    kind: bytes
    content: bytes = b""
    children: list["Box"] = field(default_factory=list)
    tail: bytes = b""

    def size(self) -> int:
        return 8 + len(self.content) + sum(child.size() for child in self.children) + len(self.tail)

    def to_bytes(self) -> bytes:
        inside = b"".join(child.to_bytes() for child in self.children)
        return self.size().to_bytes(4) + self.kind + self.content + inside + self.tail

    def find(self, *path: bytes) -> Iterator["Box"]:
        """All boxes under this one along a path of kinds."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.kind == path[0]:
                yield from child.find(*path[1:])


@dataclass(frozen=True)
class Piece:
    """A box at the top of a file: bytes [start, end), its content from `content` on."""

    kind: bytes
    start: int
    content: int
    end: int


@contextmanager
def named_refusals(path: Path) -> Iterator[None]:
    """Turns a `Refusal` into `ValueError("cannot read <path>: <reason>")`; other faults pass, as a full disk's."""
    try:
        yield
    except Refusal as fault:
        raise ValueError(f"cannot read {path}: {fault}") from fault


def read_pieces(file: BinaryIO) -> list[Piece]:
    """The boxes at the top of a file. `Refusal`: not an MP4 or MOV file, or cut off."""
    length = file.seek(0, os.SEEK_END)
    pieces, start = [], 0
    while start < length and len(pieces) < MAX_PIECES:
        file.seek(start)
        kind, head, size = _read_head(file.read(16), length - start)
        if not pieces and kind not in _FIRST_KINDS:
            raise Refusal("it is not an MP4 or MOV file")
        if start + size > length:
            raise Refusal(f"the file is cut off: it has {length} of at least {start + size} bytes; copy it again")
        pieces.append(Piece(kind, start, start + head, start + size))
        start += size
    if start < length:
        raise Refusal(f"it has more than {MAX_PIECES} boxes; rewrite it: ffmpeg -i IN -c copy OUT.mp4")
    return pieces


def _read_head(head: bytes, room: int) -> tuple[bytes, int, int]:
    """(kind, bytes before the content, bytes in all) of a box that has `room` bytes at most; kind b"" is padding."""
    kind, size, length = head[4:8], int.from_bytes(head[:4]), 8
    if room < 8:
        return b"", room, room
    if size == 1 and len(head) == 16:
        size, length = int.from_bytes(head[8:]), 16
    elif size == 0:
        size = room
    if size < length or len(head) < length:
        raise Refusal("its boxes are damaged; repair it: ffmpeg -i IN -c copy OUT.mp4")
    return kind, length, size


def read_header(file: BinaryIO, pieces: list[Piece]) -> Box:
    """The `moov` box. `Refusal` where there is not exactly one, or it is compressed, huge or damaged."""
    places = [piece for piece in pieces if piece.kind == b"moov"]
    if len(places) != 1:
        raise Refusal(f"it has {len(places)} headers (moov boxes), wanted 1; the recording may not have been finished")
    piece = places[0]
    if piece.end - piece.content > MAX_HEADER_BYTES:
        raise Refusal(
            f"its header has {piece.end - piece.content} bytes, more than the {MAX_HEADER_BYTES} that are read"
        )
    file.seek(piece.content)
    header = Box(b"moov")
    header.children, header.tail = parse_boxes(file.read(piece.end - piece.content))
    if any(header.find(b"cmov")):
        raise Refusal("its header is compressed; rewrite it: ffmpeg -i IN -c copy OUT.mp4")
    return header


def parse_boxes(data: bytes, depth: int = 1) -> tuple[list[Box], bytes]:
    """The boxes of a container's content, and fewer than 8 bytes of zero padding after them."""
    boxes, start = [], 0
    while len(data) - start >= 8:
        if len(boxes) == MAX_PIECES:
            raise Refusal(f"its header is damaged: more than {MAX_PIECES} boxes in one")
        kind, head, size = _read_head(data[start : start + 16], len(data) - start)
        if start + size > len(data):
            raise Refusal("its header is damaged: a box is larger than the one that holds it")
        boxes.append(_parse_box(kind, data[start + head : start + size], depth))
        start += size
    if any(data[start:]):
        raise Refusal("its header is damaged: bytes between boxes")
    return boxes, data[start:]


def _parse_box(kind: bytes, content: bytes, depth: int) -> Box:
    if kind not in CONTAINERS or depth == MAX_DEPTH:
        return Box(kind, content)
    children, tail = parse_boxes(content, depth + 1)
    return Box(kind, b"", children, tail)


def check_rewritable(pieces: list[Piece], header: Box) -> None:
    """Raises `Refusal` for files that point into their samples from places other than the tables of offsets."""
    hint = "rewrite it: ffmpeg -i IN -c copy OUT.mp4"
    kinds = {piece.kind for piece in pieces}
    if b"moof" in kinds or any(header.find(b"mvex")):
        raise Refusal(f"it is a fragmented (streaming) file; {hint}")
    if b"meta" in kinds or any(b"iloc" in box.content for box in header.find(b"meta")):
        raise Refusal(f"it holds items outside its tracks; {hint}")
    if any(header.find(b"trak", b"mdia", b"minf", b"stbl", b"saio")):
        raise Refusal("it is encrypted; give a file without copy protection")


def write_file(source: BinaryIO, target: BinaryIO, header: Box, *, header_first: bool) -> None:
    """Copies an MP4 file under another header (edited by the caller), whose tables of sample offsets are set here.

    The header comes before the samples or stays where it was. `target` is at its start. `Refusal` as
    `check_rewritable`, and for offsets that point nowhere.
    """
    pieces = read_pieces(source)
    check_rewritable(pieces, header)
    order = _reordered(pieces) if header_first else pieces
    _shift_offsets(header, order)
    for piece in order:
        if piece.kind == b"moov":
            target.write(header.to_bytes())
        else:
            _copy(source, target, piece)


def _reordered(pieces: list[Piece]) -> list[Piece]:
    """The header after the file type and before everything else."""
    header = [piece for piece in pieces if piece.kind == b"moov"]
    first = [piece for piece in pieces[:1] if piece.kind == b"ftyp"]
    return first + header + [piece for piece in pieces[len(first) :] if piece.kind != b"moov"]


def _shift_offsets(header: Box, order: list[Piece]) -> None:
    """Sets every offset for the new places of the pieces; a `stco` that overflows becomes `co64`, which moves them."""
    sample_tables = header.find(b"trak", b"mdia", b"minf", b"stbl")
    boxes = [box for table in sample_tables for box in table.children if box.kind in OFFSET_TABLES]
    offsets = [_read_offsets(box) for box in boxes]
    overflown = boxes
    while overflown:
        starts = _new_starts(header, order)
        moved = [_moved(table, order, starts) for table in offsets]
        overflown = [box for box, table in zip(boxes, moved, strict=True) if _overflows(box, table)]
        for box in overflown:
            box.kind = b"co64"
        for box, table in zip(boxes, moved, strict=True):
            box.content = bytes(4) + len(table).to_bytes(4) + table.astype(OFFSET_TABLES[box.kind]).tobytes()


def _new_starts(header: Box, order: list[Piece]) -> np.ndarray:
    sizes = [header.size() if piece.kind == b"moov" else piece.end - piece.start for piece in order]
    return np.cumsum([0, *sizes], dtype=np.int64)[:-1]


def _read_offsets(box: Box) -> np.ndarray:
    entry, count = OFFSET_TABLES[box.kind], int.from_bytes(box.content[4:8])
    if len(box.content) < 8 + count * entry.itemsize:
        raise Refusal("its table of sample offsets is damaged")
    return np.frombuffer(box.content, entry, count, offset=8).astype(np.int64)


def _moved(offsets: np.ndarray, order: list[Piece], starts: np.ndarray) -> np.ndarray:
    """Offsets into the source file -> offsets into the file whose pieces start at `starts`."""
    rank = np.argsort([piece.start for piece in order])
    old_starts = np.array([order[i].start for i in rank], dtype=np.int64)
    kept = np.array([order[i].kind != b"moov" for i in rank])
    where = np.searchsorted(old_starts, offsets, side="right") - 1
    end = max(piece.end for piece in order)
    if ((offsets < 0) | (offsets > end) | ~kept[where]).any():
        raise Refusal("its table of sample offsets points outside its samples; the file is damaged or incomplete")
    return offsets + (starts[rank] - old_starts)[where]


def _overflows(box: Box, offsets: np.ndarray) -> bool:
    return box.kind == b"stco" and int(offsets.max(initial=0)) >= 2**32


def _copy(source: BinaryIO, target: BinaryIO, piece: Piece) -> None:
    source.seek(piece.start)
    left = piece.end - piece.start
    while left:
        block = source.read(min(left, BLOCK_BYTES))
        if not block:
            raise Refusal("the file was cut off while it was read")
        target.write(block)
        left -= len(block)
