import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from cyclorama.evaluation.networks.judge import (
    PANORAMA_CRITERIA,
    Q_ALIGN,
    QUESTIONS,
    Judge,
    expected_level,
    level_tokens,
    load_judge,
)
from cyclorama.evaluation.networks.weights import MissingWeights

TEMPLATE = (
    "[bos]{% for message in messages %}{{ message['role'] }} : {% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image> {% else %}{{ part['text'] }}{% endif %}{% endfor %} [eos] {% endfor %}"
)


def tokenizer(*, closing: bool = False, spaces: bool = False) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    split = pre_tokenizers.Whitespace()
    texts = [f"{question.text} {question.reply} {' '.join(question.levels)}" for question in QUESTIONS.values()]
    found = [word for text in ["USER : ASSISTANT user assistant", *texts] for word, _ in split.pre_tokenize_str(text)]
    words = ["[pad]", "[unk]", "[bos]", "[eos]", "<image>", "▁", *dict.fromkeys(found)]
    backend = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="[unk]"))
    apart = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(), pre_tokenizers.Digits(individual_digits=True)])
    backend.pre_tokenizer = apart if spaces else split
    backend.post_processor = processors.TemplateProcessing(
        single="[bos] $A [eos]" if closing else "[bos] $A", special_tokens=[("[bos]", 2), ("[eos]", 3)]
    )
    special = {"pad_token": "[pad]", "unk_token": "[unk]", "bos_token": "[bos]", "eos_token": "[eos]"}
    return PreTrainedTokenizerFast(tokenizer_object=backend, extra_special_tokens=["<image>"], **special)


def processor(*, crop: bool = True, template: str | None = None, **tokens: bool) -> Any:
    from transformers import LlavaProcessor
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    side = {"height": 16, "width": 16}
    size = {"shortest_edge": 16} if crop else side
    reader = CLIPImageProcessorPil(size=size, crop_size=side, do_center_crop=crop)
    kinds = {"patch_size": 8, "vision_feature_select_strategy": "default", "num_additional_image_tokens": 1}
    return LlavaProcessor(reader, tokenizer(**tokens), chat_template=template, **kinds)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

    sizes: dict[str, Any] = {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2}
    reader = processor()
    vision = CLIPVisionConfig(**sizes, num_hidden_layers=2, image_size=16, patch_size=8)
    text = LlamaConfig(**sizes, num_hidden_layers=2, vocab_size=len(reader.tokenizer), initializer_range=0.3)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = LlavaForConditionalGeneration(LlavaConfig(vision_config=vision, text_config=text, image_token_index=4))
    folder = tmp_path_factory.mktemp("judge")
    model.save_pretrained(folder)
    reader.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def judge(folder) -> Judge:
    return load_judge(folder)


@pytest.fixture
def views() -> torch.Tensor:
    return torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def panoramas() -> torch.Tensor:
    return torch.rand(2, 3, 16, 32, generator=torch.Generator().manual_seed(2))


def test_expected_levels_of_known_logits():
    certain = torch.full((5, 5), -1e4).fill_diagonal_(0)
    assert expected_level(certain).tolist() == [5, 4, 3, 2, 1]
    assert expected_level(torch.zeros(5)).item() == pytest.approx(3)
    probabilities = torch.tensor([0.1, 0.2, 0.3, 0.25, 0.15], dtype=torch.float64)
    expected = 0.5 + 0.8 + 0.9 + 0.5 + 0.15
    assert expected_level(probabilities.log() + 7).item() == pytest.approx(expected)


def test_a_score_is_the_models_own_next_token_softmax_over_the_five_levels(folder, judge, views):
    from PIL import Image
    from transformers import LlavaForConditionalGeneration

    model, reader = LlavaForConditionalGeneration.from_pretrained(folder).eval(), processor()
    text = "USER: <image>\nHow would you rate the quality of this image?\nASSISTANT: The quality of the image is"
    pixels = (views[0] * 255).round().byte().permute(1, 2, 0).numpy()
    with torch.no_grad():
        logits = model(**reader(text=text, images=Image.fromarray(pixels), return_tensors="pt")).logits[0, -1]
    ids = reader.tokenizer.convert_tokens_to_ids(["excellent", "good", "fair", "poor", "bad"])
    chances = logits[ids].double().softmax(-1)
    assert judge.scores(views[:1], QUESTIONS["quality"]).item() == pytest.approx(
        sum(level * chance for level, chance in zip((5, 4, 3, 2, 1), chances.tolist(), strict=True)), abs=1e-6
    )


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.name)
def test_every_question_gives_levels_between_one_and_five_that_depend_on_the_picture(judge, panoramas, question):
    scores = judge.scores(panoramas, question)
    assert scores.dtype == torch.float64
    assert ((scores > 1) & (scores < 5)).all()
    assert scores[0] != scores[1]


def test_scores_do_not_depend_on_the_rest_of_the_batch(judge, views):
    alone = torch.cat([judge.scores(view[None], Q_ALIGN[0]) for view in views])
    assert torch.equal(judge.scores(views, Q_ALIGN[0]), alone)


def test_only_the_processors_own_normalisation_is_applied(judge, views):
    prompt = "USER: <image>\n"
    inputs = judge.processor(text=[prompt], images=[judge.shown((views[0] * 255).round().byte())])
    seen = torch.as_tensor(inputs["pixel_values"][0])
    mean, std = (torch.tensor(getattr(judge.processor.image_processor, name)) for name in ("image_mean", "image_std"))
    expected = ((views[0] * 255).round() / 255 - mean[:, None, None]) / std[:, None, None]
    torch.testing.assert_close(seen, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("crop", [True, False])
def test_a_wide_picture_is_never_cropped(judge, panoramas, crop):
    """The outer quarters, which a centre crop of a 2:1 picture throws away, change the score."""
    edited = panoramas.clone()
    edited[..., :8] = 0
    uncropped = Judge(judge.model, processor(crop=crop))
    assert (uncropped.scores(edited, Q_ALIGN[0]) != uncropped.scores(panoramas, Q_ALIGN[0])).all()


def test_continuity_is_asked_with_the_ends_in_the_middle(judge, panoramas):
    distortion, continuity = PANORAMA_CRITERIA[:2]
    assert continuity.turned
    assert not distortion.turned
    turned = Judge(judge.model, judge.processor).level_logits(panoramas.roll(16, -1), continuity)
    assert not torch.equal(judge.level_logits(panoramas, continuity), turned)
    torch.testing.assert_close(
        judge.level_logits(panoramas.roll(32, -1), continuity), judge.level_logits(panoramas, continuity)
    )


def test_panorama_criteria_refuse_views(judge, views):
    for question in PANORAMA_CRITERIA:
        with pytest.raises(ValueError, match="twice as wide as high"):
            judge.scores(views, question)


def test_the_chat_template_of_a_model_is_used_and_the_reply_is_left_open(judge, views):
    chat = Judge(judge.model, processor(template=TEMPLATE))
    prompt = chat.prompt(Q_ALIGN[0])
    assert prompt.startswith("[bos]user : <image> How would you rate")
    assert prompt.endswith("assistant : The quality of the image is")
    tokens = judge.processor.tokenizer(prompt, add_special_tokens=False)["input_ids"]
    assert tokens.count(2) == 1
    assert torch.isfinite(chat.scores(views, Q_ALIGN[0])).all()


def test_a_processor_that_closes_the_reply_is_refused(judge, views):
    with pytest.raises(ValueError, match="closes the begun reply"):
        Judge(judge.model, processor(closing=True)).scores(views, Q_ALIGN[0])


def test_tokens_that_all_levels_share_are_given_before_the_levels_are_read():
    found = level_tokens([7, 8], [[7, 8, 1, level] for level in (15, 14, 13, 12, 11)])
    assert (found.before, found.begun, found.ids) == (8, [1], [15, 14, 13, 12, 11])
    with pytest.raises(ValueError, match="does not tell the levels apart"):
        level_tokens([7, 8], [[7, 8, level] for level in (15, 14, 14, 12, 11)])
    with pytest.raises(ValueError, match="does not tell the levels apart"):
        level_tokens([7, 8], [[7, level] for level in (15, 14, 13, 12, 11)])


def test_of_digits_whose_space_is_a_token_the_digit_is_read_after_the_space(judge, panoramas):
    """As Llama's tokenizer has it: " 5" is a space and a 5."""
    apart, question = Judge(judge.model, processor(spaces=True)), PANORAMA_CRITERIA[0]
    ids = apart.processor.tokenizer(f"{question.reply} 5", add_special_tokens=False)["input_ids"]
    space, five = apart.processor.tokenizer.convert_tokens_to_ids(["▁", "5"])
    assert ids[-2:] == [space, five]
    picture = apart.shown((panoramas[0] * 255).round().byte())
    inputs = dict(apart.processor(text=[apart.prompt(question)], images=[picture], return_tensors="pt"))
    inputs["input_ids"] = torch.cat([inputs["input_ids"], torch.tensor([[space]])], 1)
    inputs.pop("attention_mask")
    with torch.no_grad():
        expected = judge.model(**inputs).logits[0, -1, five]
    assert apart.level_logits(panoramas[:1], question)[0, 0].item() == pytest.approx(expected.item(), abs=1e-5)


def test_missing_and_other_folders_are_refused_in_one_line(folder, tmp_path, monkeypatch):
    monkeypatch.delenv("CYCLORAMA_JUDGE", raising=False)
    with pytest.raises(MissingWeights, match="CYCLORAMA_JUDGE"):
        load_judge()
    for model_type in ("mplug_owl2", "clip"):
        other = Path(shutil.copytree(folder, tmp_path / model_type))
        config = json.loads((other / "config.json").read_text())
        (other / "config.json").write_text(json.dumps({**config, "model_type": model_type}))
        with pytest.raises(ValueError, match=f"type {model_type} .* wanted a type that transformers holds") as refused:
            load_judge(other)
        assert "\n" not in str(refused.value)
