"""A vision-language model as judge: any image-text-to-text model of transformers, from a folder, asked for a level.

The level is never generated: the reply is begun ("The quality of the image is"), and the figure is the expectation of
the five levels, 5 to 1, under the softmax over the logits of their first distinct tokens only. That is the arithmetic
of Q-Align (Wu et al. 2023, arXiv 2312.17090), with its question and the beginning of its reply; the picture stands
before the question, as most of these models were trained (Q-Align's code puts it behind). Q-Align's own weights need
code that transformers does not hold (mPLUG-Owl2), and code of a folder is never run here: figures of another model are
on Q-Align's scale but are no Q-Align scores.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from einops import rearrange
from jaxtyping import Float, Float64, UInt8
from PIL import Image
from torch import Tensor, nn

from cyclorama.evaluation.networks.model_folders import ModelFolder, find_folder, read_model, read_part

WORDS = ("excellent", "good", "fair", "poor", "bad")
DIGITS = ("5", "4", "3", "2", "1")


@dataclass(frozen=True)
class Question:
    """What is asked about a picture. `levels` are the replies, best first, worth 5 to 1.

    `panorama`: asked about whole 2:1 panoramas; `turned`: turned by half before, so that their ends meet in the middle.
    """

    name: str
    text: str
    reply: str
    levels: tuple[str, str, str, str, str] = WORDS
    panorama: bool = False
    turned: bool = False


def _criterion(name: str, asked: str, *, turned: bool = False) -> Question:
    scale = "Answer with one digit from 1 (very bad) to 5 (very good)."
    return Question(name, f"This is a 360-degree panorama. {asked} {scale}", "Score:", DIGITS, True, turned)


Q_ALIGN = (
    Question("quality", "How would you rate the quality of this image?", "The quality of the image is"),
    Question("aesthetics", "How would you rate the aesthetics of this image?", "The aesthetics of the image is"),
)
"""The questions of Q-Align for pictures and views."""

PANORAMA_CRITERIA = (
    _criterion(
        "panorama-distortion",
        "It is stored equirectangularly. Are straight lines and shapes bent only as that projection bends them, "
        "up to the top and bottom edges?",
    ),
    _criterion(
        "panorama-continuity",
        "Its left and right ends were joined in the middle of the picture. Does the scene go on across the middle "
        "without a visible seam or jump?",
        turned=True,
    ),
    _criterion("panorama-quality", "How sharp, detailed and free of noise and artefacts is it?"),
    _criterion("panorama-aesthetics", "How pleasing are its composition, colours and light?"),
)
"""SphereDiff's four criteria (arXiv 2504.14396: distortion, end continuity, image quality, aesthetics), 1 to 5. The
wording and the arithmetic are this project's, so that these figures stand beside the published ones, not among them."""

QUESTIONS = {question.name: question for question in (*Q_ALIGN, *PANORAMA_CRITERIA)}


def expected_level(logits: Float[Tensor, "*batch 5"]) -> Float64[Tensor, "*batch"]:
    """Expectation of 5, 4, 3, 2, 1 under the softmax over the five levels' logits, best first; in [1, 5]."""
    levels = torch.arange(5, 0, -1, dtype=torch.float64, device=logits.device)
    return logits.double().softmax(-1) @ levels


class Judge(nn.Module):
    """Levels between 1 and 5 from one vision-language model. Pictures are judged one at a time, in any size."""

    wraps = False
    input_size = None

    def __init__(self, model: Any, processor: Any) -> None:
        super().__init__()
        self.model, self.processor = model, processor
        keeps = "logits_to_keep" in inspect.signature(model.forward).parameters
        self.options = {"logits_to_keep": 1} if keeps else {}

    def scores(self, images: Float[Tensor, "batch 3 height width"], question: Question) -> Float64[Tensor, " batch"]:
        """The expected level of each image in [0, 1].

        Raises:
            ValueError: for a question about panoramas and images that are not 2:1, or levels that the tokenizer
                does not tell apart.
        """
        return expected_level(self.level_logits(images, question)).cpu()

    @torch.no_grad()
    def level_logits(
        self, images: Float[Tensor, "batch 3 height width"], question: Question
    ) -> Float[Tensor, "batch 5"]:
        """The next token's logits of the five levels, best first."""
        prompt, levels = self.prompt(question), self._level_tokens(question)
        pictures = _as_asked(images, question)
        return torch.stack([self._next_logits(picture, prompt, levels)[levels.ids] for picture in pictures])

    def _next_logits(self, picture: UInt8[Tensor, "3 height width"], prompt: str, levels: "LevelTokens") -> Tensor:
        inputs = self.processor(
            text=[prompt],
            images=[self.shown(picture)],
            return_tensors="pt",
            add_special_tokens=not prompt.startswith(self.processor.tokenizer.bos_token or "\0"),
        )
        if inputs["input_ids"][0, -1] != levels.before:
            raise ValueError(
                "got a processor that closes the begun reply, wanted one that leaves it open; take another"
            )
        inputs = _continued(dict(inputs), levels.begun)
        inputs = {name: _moved(value, self.model) for name, value in inputs.items()}
        return self.model(**inputs, **self.options).logits[0, -1].float()

    def prompt(self, question: Question) -> str:
        """The question and the begun reply in the model's own chat template, else in that of Q-Align and LLaVA."""
        if self.processor.chat_template is None:
            image = getattr(self.processor, "image_token", "<image>")
            return f"USER: {image}\n{question.text}\nASSISTANT: {question.reply}"
        asked = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question.text}]}
        begun = {"role": "assistant", "content": [{"type": "text", "text": question.reply}]}
        return self.processor.apply_chat_template([asked, begun], continue_final_message=True, tokenize=False)

    def _level_tokens(self, question: Question) -> "LevelTokens":
        def ids(text: str) -> list[int]:
            return self.processor.tokenizer(text, add_special_tokens=False)["input_ids"]

        prompt = self.prompt(question)
        return level_tokens(ids(prompt), [ids(f"{prompt} {level}") for level in question.levels])

    def shown(self, picture: UInt8[Tensor, "3 height width"]) -> Image.Image:
        """A picture that the processor will not crop: where it would, squared with bars of its mean colour."""
        shown = Image.fromarray(rearrange(picture, "c h w -> h w c").cpu().numpy())
        reader = self.processor.image_processor
        if not getattr(reader, "do_center_crop", False):
            return shown
        side = max(shown.size)
        square = Image.new(
            "RGB", (side, side), tuple(int(255 * value) for value in reader.image_mean or (0.5, 0.5, 0.5))
        )
        square.paste(shown, ((side - shown.width) // 2, (side - shown.height) // 2))
        return square


@dataclass(frozen=True)
class LevelTokens:
    """`before`: the prompt's last token; `begun`: those that all levels share after it (of some tokenizers a space);
    `ids`: the first of each that differs."""

    before: int
    begun: list[int]
    ids: list[int]


def level_tokens(prompt: Sequence[int], replies: Sequence[Sequence[int]]) -> LevelTokens:
    """Where the replies, each tokenized together with the prompt, first differ from each other.

    Raises:
        ValueError: where two begin alike, or where a reply changes the tokens of the prompt.
    """
    num = 0
    while num < min(map(len, replies)) and len({reply[num] for reply in replies}) == 1:
        num += 1
    ids = [reply[num] for reply in replies if len(reply) > num]
    if num < len(prompt) or len(set(ids)) < len(replies):
        raise ValueError(
            "got a tokenizer that does not tell the levels apart by one token; wanted other levels or another model"
        )
    return LevelTokens(prompt[-1], list(replies[0][len(prompt) : num]), ids)


def load_judge(
    path: Path | None = None, *, wanted: ModelFolder | None = None, dtype: torch.dtype = torch.float32
) -> Judge:
    """The image-text-to-text model of a folder with its processor, in evaluation mode.

    Pictures are read by Pillow even where torchvision is installed: its resize would give other figures.

    Raises:
        MissingWeights: where no folder is named in the argument or in CYCLORAMA_JUDGE.
        ValueError: for a folder of another kind of model, or one that cannot be read.
    """
    from transformers import AutoImageProcessor, AutoModelForImageTextToText, AutoProcessor

    wanted = wanted or judge_folder()
    folder = find_folder(wanted, path=path)
    model = read_model(AutoModelForImageTextToText, folder, wanted, dtype=dtype)
    processor = read_part(AutoProcessor, folder)
    processor.image_processor = read_part(AutoImageProcessor, folder, backend="pil")
    return Judge(model, processor).eval()


def judge_folder(hub: str = "") -> ModelFolder:
    """Any model that transformers lists as image-text-to-text; `hub` names one to look for in the local cache."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

    types = tuple(sorted(MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES))
    return ModelFolder("vision-language judge", "CYCLORAMA_JUDGE", hub, 0, types)


def _as_asked(images: Tensor, question: Question) -> UInt8[Tensor, "batch 3 height width"]:
    height, width = images.shape[-2:]
    if question.panorama and width != 2 * height:
        raise ValueError(
            f"got images of {height}x{width} for {question.name}, wanted whole panoramas, twice as wide as high; "
            "ask about views with quality or aesthetics"
        )
    turned = images.roll(width // 2, -1) if question.turned else images
    return (turned.clamp(0, 1) * 255).round().byte()


def _continued(inputs: dict[str, Any], begun: list[int]) -> dict[str, Any]:
    """The processor's inputs with more text tokens at their end; every input that counts tokens grows alike."""
    shape = inputs["input_ids"].shape
    values = {"input_ids": begun, "attention_mask": [1] * len(begun)}
    for name, value in inputs.items():
        if begun and isinstance(value, Tensor) and value.shape == shape:
            more = value.new_tensor([values.get(name, [0] * len(begun))])
            inputs[name] = torch.cat([value, more], 1)
    return inputs


def _moved(value: Any, model: Any) -> Any:
    if not isinstance(value, Tensor):
        return value
    return value.to(model.device, model.dtype) if value.is_floating_point() else value.to(model.device)
