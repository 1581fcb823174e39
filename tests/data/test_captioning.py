import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from cyclorama.data.captioning import QUESTION, SUMMARY, Captioner, load_captioner, read_captions

TEMPLATE = (
    "[bos]{% for message in messages %}{{ message['role'] }} : {% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image> {% else %}{{ part['text'] }}{% endif %}{% endfor %} {% endfor %}"
    "{% if add_generation_prompt %}assistant :{% endif %}"
)


def tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    split = pre_tokenizers.Whitespace()
    texts = [QUESTION, SUMMARY, "USER : ASSISTANT user assistant", "a quiet room with one red chair and two windows"]
    found = [word for text in texts for word, _ in split.pre_tokenize_str(text)]
    words = ["[pad]", "[unk]", "[bos]", "[eos]", "<image>", *dict.fromkeys(found)]
    backend = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="[unk]"))
    backend.pre_tokenizer = split
    special = {"pad_token": "[pad]", "unk_token": "[unk]", "bos_token": "[bos]", "eos_token": "[eos]"}
    return PreTrainedTokenizerFast(tokenizer_object=backend, extra_special_tokens=["<image>"], **special)


def processor(template: str | None = None) -> Any:
    from transformers import LlavaProcessor
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    side = {"height": 16, "width": 16}
    reader = CLIPImageProcessorPil(size=side, crop_size=side, do_center_crop=False)
    kinds = {"patch_size": 8, "vision_feature_select_strategy": "default", "num_additional_image_tokens": 1}
    return LlavaProcessor(reader, tokenizer(), chat_template=template, **kinds)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A random model of real classes."""
    from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

    sizes: dict[str, Any] = {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2}
    reader = processor(TEMPLATE)
    vision = CLIPVisionConfig(**sizes, num_hidden_layers=2, image_size=16, patch_size=8)
    text = LlamaConfig(**sizes, num_hidden_layers=2, vocab_size=len(reader.tokenizer), initializer_range=0.5)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = LlavaForConditionalGeneration(LlavaConfig(vision_config=vision, text_config=text, image_token_index=4))
    folder = tmp_path_factory.mktemp("captioner")
    model.save_pretrained(folder)
    reader.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def captioner(folder) -> Captioner:
    return load_captioner(folder)


@pytest.fixture
def panorama() -> torch.Tensor:
    return torch.rand(3, 16, 32, generator=torch.Generator().manual_seed(0))


def test_a_panorama_gets_one_line_and_always_the_same(captioner, panorama):
    text = captioner.describe_panorama(panorama)
    assert text
    assert "\n" not in text
    assert "[" not in text  # no special tokens
    assert captioner.describe_panorama(panorama) == text


def test_the_words_are_the_models_own_greedy_ones(captioner, panorama):
    from einops import rearrange
    from PIL import Image

    picture = Image.fromarray(rearrange((panorama * 255).round().byte(), "c h w -> h w c").numpy())
    asked = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": QUESTION}]}]
    prompt = captioner.processor.apply_chat_template([asked][0], add_generation_prompt=True, tokenize=False)
    inputs = dict(captioner.processor(text=[prompt], images=[picture], return_tensors="pt"))
    words, num = [], inputs["input_ids"].shape[1]
    for _ in range(5):
        token = captioner.model(**inputs).logits[0, -1].argmax()
        words.append(int(token))
        inputs["input_ids"] = torch.cat([inputs["input_ids"], token.view(1, 1)], 1)
        inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
    expected = captioner.processor.tokenizer.decode(words, skip_special_tokens=True)
    assert captioner.describe(panorama).startswith(expected.strip())
    assert num > 4


def test_the_picture_changes_the_words(captioner, panorama):
    assert captioner.describe(panorama) != captioner.describe(torch.zeros_like(panorama))


def test_the_summary_is_asked_about_all_four_views(captioner, panorama):
    asked: list[str] = []

    class Listening(Captioner):
        def answer(self, question: str, picture: Any = None) -> str:
            asked.append(question)
            return f"view {len(asked)}"

    assert Listening(captioner.model, captioner.processor).describe_panorama(panorama) == "view 5"
    assert asked[:4] == [QUESTION] * 4
    assert asked[4] == SUMMARY.format(texts="front: view 1\nright: view 2\nback: view 3\nleft: view 4")


def test_without_a_chat_template_the_question_is_asked_as_of_llava(captioner, panorama):
    plain = Captioner(captioner.model, processor())
    assert plain._prompt("What?", None) == "USER: What?\nASSISTANT:"
    assert plain.describe(panorama)


def test_only_panoramas_are_cut_into_views(captioner):
    with pytest.raises(ValueError, match="2:1"):
        captioner.describe_panorama(torch.rand(3, 16, 16))


def test_a_folder_that_is_no_captioner_is_told_in_one_line(tmp_path, folder):
    with pytest.raises(ValueError, match="wanted a folder of transformers"):
        load_captioner(tmp_path)
    other = tmp_path / "bert"
    other.mkdir()
    (other / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(ValueError, match="wanted an image-text-to-text model") as told:
        load_captioner(other)
    assert "\n" not in str(told.value)


def test_missing_weights_are_told(tmp_path, folder):
    broken = shutil.copytree(folder, tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    weights.pop(next(key for key in weights if "mlp" in key))
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match="lacks 1 tensors"):
        load_captioner(broken)


def test_texts_of_pictures_come_before_those_of_scenes(tmp_path):
    rows = [{"scene": "house", "text": "a house"}, {"file_name": "house_001.png", "text": "its kitchen"}]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    texts = read_captions(tmp_path / "a.jsonl")
    assert texts.text_of("house", "house_000.png") == "a house"
    assert texts.text_of("house", "house_001.png") == "its kitchen"
    assert texts.text_of("barn", "barn_000.png") == ""


def test_lines_of_text_name_scenes(tmp_path):
    (tmp_path / "a.txt").write_text("house: a house: red\n\nbarn:a barn\n")
    texts = read_captions(tmp_path / "a.txt")
    assert texts.text_of("house", "x") == "a house: red"
    assert texts.text_of("barn", "x") == "a barn"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", '{"scene": "a", "text": "b"}\n{"scene": "a"}', "line 2: got no caption"),
        ("a.jsonl", "no json", "line 1: got no caption"),
        ("a.jsonl", "[1]", "line 1: got no caption"),
        ("a.txt", "only words", 'write "scene: text"'),
        ("a.txt", "\n", "it holds none"),
        ("a.csv", "a", "wanted a .jsonl or .txt"),
    ],
)
def test_a_bad_file_of_captions_is_told_in_one_line(tmp_path, name: str, content: str, words: str):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=words) as told:
        read_captions(tmp_path / name)
    assert "\n" not in str(told.value)
