"""A contact sheet of the diorama: every place, time and sky, the first seeds, unselected, with their captions."""

import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from cyclorama.diorama.datasets.kinds import Row
from cyclorama.diorama.datasets.pictures import Panoramas
from cyclorama.diorama.datasets.workers import Job, rendered_scenes
from cyclorama.diorama.scene import PLACES, TIMES, Scene, skies_of
from cyclorama.media.atomic import atomic_file, check_folder

NUM_SCENES, COLUMNS, HEIGHT = 48, 6, 256
MAX_BYTES = 1_500_000
QUALITIES = (92, 88, 84, 80, 76, 72, 68, 64, 60, 50, 40)
MARGIN, GAP, ROW_GAP, TITLE_GAP, LINE_GAP = 44, 28, 20, 11, 5
TITLE_PX, TEXT_PX = 20, 16
PAPER, INK, PALE_INK = (250, 249, 246), (38, 38, 36), (118, 116, 110)
SUFFIXES = (".jpg", ".jpeg")


def sheet_scenes(count: int = NUM_SCENES, *, seed: int = 0) -> list[Scene]:
    """Scenes of the seeds from `seed` on: all places in turn, times and skies in turn beside them."""
    scenes = []
    for number in range(count):
        place = PLACES[number % len(PLACES)]
        skies = skies_of(place)
        time, sky = TIMES[(number + 1) % len(TIMES)], skies[(number + number // len(PLACES)) % len(skies)]
        scenes.append(Scene(place, time, sky, seed + number))
    return scenes


def write_contact_sheet(
    path: str | Path,
    scenes: Sequence[Scene],
    *,
    columns: int = COLUMNS,
    height: int = HEIGHT,
    workers: int = 1,
    device: str = "cpu",
    update: Callable[[str, int, int], None] | None = None,
) -> None:
    """Render the scenes as panoramas of `height` rows into one JPEG of at most 1.5 MB, captions below each.

    Raises ValueError, before anything is rendered, for a path that is no .jpg or cannot be written, and no scenes.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        got = path.suffix or "no extension"
        raise ValueError(f"cannot write {path}: got {got}, wanted one of {', '.join(SUFFIXES)}")
    if not scenes or columns < 1:
        raise ValueError(f"got {len(scenes)} scenes in {columns} columns, wanted at least one of each")
    check_folder(path)
    save_sheet(path, _thumbnails(scenes, height, workers, device, update), columns=columns)


def save_sheet(path: Path, shown: Sequence[tuple[Image.Image, Row]], *, columns: int = COLUMNS) -> None:
    """Pictures of one size in one JPEG of at most 1.5 MB, `place`, `time`, `sky`, `seed` and `text` below each."""
    content = _jpeg(_sheet(shown, min(columns, len(shown))))
    with atomic_file(path) as file:
        file.write(content)


def _thumbnails(
    scenes: Sequence[Scene], height: int, workers: int, device: str, update: Callable[[str, int, int], None] | None
) -> list[tuple[Image.Image, Row]]:
    with tempfile.TemporaryDirectory() as folder:
        jobs = [Job(scene, Panoramas(height), Path(folder) / f"{k}", device) for k, scene in enumerate(scenes)]
        shown = []
        for job, [row] in rendered_scenes(jobs, workers):
            with Image.open(job.folder / row["file_name"]) as picture:
                shown.append((picture.convert("RGB"), row))
            if update:
                update(job.scene.place, len(shown), len(scenes))
        return shown


def _sheet(shown: Sequence[tuple[Image.Image, Row]], columns: int) -> Image.Image:
    width, height = shown[0][0].size
    texts = [_lines(row["text"], width) for _, row in shown]
    below = TITLE_GAP + TITLE_PX + max(map(len, texts)) * (TEXT_PX + LINE_GAP) + LINE_GAP
    rows = -(-len(shown) // columns)
    size = 2 * MARGIN + columns * (width + GAP) - GAP, 2 * MARGIN + rows * (height + below + ROW_GAP) - ROW_GAP
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, ((picture, row), lines) in enumerate(zip(shown, texts, strict=True)):
        left = MARGIN + number % columns * (width + GAP)
        top = MARGIN + number // columns * (height + below + ROW_GAP)
        sheet.paste(picture, (left, top))
        _write_caption(draw, row, lines, (left, top + height + TITLE_GAP, width))
    return sheet


def _write_caption(draw: ImageDraw.ImageDraw, row: Row, lines: Sequence[str], place: tuple[int, int, int]) -> None:
    """The labels in dark ink with the seed at the right, and the sentence below them in pale ink."""
    title, small, (left, top, width) = ImageFont.load_default(TITLE_PX), ImageFont.load_default(TEXT_PX), place
    draw.text((left, top), f"{row['place']}  ·  {row['time']}  ·  {row['sky']}", fill=INK, font=title)
    draw.text((left + width, top + 2), f"seed {row['seed']}", fill=PALE_INK, font=small, anchor="ra")
    for number, line in enumerate(lines):
        y = top + TITLE_PX + LINE_GAP + 2 + number * (TEXT_PX + LINE_GAP)
        draw.text((left, y), line, fill=PALE_INK, font=small)


def _lines(text: str, width: int) -> list[str]:
    """The text broken between words where it would be wider than the picture."""
    font, lines = ImageFont.load_default(TEXT_PX), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _jpeg(sheet: Image.Image) -> bytes:
    """The best quality whose file is small enough."""
    content = b""
    for quality in QUALITIES:
        file = io.BytesIO()
        sheet.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
        content = file.getvalue()
        if len(content) <= MAX_BYTES:
            break
    return content
