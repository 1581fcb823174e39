import json
import shutil
from pathlib import Path

import pytest
import torch

from cyclorama.evaluation.networks.clip import CLIP_L14_336, CLIP_SCALES, ClipNetwork, clip_score, load_clip
from cyclorama.evaluation.networks.model_folders import find_folder, sha256_of_folder
from cyclorama.evaluation.networks.weights import MissingWeights

MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
SENTENCE = "a snowy mountain valley at sunset under the clear sky city night beach"


def save_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = ["[pad]", "[unk]", "[bos]", "[eos]", *SENTENCE.split(" ")]
    backend = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="[unk]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.TemplateProcessing(
        single="[bos] $A [eos]", special_tokens=[("[bos]", 2), ("[eos]", 3)]
    )
    special = {"pad_token": "[pad]", "unk_token": "[unk]", "bos_token": "[bos]", "eos_token": "[eos]"}
    PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=8, **special).save_pretrained(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    from transformers import CLIPConfig, CLIPModel

    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = {**sizes, "vocab_size": 20, "max_position_embeddings": 8}
    text |= {"bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0}
    vision = {**sizes, "image_size": 32, "patch_size": 8}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=12))
    folder = tmp_path_factory.mktemp("clip")
    model.save_pretrained(folder)
    save_tokenizer(folder)
    preprocessor = {"image_mean": MEAN, "image_std": STD, "do_center_crop": True, "size": {"shortest_edge": 32}}
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor))
    return folder


@pytest.fixture(scope="module")
def network(folder) -> ClipNetwork:
    return load_clip(folder)


@pytest.fixture
def images() -> torch.Tensor:
    return torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def test_features_are_the_models_own_embeddings_of_images_normalised_once(folder, network, images):
    from transformers import CLIPModel

    model = CLIPModel.from_pretrained(folder).eval()
    seen = (images - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
    tokens = torch.tensor([[2, 4, 5, 3]])
    with torch.no_grad():
        expected = model(input_ids=tokens, pixel_values=seen)
    torch.testing.assert_close(network.features(images), expected.image_embeds)
    torch.testing.assert_close(network.text_features(["a snowy"]), expected.text_embeds)


def test_features_agree_with_transformers_own_image_processor_where_it_neither_resizes_nor_crops(network, images):
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    levels = (images * 255).round() / 255
    reader = CLIPImageProcessorPil(image_mean=MEAN, image_std=STD, do_resize=False, do_center_crop=False)
    pictures = [(image * 255).round().byte().permute(1, 2, 0).numpy() for image in images]
    read = reader(pictures, return_tensors="pt")["pixel_values"]
    torch.testing.assert_close(network.normalisation(levels), read, rtol=0, atol=1e-5)


def test_embeddings_have_length_one_and_the_stated_number_of_features(network, images):
    for features in (network.features(images), network.text_features(["a city", "beach"])):
        assert features.shape[1] == network.num_features == 12
        torch.testing.assert_close(features.norm(dim=-1), torch.ones(len(features)))


def test_features_do_not_depend_on_the_rest_of_the_batch(network, images):
    prompts = ["a city", "a snowy mountain valley at sunset"]
    alone = torch.cat([network.features(image[None]) for image in images])
    torch.testing.assert_close(network.features(images), alone, rtol=0, atol=1e-6)
    alone = torch.cat([network.text_features([prompt]) for prompt in prompts])
    torch.testing.assert_close(network.text_features(prompts), alone, rtol=0, atol=1e-6)


def test_nothing_is_cropped_every_pixel_counts_and_other_sizes_are_refused(network, images):
    assert network.input_size == (32, 32)
    pixels = images[:1].clone().requires_grad_()
    network.model.visual_projection(
        network.model.vision_model(pixel_values=network.normalisation(pixels)).pooler_output
    ).sum().backward()
    assert (pixels.grad != 0).all()
    with pytest.raises(ValueError, match="wanted 32x32"):
        network.features(torch.rand(1, 3, 32, 64))


def test_prompts_longer_than_the_model_reads_are_named(network):
    prompts = ["a city", "a snowy mountain valley at sunset under the clear sky"]
    assert network.is_truncated(prompts).tolist() == [False, True]
    assert network.text_features(prompts).isfinite().all()
    with pytest.raises(ValueError, match="got no prompts"):
        network.text_features([])


def test_clip_score_of_known_angles():
    images = torch.tensor([[1.0, 0.0], [3.0, 3.0], [1.0, 0.0]])
    prompts = torch.tensor([[2.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    assert clip_score(images, prompts).tolist() == pytest.approx([100, 100 / 2**0.5, 0])
    assert clip_score(images, prompts, scale="hessel2021").tolist() == pytest.approx([2.5, 2.5 / 2**0.5, 0])
    assert CLIP_SCALES["hessel2021"].prefix == "A photo depicts "
    with pytest.raises(ValueError, match="percent"):
        clip_score(images, prompts, scale="torch")


def test_clip_score_equals_torchmetrics(network, images):
    theirs = pytest.importorskip("torchmetrics.functional.multimodal")

    class Embeddings(torch.nn.Module):
        """What torchmetrics asks of a CLIP model, answered by ours."""

        config = network.model.config

        def get_image_features(self, pixels: torch.Tensor) -> torch.Tensor:
            return network.features(pixels)

        def get_text_features(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            return network.model.get_text_features(tokens, attention_mask=mask).pooler_output

    def processor(*, images=None, text=None, **_):
        if images is not None:
            return {"pixel_values": torch.stack(images)}
        return dict(network.tokenizer(text, padding=True, return_tensors="pt"))

    prompts = ["a city", "a snowy mountain", "night beach"]
    for image, prompt in zip(images, prompts, strict=True):
        expected = theirs.clip_score(image[None], prompt, lambda: (Embeddings(), processor))
        score = clip_score(network.features(image[None]), network.text_features([prompt]))
        assert score.item() == pytest.approx(expected.item(), abs=1e-4)


def test_the_folder_is_found_by_argument_variable_and_folder_of_weights(folder, tmp_path, monkeypatch):
    assert find_folder(CLIP_L14_336, path=folder) == folder
    monkeypatch.setenv("CYCLORAMA_WEIGHTS", str(tmp_path))
    (tmp_path / "clip-vit-large-patch14-336").symlink_to(folder)
    assert find_folder(CLIP_L14_336).resolve() == folder.resolve()
    monkeypatch.setenv("CYCLORAMA_CLIP", str(folder))
    assert find_folder(CLIP_L14_336) == folder


def test_the_folder_is_found_in_the_local_hub_cache(folder, tmp_path, monkeypatch):
    for name in ("CYCLORAMA_CLIP", "CYCLORAMA_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--openai--clip-vit-large-patch14-336"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc")
    (repository / "snapshots" / "abc").mkdir(parents=True)
    shutil.copy(folder / "config.json", repository / "snapshots" / "abc")
    with pytest.raises(MissingWeights):
        find_folder(CLIP_L14_336)
    shutil.copy(folder / "model.safetensors", repository / "snapshots" / "abc")
    assert find_folder(CLIP_L14_336) == repository / "snapshots" / "abc"


def test_a_missing_folder_is_named_in_one_line(tmp_path, monkeypatch):
    for name in ("CYCLORAMA_CLIP", "CYCLORAMA_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MissingWeights, match=r"openai/clip-vit-large-patch14-336 \(1.71 GB\)") as missing:
        load_clip()
    assert "\n" not in str(missing.value)
    assert "CYCLORAMA_CLIP" in str(missing.value)
    with pytest.raises(MissingWeights, match="no folder with config"):
        load_clip(tmp_path)


def changed(folder: Path, target: Path, **fields: object) -> Path:
    shutil.copytree(folder, target)
    config = json.loads((target / "config.json").read_text())
    (target / "config.json").write_text(json.dumps({**config, **fields}))
    return target


def test_a_folder_of_another_model_is_refused_in_one_line(folder, tmp_path):
    with pytest.raises(ValueError, match=r"type siglip .* wanted clip") as refused:
        load_clip(changed(folder, tmp_path / "other", model_type="siglip"))
    assert "\n" not in str(refused.value)


def test_damaged_or_partial_weights_are_refused_and_never_filled_at_random(folder, tmp_path):
    from safetensors.torch import load_file, save_file

    partial = Path(shutil.copytree(folder, tmp_path / "partial"))
    weights = load_file(partial / "model.safetensors")
    weights.pop("visual_projection.weight")
    save_file(weights, partial / "model.safetensors", {"format": "pt"})
    with pytest.raises(ValueError, match=r"lacks 1 tensors, first visual_projection.weight"):
        load_clip(partial)
    damaged = Path(shutil.copytree(folder, tmp_path / "damaged"))
    (damaged / "model.safetensors").write_bytes(b"\0" * 64)
    with pytest.raises(ValueError, match="cannot read the model") as refused:
        load_clip(damaged)
    assert "\n" not in str(refused.value)


def test_a_folder_without_mean_and_deviation_is_refused(folder, tmp_path):
    bare = Path(shutil.copytree(folder, tmp_path / "bare"))
    (bare / "preprocessor_config.json").unlink()
    with pytest.raises(ValueError, match="image_mean and image_std"):
        load_clip(bare)
    nested = {"image_processor": {"image_mean": MEAN, "image_std": STD}}
    (bare / "processor_config.json").write_text(json.dumps(nested))
    assert load_clip(bare).normalisation.get_buffer("mean").flatten().tolist() == pytest.approx(MEAN)


def test_the_digest_of_a_folder_follows_its_weights_and_configuration_only(folder, tmp_path):
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    assert sha256_of_folder(copy) == sha256_of_folder(folder)
    (copy / "README.md").write_text("notes")
    assert sha256_of_folder(copy) == sha256_of_folder(folder)
    (copy / "preprocessor_config.json").write_text("{}")
    assert sha256_of_folder(copy) != sha256_of_folder(folder)
