"""WebDataset shards as captioned pictures that are read one by one, in any order, out of the uncompressed .tar files.

A sample is a picture, its caption (`text` or `caption` of a .json, or a .txt) and perhaps `.mask.png`; the .json may
hold the other keys of `data.rows`.
"""

import json
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jaxtyping import Float
from torch import Tensor

from cyclorama.data.bad_rows import BadRows
from cyclorama.data.rows import (
    TEXT_KEYS,
    CaptionedImage,
    Projection,
    check_header,
    check_mask,
    find_key,
    picture_size,
    row_facts,
)
from cyclorama.data.shards import PICTURES, list_shards, split_name
from cyclorama.media.images import read_image


@dataclass(frozen=True)
class Span:
    """Bytes of a file."""

    path: Path
    start: int
    size: int

    def read(self) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(self.size)


@dataclass(frozen=True)
class ShardedImage(CaptionedImage):
    """A captioned picture inside a shard; `path` is the shard."""

    picture: Span | None = None
    mask_picture: Span | None = None

    def read(self) -> Float[Tensor, "3 height width"]:
        assert self.picture is not None
        return _decode(self.picture, self.where)

    def read_mask(self) -> Float[Tensor, "height width"] | None:
        return None if self.mask_picture is None else _decode(self.mask_picture, self.where).mean(0)

    def contents(self) -> list[bytes]:
        return [span.read() for span in (self.picture, self.mask_picture) if span is not None]


def read_shard_rows(path: Path, bad: BadRows, *, projection: Projection = "equirect") -> list[CaptionedImage]:
    """The good samples of a shard, or of all shards of a folder in the order of their names.

    Raises:
        ValueError: no shards, a damaged or compressed one, and a bad sample unless `bad` skips them.
    """
    items = []
    for shard in list_shards(path):
        for key, spans in _samples(shard):
            where = f"{shard} sample {key}"
            with bad.caught(where):
                items.append(_make_item(shard, spans, where, projection))
    return items


def _samples(shard: Path) -> Iterator[tuple[str, dict[str, Span]]]:
    """Key and files by extension of every sample; only the headers are read."""
    key, spans = "", {}
    for name, span in _spans(shard):
        stem, extension = split_name(name)
        if stem != key and spans:
            yield key, spans
            spans = {}
        key, spans[extension] = stem, span
    if spans:
        yield key, spans


def _spans(shard: Path) -> Iterator[tuple[str, Span]]:
    try:
        with tarfile.open(shard, "r:") as tar:
            for member in tar:
                if member.isfile():
                    yield member.name, Span(shard, member.offset_data, member.size)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ValueError(
            f"cannot read the shard {shard} ({type(error).__name__}); is it a whole .tar file, not compressed?"
        ) from None


def _make_item(shard: Path, spans: Mapping[str, Span], where: str, projection: Projection) -> ShardedImage:
    row = _read_row(spans, where)
    text = spans["txt"].read().decode("utf-8", "replace").strip() if "txt" in spans else find_key(row, TEXT_KEYS)
    if not isinstance(text, str):
        raise ValueError(f"{where} has no text in its json, and no txt; add one")
    picture = next((spans[name] for name in PICTURES if name in spans), None)
    mask = next((spans[f"mask.{name}"] for name in PICTURES if f"mask.{name}" in spans), None)
    if picture is None:
        raise ValueError(f"{where} has no {' or '.join(PICTURES)}; it has {', '.join(sorted(spans))}")
    facts = row_facts(row, where, projection)
    size = picture_size(picture.read(), where, "its picture")
    check_header(facts["projection"], size, "its picture", where)
    if mask is not None:
        check_mask(size, picture_size(mask.read(), where, "its mask"), "of the sample", where)
    return ShardedImage(shard, text, where=where, picture=picture, mask_picture=mask, **facts)


def _read_row(spans: Mapping[str, Span], where: str) -> dict:
    if "json" not in spans:
        return {}
    try:
        row = json.loads(spans["json"].read())
    except ValueError:
        raise ValueError(f"{where} has a json that is no JSON; correct it") from None
    if not isinstance(row, dict):
        raise ValueError(f"{where} has a json that is no object; correct it")
    return row


def _decode(span: Span, where: str) -> Float[Tensor, "3 height width"]:
    """Through a file of its own, because a picture is read by its path."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        path.write_bytes(span.read())
        try:
            return read_image(path)
        except ValueError as fault:
            raise ValueError(f"{where}: {str(fault).replace(str(path), 'its picture')}") from None
