"""Captions for panoramas: from a file, or by any image-text-to-text model of transformers, from a folder.

The model is asked about four views, to the front, right, back and left, one at a time, and then, as text only, to sum
up in one sentence what it said: it was trained on photographs, not on equirects.
"""

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from einops import rearrange
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from cyclorama.geometry.reprojection import equirect_to_perspective

QUESTION = "Describe this place in one sentence: what kind of place it is, and the largest things in it."
SUMMARY = (
    "These sentences describe what is to the front, to the right, behind and to the left in one place:\n{texts}\n"
    "Describe the whole place in one sentence of at most 30 words, without directions."
)
VIEWS = {"front": 0, "right": 90, "back": 180, "left": -90}
VIEW_SIZE, VIEW_FOV_DEG = 384, 90
MOST_TOKENS = 80
_FAULTS = (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError, ImportError)


@dataclass(frozen=True)
class CaptionFile:
    """Texts by the name of a picture or of a scene; `read_captions` makes it."""

    texts: Mapping[str, str]

    def text_of(self, scene: str, file_name: str) -> str:
        """The picture's own text, else its scene's, else ""."""
        return self.texts.get(file_name) or self.texts.get(scene, "")


def read_captions(path: str | Path) -> CaptionFile:
    """Texts of a .jsonl, rows with `text` and `file_name` or `scene`, or of a .txt, lines "name: text".

    Raises:
        ValueError: a missing file, one of another kind or without texts, a bad line (with its number).
    """
    path = Path(path)
    if not path.is_file() or path.suffix.lower() not in (".jsonl", ".txt"):
        raise ValueError(f"cannot read captions {path}: wanted a .jsonl or .txt file that exists")
    parse = _parse_row if path.suffix.lower() == ".jsonl" else _parse_text
    lines = path.read_text(encoding="utf-8").splitlines()
    texts = dict(parse(line, f"{path} line {number}") for number, line in enumerate(lines, 1) if line.strip())
    if not texts:
        raise ValueError(f"cannot read captions {path}: it holds none; write a line for every scene or picture")
    return CaptionFile(texts)


def _parse_row(line: str, where: str) -> tuple[str, str]:
    try:
        row = json.loads(line)
        name = row.get("file_name") or row.get("scene")
        if isinstance(name, str) and isinstance(row.get("text"), str):
            return name, row["text"]
    except (json.JSONDecodeError, AttributeError):
        pass
    raise ValueError(
        f'{where}: got no caption; write {{"scene": ..., "text": ...}} or {{"file_name": ..., "text": ...}}'
    )


def _parse_text(line: str, where: str) -> tuple[str, str]:
    name, colon, text = line.partition(":")
    if not colon or not name.strip() or not text.strip():
        raise ValueError(f'{where}: got no caption; write "scene: text"')
    return name.strip(), text.strip()


class Captioner:
    """Describes pictures with one vision-language model. Greedy, so equal pictures get equal texts."""

    def __init__(self, model: Any, processor: Any) -> None:
        self.model, self.processor = model, processor

    def describe_panorama(self, panorama: Float[Tensor, "3 height width"]) -> str:
        """One sentence about a panorama with values in [0, 1]. ValueError for one that is not 2:1."""
        if panorama.shape[-1] != 2 * panorama.shape[-2]:
            raise ValueError(f"got a picture of shape {tuple(panorama.shape)}, wanted a panorama, 2:1")
        size = min(VIEW_SIZE, 8 * math.ceil(panorama.shape[-2] / 8))
        views = [equirect_to_perspective(panorama, size, size, VIEW_FOV_DEG, yaw_deg=yaw) for yaw in VIEWS.values()]
        texts = [f"{where}: {self.describe(view)}" for where, view in zip(VIEWS, views, strict=True)]
        return self.answer(SUMMARY.format(texts="\n".join(texts)))

    def describe(self, picture: Float[Tensor, "3 height width"]) -> str:
        """One sentence about a picture with values in [0, 1]."""
        levels = (picture.clamp(0, 1) * 255).round().byte()
        return self.answer(QUESTION, Image.fromarray(rearrange(levels, "c h w -> h w c").cpu().numpy()))

    @torch.no_grad()
    def answer(self, question: str, picture: Image.Image | None = None) -> str:
        """What the model says to a question, about a picture if there is one, on one line."""
        images = {} if picture is None else {"images": [picture]}
        inputs = self.processor(text=[self._prompt(question, picture)], **images, return_tensors="pt")
        inputs = {name: _moved(value, self.model) for name, value in inputs.items()}
        tokens = self.model.generate(**inputs, do_sample=False, max_new_tokens=MOST_TOKENS)[0]
        begun = 0 if self.model.config.is_encoder_decoder else inputs["input_ids"].shape[1]
        return " ".join(self.processor.tokenizer.decode(tokens[begun:], skip_special_tokens=True).split())

    def _prompt(self, question: str, picture: Image.Image | None) -> str:
        """The question in the model's own chat template, else in that of LLaVA."""
        if self.processor.chat_template is None:
            image = getattr(self.processor, "image_token", "<image>") + "\n" if picture is not None else ""
            return f"USER: {image}{question}\nASSISTANT:"
        shown = [] if picture is None else [{"type": "image"}]
        asked = {"role": "user", "content": [*shown, {"type": "text", "text": question}]}
        return self.processor.apply_chat_template([asked], add_generation_prompt=True, tokenize=False)


def load_captioner(folder: str | Path, *, device: str | None = None, dtype: torch.dtype = torch.float32) -> Captioner:
    """The image-text-to-text model of a folder with its processor, in evaluation mode. No code of the folder is run.

    Raises:
        ValueError: for a folder that does not exist, holds another kind of model, or misses weights.
    """
    from transformers import AutoModelForImageTextToText, AutoProcessor

    folder = Path(folder)
    if not (folder / "config.json").is_file():
        raise ValueError(f"got the captioner {folder}, wanted a folder of transformers with config.json and weights")
    how: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        with _without_bars():
            read: Any = AutoModelForImageTextToText.from_pretrained
            model, loading = read(folder, dtype=dtype, output_loading_info=True, **how)
            processor = AutoProcessor.from_pretrained(folder, **how)
    except _FAULTS as fault:
        words = " ".join(str(fault).split())[:160]
        raise ValueError(
            f"cannot read the captioner in {folder} ({words}); wanted an image-text-to-text model"
        ) from fault
    absent = sorted({*loading["missing_keys"], *(key[0] for key in loading["mismatched_keys"])})
    if absent:
        raise ValueError(f"the captioner in {folder} lacks {len(absent)} tensors, first {absent[0]}; get it again")
    return Captioner(model.eval().requires_grad_(False).to(device or "cpu"), processor)


@contextmanager
def _without_bars() -> Iterator[None]:
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _moved(value: Any, model: Any) -> Any:
    if not isinstance(value, Tensor):
        return value
    return value.to(model.device, model.dtype) if value.is_floating_point() else value.to(model.device)
