"""MP4 boxes: the samples stay what they are wherever the header goes. PyAV's decoder is the independent reader."""

import itertools
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from cyclorama.media import boxes
from cyclorama.media.spherical import add_spherical, move_header_first, read_spherical
from tests.media.small_videos import encode, packets


def kinds(path):
    with path.open("rb") as file:
        return [piece.kind for piece in boxes.read_pieces(file)]


def test_header_moves_first_and_nothing_else_changes(tmp_path):
    plain = encode(tmp_path / "p.mp4", sound=True)
    assert kinds(plain)[-1] == b"moov"
    move_header_first(plain, tmp_path / "first.mp4")
    assert kinds(tmp_path / "first.mp4")[1] == b"moov"
    assert sorted(kinds(tmp_path / "first.mp4")) == sorted(kinds(plain))
    assert packets(tmp_path / "first.mp4") == packets(plain)
    assert read_spherical(tmp_path / "first.mp4") is None


def rebuilt(path, target, change):
    """A copy of a file with its header last, whose boxes at the top were given to `change` as (kind, content)."""
    data, pieces = path.read_bytes(), []
    with path.open("rb") as file:
        for piece in boxes.read_pieces(file):
            pieces.append((piece.kind, data[piece.content : piece.end]))
    target.write_bytes(b"".join(change(kind, content) for kind, content in pieces))
    return target


def test_samples_in_a_box_of_64_bit_size(tmp_path):
    plain = encode(tmp_path / "p.mp4")
    with plain.open("rb") as file:
        free, mdat = (next(p for p in boxes.read_pieces(file) if p.kind == kind) for kind in (b"free", b"mdat"))
    assert free.end == mdat.start
    data = bytearray(plain.read_bytes())
    size = mdat.end - free.start
    data[free.start : mdat.content] = struct.pack(">I4sQ", 1, b"mdat", size)  # takes the place of `free`
    large = tmp_path / "large.mp4"
    large.write_bytes(data)
    add_spherical(large, tmp_path / "marked.mp4")
    assert packets(tmp_path / "marked.mp4") == packets(plain)


def test_samples_in_a_box_that_reaches_to_the_end(tmp_path):
    plain = encode(tmp_path / "p.mp4", movflags="faststart")
    with plain.open("rb") as file:
        mdat = boxes.read_pieces(file)[-1]
    data = bytearray(plain.read_bytes())
    data[mdat.start : mdat.start + 4] = bytes(4)
    (tmp_path / "open.mp4").write_bytes(data)
    add_spherical(tmp_path / "open.mp4", tmp_path / "marked.mp4")
    assert packets(tmp_path / "marked.mp4") == packets(plain)


def test_headers_of_64_bit_size_and_reaching_to_the_end(tmp_path):
    plain = encode(tmp_path / "p.mp4")

    def widen(kind, content):
        if kind != b"moov":
            return struct.pack(">I4s", 8 + len(content), kind) + content
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content

    def open_end(kind, content):
        return struct.pack(">I4s", 0 if kind == b"moov" else 8 + len(content), kind) + content

    for change in (widen, open_end):
        add_spherical(rebuilt(plain, tmp_path / "odd.mp4", change), tmp_path / "marked.mp4")
        assert packets(tmp_path / "marked.mp4") == packets(plain)


def test_offsets_beyond_32_bits_become_64_bit(tmp_path):
    """Sparse: 4 GiB of nothing stand between the samples' box and the header, so the samples' offsets overflow."""
    plain = encode(tmp_path / "p.mp4")
    with plain.open("rb") as file:
        pieces = boxes.read_pieces(file)
        header = boxes.read_header(file, pieces)
    gap = boxes.Piece(b"free", 2**33, 2**33 + 8, 2**33 + 2**32)  # as if it stood before the samples
    order = [pieces[0], gap, *pieces[1:]]
    before = [offset for box in tables(header) for offset in boxes._read_offsets(box)]
    boxes._shift_offsets(header, order)
    after = [offset for box in tables(header) for offset in boxes._read_offsets(box)]
    assert {box.kind for box in tables(header)} == {b"co64"}
    np.testing.assert_array_equal(np.subtract(after, before), 2**32)


def tables(header):
    inside = itertools.chain.from_iterable(box.children for box in header.find(b"trak", b"mdia", b"minf", b"stbl"))
    return [box for box in inside if box.kind in boxes.OFFSET_TABLES]


def test_wide_offsets_decode(tmp_path):
    plain = encode(tmp_path / "p.mp4", movflags="faststart", sound=True)
    with plain.open("rb") as file:
        header = boxes.read_header(file, boxes.read_pieces(file))
        for box in tables(header):
            offsets = boxes._read_offsets(box)
            box.kind, box.content = b"co64", box.content[:8] + offsets.astype(">u8").tobytes()
        with (tmp_path / "wide.mp4").open("wb") as target:
            boxes.write_file(file, target, header, header_first=True)
    assert packets(tmp_path / "wide.mp4") == packets(plain)
    add_spherical(tmp_path / "wide.mp4")
    assert packets(tmp_path / "wide.mp4") == packets(plain)


def test_memory_does_not_grow_with_the_samples(tmp_path):
    plain = encode(tmp_path / "p.mp4")
    data = plain.read_bytes()
    size = 2**27
    with (tmp_path / "big.mp4").open("wb") as file:  # sparse
        file.write(data)
        file.write(struct.pack(">I4s", size, b"free"))
        file.truncate(len(data) + size)
    tracemalloc.start()
    with (tmp_path / "big.mp4").open("rb") as source:
        header = boxes.read_header(source, boxes.read_pieces(source))
        with Path("/dev/null").open("wb") as nowhere:
            boxes.write_file(source, nowhere, header, header_first=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * boxes.BLOCK_BYTES


@pytest.mark.parametrize("movflags", ["frag_keyframe", "empty_moov+frag_keyframe", "empty_moov+dash"])
def test_fragmented_files_are_refused_in_one_line(tmp_path, movflags):
    path = encode(tmp_path / "p.mp4", movflags=movflags)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="fragmented") as fault:
        add_spherical(path)
    assert "\n" not in str(fault.value)
    assert path.read_bytes() == before
    assert [place.name for place in tmp_path.iterdir()] == ["p.mp4"]


def test_bombs_of_boxes_are_no_trouble(tmp_path, monkeypatch):
    monkeypatch.setattr(boxes, "MAX_PIECES", 1000)

    def box(kind, content):
        return struct.pack(">I4s", 8 + len(content), kind) + content

    nested = b""
    for _ in range(3000):
        nested = box(b"trak", nested)
    many = box(b"free", b"") * (boxes.MAX_PIECES + 1)
    for name, bomb in {"nested": box(b"moov", nested), "many": box(b"moov", many), "top": many}.items():
        (tmp_path / name).write_bytes(box(b"ftyp", b"isom") + bomb)
        with pytest.raises(ValueError, match="cannot read"):
            add_spherical(tmp_path / name)
