"""Captioned pictures from wherever they are: one list, whatever the layout.

- a folder with `metadata.jsonl` or `metadata.csv` (Hugging Face's image folder, `cyclorama render`);
- a .jsonl or .csv of such rows (DiT360's `{"image", "caption", "mask"}`), file names relative to it;
- a .tar or a folder of them (WebDataset shards).
"""

from pathlib import Path

from cyclorama.data.bad_rows import BadRows
from cyclorama.data.folder import read_folder, read_list
from cyclorama.data.rows import CaptionedImage, Projection
from cyclorama.data.sharded import read_shard_rows

LISTS = (".jsonl", ".csv")


def open_pictures(source: str | Path, bad: BadRows, *, projection: Projection = "equirect") -> list[CaptionedImage]:
    """The good rows, each with a text, of a folder, a list or shards; `projection` is that of rows which state none.

    Headers are looked at now; what shows in the pixels alone, such as a JPEG that is cut off, shows when it is read.

    Raises:
        ValueError: a missing or empty source, a bad row unless `bad` skips them, no good row at all.
    """
    source = Path(source)
    items = []
    for item in _rows(source, bad, projection):
        with bad.caught(item.where):
            items.append(_with_text(item))
    if not items:
        raise ValueError(f"no good picture in {source} ({len(bad.faults)} bad rows); the first: {_first(bad)}")
    return items


def _rows(source: Path, bad: BadRows, projection: Projection) -> list[CaptionedImage]:
    if source.suffix.lower() == ".tar" or (source.is_dir() and any(source.glob("*.tar"))):
        return read_shard_rows(source, bad, projection=projection)
    if source.suffix.lower() in LISTS:
        return read_list(source, bad, projection=projection)
    return read_folder(source, bad, projection=projection)


def _with_text(item: CaptionedImage) -> CaptionedImage:
    if not item.text.strip():
        raise ValueError(f"{item.where}: the caption is empty; say what the picture shows")
    return item


def _first(bad: BadRows) -> str:
    return bad.faults[0] if bad.faults else "there is no row"
