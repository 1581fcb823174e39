"""The stages of the miniature on a few tiny renders: each writes what the next one and plain diffusers read."""

from collections import Counter
from typing import Any

import pytest
import torch
from diffusers.pipelines.flux.pipeline_flux import FluxPipeline

from cyclorama.diorama import PLACES, sample_scene, write_caption
from cyclorama.models.flux import FluxModel
from cyclorama.models.loading import quiet_loading
from cyclorama.training.miniature import renders
from cyclorama.training.miniature.package import package_miniature
from cyclorama.training.miniature.parts import LATENT_CHANNELS, MAX_WORDS, miniature_tokenizer
from cyclorama.training.recipes import load_recipe, run_recipe

TINY = {"num_steps": "2", "batch_size": "2", "warmup": "1", "sample_every": "2", "precision": "fp32"}


@pytest.fixture(scope="module")
def tiny_world(tmp_path_factory):
    """Folder of four scenes of 32x64 with views of 32x32, and the stages run on them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(renders, "SCENES_PER_SHARD", 4)
        patch.setattr(renders, "PANORAMA_HEIGHT", 32)
        patch.setattr(renders, "VIEW_SIZE", 32)
        patch.setattr(renders, "LARGE_VIEW_SIZE", 64)
        yield tmp_path_factory.mktemp("miniature")


@pytest.fixture(scope="module")
def base_pipeline(tiny_world):
    shared = TINY | {"renders": str(tiny_world / "renders"), "num_scenes": "4"}
    run = {"progress": False, "device": "cpu"}
    run_recipe(load_recipe("miniature-autoencoder", shared | {"crop": "32"}), tiny_world / "ae", **run)
    base = load_recipe("miniature-base", shared | {"autoencoder": str(tiny_world / "ae" / "vae"), "sample_steps": "2"})
    run_recipe(base, tiny_world / "base", **run)
    return tiny_world / "base" / "pipeline"


def test_plain_diffusers_runs_the_base(base_pipeline):
    with quiet_loading():
        pipe = FluxPipeline.from_pretrained(base_pipeline)
    pipe.set_progress_bar_config(disable=True)
    picture: Any = pipe(
        "a beach", height=32, width=32, num_inference_steps=1, max_sequence_length=MAX_WORDS, output_type="pt"
    )
    assert picture.images.shape == (1, 3, 32, 32)


def test_the_adapter_runs_the_base_and_knows_its_words(base_pipeline):
    model = FluxModel.from_pretrained(base_pipeline, wrap="integer", device="cpu")
    assert model.max_text_tokens == MAX_WORDS
    assert model.unknown_words("A purple Beach at noon, zzz") == {"zzz": None}
    images = torch.rand(1, 3, 32, 64)
    latents = model.encode_images(images)
    assert latents.shape == (1, LATENT_CHANNELS, 2, 4)
    assert (model.encode_images(images.roll(16, -1)) - latents.roll(1, -1)).abs().max() < 1e-4


def test_the_panorama_stage_trains_a_lora_on_the_renders(base_pipeline, tiny_world):
    folder = tiny_world / "panoramas"
    changes = TINY | {"renders": str(tiny_world / "renders"), "num_scenes": "4", "images": str(folder)}
    recipe = load_recipe(
        "miniature-panorama", changes | {"model": str(base_pipeline), "height": "32", "sample_steps": "2"}
    )
    run_recipe(recipe, tiny_world / "lora", progress=False, device="cpu")
    assert (tiny_world / "lora" / "pytorch_lora_weights.safetensors").is_file()
    assert len((folder / "metadata.jsonl").read_text().splitlines()) == 4 * renders.NUM_WORDINGS


def test_the_package_is_a_pipeline_with_its_lora(base_pipeline, tiny_world):
    recipe = load_recipe(
        "miniature-panorama",
        TINY
        | {"renders": str(tiny_world / "renders"), "num_scenes": "4", "images": str(tiny_world / "panoramas")}
        | {"model": str(base_pipeline), "height": "32", "sample_steps": "2"},
    )
    run_recipe(recipe, tiny_world / "lora", progress=False, device="cpu")
    parts = {"base": base_pipeline, "autoencoder": tiny_world / "ae" / "vae", "lora": tiny_world / "lora"}
    package_miniature(**parts, out=tiny_world / "package")
    model = FluxModel.from_pretrained(tiny_world / "package", device="cpu")
    model.load_lora(tiny_world / "package" / "panorama_lora")
    with pytest.raises(ValueError, match="run that stage of the miniature to its end first"):
        package_miniature(**parts | {"lora": tiny_world / "nothing"}, out=tiny_world / "other")
    assert not (tiny_world / "other").exists()


def test_every_caption_is_known_and_fits(tiny_world):
    tokenizer = miniature_tokenizer()
    for seed in range(300):
        ids = tokenizer(write_caption(sample_scene(seed), seed, pitch_deg=float(seed % 180 - 90))).input_ids
        assert tokenizer.unk_token_id not in ids
        assert len(ids) <= MAX_WORDS


def test_every_prefix_of_the_scenes_is_balanced():
    num = len(renders.COMBINATIONS)
    scenes = [renders.scene_of(k) for k in range(num)]
    assert len({(s.place, s.time, s.sky) for s in scenes}) == num
    places = Counter(scene.place for scene in scenes[:210])
    assert min(places.values()) >= 7
    assert len(places) == len(PLACES)


@pytest.mark.parametrize(
    ("recipe", "changes", "message"),
    [
        ("miniature-autoencoder", {"num_scenes": "0"}, "got num_scenes 0, wanted the number of scenes"),
        ("miniature-autoencoder", {"patch_code": "nowhere"}, "no patch code at nowhere"),
        ("miniature-base", {"autoencoder": "nowhere"}, "run the stage miniature-autoencoder first"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_rendered(tmp_path, recipe, changes, message):
    stage = load_recipe(recipe, changes | {"renders": str(tmp_path / "renders")})
    with pytest.raises(ValueError, match=message):
        run_recipe(stage, tmp_path / "run", progress=False, device="cpu")
    assert not (tmp_path / "renders").exists()


def test_the_base_goes_on_from_its_pipeline_with_large_views(base_pipeline, tiny_world):
    shared = TINY | {"renders": str(tiny_world / "renders"), "num_scenes": "4", "sample_steps": "2"}
    stages = {"autoencoder": str(tiny_world / "ae" / "vae"), "start_from": str(base_pipeline)}
    run_recipe(load_recipe("miniature-base-large", shared | stages), tiny_world / "large", progress=False, device="cpu")
    assert (tiny_world / "large" / "pipeline" / "model_index.json").is_file()
    lost = load_recipe("miniature-base-large", shared | stages | {"start_from": str(tiny_world / "nowhere")})
    with pytest.raises(ValueError, match="which holds no pipeline; run the stage that writes it"):
        run_recipe(lost, tiny_world / "lost", progress=False, device="cpu")


def test_a_crop_holds_whole_tokens():
    with pytest.raises(ValueError, match="crop is 80; give a multiple of 32 pixels"):
        load_recipe("miniature-autoencoder", {"crop": "80"})
