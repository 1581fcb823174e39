"""Spherical video metadata in MP4 and MOV files, both generations, read and written.

V1 is XML in a `uuid` box of the video's track. V2 is a pair of boxes in the track's sample entry: `st3d` with the
stereo mode and `sv3d` with the projection. Video players read one or the other, so both are written.
https://github.com/google/spatial-media/tree/master/docs (spherical-video-rfc.md, spherical-video-v2-rfc.md)

Angles turn the sphere before it is shown, in degrees; viewers differ in what they do with them, so rotate the pixels
instead where you can.
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from cyclorama.media.atomic import atomic_file
from cyclorama.media.boxes import Box, named_refusals, parse_boxes, read_header, read_pieces, write_file
from cyclorama.media.opening import Refusal, check_readable

STEREO_MODES = ("mono", "top-bottom", "left-right")
V1_ID = bytes.fromhex("ffcc8263f8554a938814587a02521fdd")
SOURCE = "Cyclorama"

_ENTRY_BYTES = 78  # of a visual sample entry before its boxes: ISO/IEC 14496-12, 12.1.3.2
_CODEC_BOXES = frozenset({b"avcC", b"hvcC", b"lhvC", b"av1C", b"vpcC", b"esds", b"dvcC", b"dvvC", b"glbl", b"mp4v"})
_V2_STEREO_MODES = (*STEREO_MODES, "custom", "right-left")
_V2_PROJECTIONS = {b"equi": "equirectangular", b"cbmp": "cubemap", b"mshp": "mesh"}
_V1_MAX_BYTES = 2**16
_V1_TAG = re.compile(r"<GSpherical:(\w+)>([^<]*)</")
_V1_XML = """<?xml version="1.0"?>
<rdf:SphericalVideo xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" \
xmlns:GSpherical="http://ns.google.com/videos/1.0/spherical/">
{body}
</rdf:SphericalVideo>"""


@dataclass(frozen=True)
class Spherical:
    """How a video lies on the sphere.

    `stereo_mode`: one of `STEREO_MODES`. `bounds`: the fractions of the full sphere that are missing at the top,
    bottom, left and right; a half sphere (VR180) is (0, 0, 0.25, 0.25). `generations` says where a file stated it.
    """

    projection: str = "equirectangular"
    stereo_mode: str = "mono"
    yaw_deg: float | int = 0
    pitch_deg: float | int = 0
    roll_deg: float | int = 0
    bounds: tuple[float | int, float | int, float | int, float | int] = (0, 0, 0, 0)
    generations: tuple[int, ...] = (1, 2)


def read_spherical(path: str | Path) -> Spherical | None:
    """What an MP4 or MOV file says of its first spherical track, V2 before V1; None where it says nothing.

    `ValueError`: no such file, not an MP4 or MOV file, cut off, or damaged.
    """
    path = Path(path)
    with named_refusals(path):
        check_readable(path)
        with path.open("rb") as file:
            header = read_header(file, read_pieces(file))
        found = (_read_track(track) for track in header.find(b"trak"))
        return next((spherical for spherical in found if spherical), None)


def add_spherical(path: str | Path, target: str | Path | None = None, *, spherical: Spherical | None = None) -> None:
    """Writes `path` with spherical metadata, replacing what it had, and its header first, to `target` or in place.

    Pictures and sound stay as they are, bit by bit. `ValueError`: as `read_spherical`; a file without a video track,
    a fragmented one, or metadata that cannot be written.
    """
    spherical = spherical or Spherical()
    check_spherical(spherical)
    _rewrite(Path(path), target, spherical)


def move_header_first(path: str | Path, target: str | Path | None = None) -> None:
    """Writes `path` with its header before its samples, so that playback over a network starts at once ("faststart").

    To `target` or in place. `ValueError` as `add_spherical`.
    """
    _rewrite(Path(path), target, None)


def _rewrite(path: Path, target: str | Path | None, spherical: Spherical | None) -> None:
    with named_refusals(path):
        check_readable(path)
        with path.open("rb") as source, atomic_file(target or path) as out:
            write_spherical(source, out, spherical=spherical)


def write_spherical(
    source: BinaryIO, target: BinaryIO, *, spherical: Spherical | None, header_first: bool = True
) -> None:
    """As `add_spherical` between open files; None keeps the metadata. Faults are `Refusal`s."""
    header = read_header(source, read_pieces(source))
    if spherical:
        tracks = [track for track in header.find(b"trak") if _is_video(track)]
        if not tracks:
            raise Refusal("it has no video track")
        for track in tracks:
            _mark_track(track, spherical)
    write_file(source, target, header, header_first=header_first)


def check_spherical(spherical: Spherical) -> None:
    """Raises `ValueError` for what is not written, or what the boxes cannot say."""
    if spherical.projection != "equirectangular":
        raise ValueError(f"got projection {spherical.projection!r}; only equirectangular video is written")
    if spherical.stereo_mode not in STEREO_MODES:
        raise ValueError(f"got stereo mode {spherical.stereo_mode!r}, wanted one of {', '.join(STEREO_MODES)}")
    angles = (spherical.yaw_deg, spherical.pitch_deg, spherical.roll_deg)
    if not all(abs(angle) <= limit for angle, limit in zip(angles, (180, 90, 180), strict=True)):
        raise ValueError(f"got yaw, pitch, roll of {angles} degrees, wanted at most 180, 90, 180 either way")
    top, bottom, left, right = spherical.bounds
    if not min(spherical.bounds) >= 0 or top + bottom >= 1 or left + right >= 1:
        raise ValueError(f"got bounds {spherical.bounds}, wanted fractions whose opposite sides add up to less than 1")


def _is_video(track: Box) -> bool:
    return any(box.content[8:12] == b"vide" for box in track.find(b"mdia", b"hdlr"))


def _mark_track(track: Box, spherical: Spherical) -> None:
    table, entries = _sample_entries(track)
    for entry in entries:
        _mark_entry(entry, spherical)
    table.content = table.content[:8] + b"".join(entry.to_bytes() for entry in entries)
    track.children = [child for child in track.children if not _is_v1(child)]
    track.children.append(Box(b"uuid", V1_ID + _v1_xml(spherical, entries[0]).encode()))


def _sample_entries(track: Box) -> tuple[Box, list[Box]]:
    """The `stsd` box and its entries, which say how samples are coded."""
    tables = list(track.find(b"mdia", b"minf", b"stbl", b"stsd"))
    entries = parse_boxes(tables[0].content[8:])[0] if tables else []
    if not entries or any(len(entry.content) < _ENTRY_BYTES for entry in entries):
        raise Refusal("its header is damaged: it does not say how its pictures are coded")
    return tables[0], entries


def _is_v1(box: Box) -> bool:
    return box.kind == b"uuid" and box.content.startswith(V1_ID)


def _mark_entry(entry: Box, spherical: Spherical) -> None:
    """Puts `st3d` and `sv3d` after the codec's configuration, before `pasp`, `clap` and the rest."""
    boxes, tail = parse_boxes(entry.content[_ENTRY_BYTES:])
    boxes = [box for box in boxes if box.kind not in (b"st3d", b"sv3d")]
    place = 1 + max((i for i, box in enumerate(boxes) if box.kind in _CODEC_BOXES), default=-1)
    boxes[place:place] = [_st3d(spherical), _sv3d(spherical)]
    entry.content = entry.content[:_ENTRY_BYTES] + b"".join(box.to_bytes() for box in boxes) + tail


def _st3d(spherical: Spherical) -> Box:
    return Box(b"st3d", struct.pack(">IB", 0, STEREO_MODES.index(spherical.stereo_mode)))


def _sv3d(spherical: Spherical) -> Box:
    angles = [round(angle * 2**16) for angle in (spherical.yaw_deg, spherical.pitch_deg, spherical.roll_deg)]
    bounds = [min(round(fraction * 2**32), 2**32 - 1) for fraction in spherical.bounds]
    pose = Box(b"prhd", struct.pack(">I3i", 0, *angles))
    projection = Box(b"proj", children=[pose, Box(b"equi", struct.pack(">5I", 0, *bounds))])
    return Box(b"sv3d", children=[Box(b"svhd", bytes(4) + SOURCE.encode() + b"\0"), projection])


def _v1_xml(spherical: Spherical, entry: Box) -> str:
    tags: dict[str, str | int] = {
        "Spherical": "true",
        "Stitched": "true",
        "StitchingSoftware": SOURCE,
        "ProjectionType": "equirectangular",
        "StereoMode": spherical.stereo_mode,
    }
    angles = {"Heading": spherical.yaw_deg, "Pitch": spherical.pitch_deg, "Roll": spherical.roll_deg}
    tags |= {f"InitialView{name}Degrees": round(angle) for name, angle in angles.items() if angle}
    if any(spherical.bounds):
        tags |= _v1_crop(spherical, entry)
    return _V1_XML.format(body="\n".join(f"<GSpherical:{name}>{tag}</GSpherical:{name}>" for name, tag in tags.items()))


def _v1_crop(spherical: Spherical, entry: Box) -> dict[str, int]:
    """The part of the sphere that each eye's picture covers, in its pixels."""
    width, height = struct.unpack_from(">HH", entry.content, 24)
    width //= 2 if spherical.stereo_mode == "left-right" else 1
    height //= 2 if spherical.stereo_mode == "top-bottom" else 1
    top, bottom, left, right = spherical.bounds
    full_width, full_height = width / (1 - left - right), height / (1 - top - bottom)
    return {
        "CroppedAreaImageWidthPixels": width,
        "CroppedAreaImageHeightPixels": height,
        "FullPanoWidthPixels": round(full_width),
        "FullPanoHeightPixels": round(full_height),
        "CroppedAreaLeftPixels": round(left * full_width),
        "CroppedAreaTopPixels": round(top * full_height),
    }


def _read_track(track: Box) -> Spherical | None:
    v1 = next((_read_v1(child.content[16:]) for child in track.children if _is_v1(child)), None)
    v2 = _read_v2(track) if _is_video(track) else None
    if v1 and v2:
        return replace(v2, generations=(1, 2))
    return v2 or v1


def _read_v1(xml: bytes) -> Spherical | None:
    tags = {name: text.strip() for name, text in _V1_TAG.findall(xml[:_V1_MAX_BYTES].decode("utf-8", "replace"))}
    if tags.get("Spherical", "").lower() != "true":
        return None
    yaw, pitch, roll = (_number(tags, f"InitialView{name}Degrees") for name in ("Heading", "Pitch", "Roll"))
    projection = tags.get("ProjectionType", "unknown").lower()
    stereo = tags.get("StereoMode", "mono").lower()
    return Spherical(projection, stereo, yaw, pitch, roll, _v1_bounds(tags), generations=(1,))


def _v1_bounds(tags: Mapping[str, str]) -> tuple[float, float, float, float]:
    def sides(side: str, length: str) -> tuple[float, float]:
        full, part = _number(tags, f"FullPano{length}Pixels"), _number(tags, f"CroppedAreaImage{length}Pixels")
        start = _number(tags, f"CroppedArea{side}Pixels")
        return (start / full, 1 - (start + part) / full) if full and part else (0.0, 0.0)

    return (*sides("Top", "Height"), *sides("Left", "Width"))


def _number(tags: Mapping[str, str], name: str) -> float:
    text = tags.get(name, "")
    return float(text) if re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,9})?", text, re.ASCII) else 0.0


def _read_v2(track: Box) -> Spherical | None:
    boxes = parse_boxes(_sample_entries(track)[1][0].content[_ENTRY_BYTES:])[0]
    held = {box.kind: box.content for box in boxes}
    if b"sv3d" not in held:
        return None
    inside = {box.kind: box.content for box in parse_boxes(held[b"sv3d"])[0]}
    shape = {box.kind: box.content for box in parse_boxes(inside.get(b"proj", b""))[0]}
    projection = next((name for kind, name in _V2_PROJECTIONS.items() if kind in shape), "unknown")
    mode = held.get(b"st3d", bytes(5))[4:5]
    stereo = _V2_STEREO_MODES[mode[0]] if mode and mode[0] < len(_V2_STEREO_MODES) else "unknown"
    yaw, pitch, roll = (angle / 2**16 for angle in _unpacked(">4x3i", shape.get(b"prhd", b"")))
    top, bottom, left, right = (side / 2**32 for side in _unpacked(">4x4I", shape.get(b"equi", b"")))
    return Spherical(projection, stereo, yaw, pitch, roll, (top, bottom, left, right), generations=(2,))


def _unpacked(layout: str, content: bytes) -> tuple[int, ...]:
    """The numbers of a box; zeros where it is missing or short."""
    size = struct.calcsize(layout)
    return struct.unpack(layout, content[:size].ljust(size, b"\0"))
