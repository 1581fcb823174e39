import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from cyclorama.models.families import FAMILIES, load_family
from cyclorama.models.flux import FluxModel
from cyclorama.models.sana import SanaModel
from cyclorama.models.stable_diffusion import StableDiffusionModel, StableDiffusionXLModel
from cyclorama.models.stable_diffusion3 import StableDiffusion3Model
from tests.models.suite import fresh

FAMILY_OF = {
    "tiny_flux_folder": FluxModel,
    "tiny_sd_folder": StableDiffusionModel,
    "tiny_sdxl_folder": StableDiffusionXLModel,
    "tiny_sd3_folder": StableDiffusion3Model,
    "tiny_sana_folder": SanaModel,
}


@pytest.fixture
def copied(tiny_sd_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_sd_folder, tmp_path / "model"))


def rewrite(file: Path, **changes: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


@pytest.mark.parametrize("name", FAMILY_OF)
def test_the_index_of_a_folder_picks_its_family(name: str, request: pytest.FixtureRequest):
    model = fresh(request.getfixturevalue(name))
    assert type(model) is FAMILY_OF[name]
    assert model.capabilities.family == model.family


def test_families_share_no_pipeline_and_default_to_a_wrap_of_theirs():
    pipelines = [name for family in FAMILIES for name in family.pipelines]
    assert len(set(pipelines)) == len(pipelines)
    assert len({family.family for family in FAMILIES}) == len(FAMILIES)
    assert all(family.default_wrap in family.wraps and "none" in family.wraps for family in FAMILIES)


def test_an_unknown_pipeline_names_the_known_ones(copied: Path):
    rewrite(copied / "model_index.json", _class_name="StableDiffusionInpaintPipeline")
    with pytest.raises(ValueError, match=r"StableDiffusionInpaintPipeline.*FluxPipeline.*SanaPipeline") as caught:
        load_family(copied, device="cpu")
    assert "\n" not in str(caught.value)


def test_a_unet_for_inpainting_and_another_prediction_are_refused(tiny_sd_folder: Path):
    pipe = fresh(tiny_sd_folder).pipe
    pipe.unet.register_to_config(in_channels=9)
    with pytest.raises(ValueError, match="9 input channels"):
        StableDiffusionModel(pipe)
    pipe.unet.register_to_config(in_channels=4)
    pipe.scheduler.register_to_config(prediction_type="sample")
    with pytest.raises(ValueError, match="sample"):
        StableDiffusionModel(pipe)


def test_a_wrap_that_the_family_cannot_do_is_refused_before_the_weights_are_read(copied: Path):
    (copied / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(ValueError, match=r"got wrap 'integer'; the stable-diffusion family wants one of none, conv"):
        load_family(copied, device="cpu", wrap="integer")


def test_a_safety_checker_in_the_folder_is_not_loaded(copied: Path):
    rewrite(copied / "model_index.json", safety_checker=["stable_diffusion", "StableDiffusionSafetyChecker"])
    (copied / "safety_checker").mkdir()
    assert load_family(copied, device="cpu").pipe.safety_checker is None


def test_autoencoders_that_overflow_stay_in_float32(tiny_sdxl_folder: Path):
    model = load_family(tiny_sdxl_folder, device="cpu", dtype=torch.float16)
    assert model.pipe.vae.dtype == torch.float32
    assert model.dtype == torch.float16


def test_old_names_of_the_attention_of_an_autoencoder_are_read(copied: Path):
    """Files of 2022 call to_q `query` and so on; diffusers renames them while it reads."""
    from safetensors.torch import load_file, save_file

    file = copied / "vae" / "diffusion_pytorch_model.safetensors"
    state, old = load_file(file), {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}

    def renamed(name: str) -> str:
        for new, former in old.items():
            name = name.replace(f"attentions.0.{new}.", f"attentions.0.{former}.")
        return name

    save_file({renamed(name): tensor for name, tensor in state.items()}, file, metadata={"format": "pt"})
    model = load_family(copied, device="cpu")
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.pipe.vae.state_dict().items())


@torch.no_grad()
def test_beyond_the_table_nothing_of_the_picture_is_known(tiny_sd_folder: Path):
    model = fresh(tiny_sd_folder)
    latents, condition = torch.randn(2, 4, 8, 16), model.encode_text(["a city", "a beach"])
    assert torch.equal(model.predict(latents, torch.ones(2), condition), latents)
    mixed = model.predict(latents, torch.tensor([1.0, 0.5]), condition, guidance_scale=1.0)
    assert torch.equal(mixed[:1], latents[:1])
    alone = model.predict(latents[1:], torch.tensor([0.5]), condition[1:2], guidance_scale=1.0)
    torch.testing.assert_close(mixed[1:], alone, rtol=0, atol=1e-5)


def test_training_beyond_the_table_has_gradients_of_nothing(tiny_sd_folder: Path):
    model = fresh(tiny_sd_folder)
    condition = model.encode_text(["a city"])
    model.predict(torch.randn(1, 4, 8, 16), torch.ones(1), condition, guidance_scale=1.0).sum().backward()
    grads = [parameter.grad for parameter in model.network.parameters() if parameter.grad is not None]
    assert grads
    assert not any(grad.any() for grad in grads)


@torch.no_grad()
def test_xl_guides_away_from_zeros_where_it_was_trained_so(tiny_sdxl_folder: Path):
    model = fresh(tiny_sdxl_folder)
    assert not any(tensor.any() for tensor in model.encode_text([""]).tensors.values())
    model.pipe.register_to_config(force_zeros_for_empty_prompt=False)
    assert all(tensor.any() for tensor in model.encode_text([""]).tensors.values())


@torch.no_grad()
def test_adjacent_positions_of_3_are_the_plain_model_on_the_continued_panorama(tiny_sd3_folder: Path):
    model, latents = fresh(tiny_sd3_folder), torch.randn(1, 16, 8, 16)
    model.wrap, model.wrap_columns = "adjacent", 2
    t, condition = torch.tensor([0.6]), model.encode_text(["a city"])
    adjacent = model.predict(latents, t, condition, guidance_scale=1.0)
    wider = torch.cat([latents[..., -4:], latents, latents[..., :4]], dim=-1)
    continued = model.predict(wider, t, condition, guidance_scale=1.0)[..., 4:-4]
    torch.testing.assert_close(adjacent, continued, rtol=0, atol=1e-6)


def test_3_refuses_what_it_has_no_positions_for(tiny_sd3_folder: Path):
    model = fresh(tiny_sd3_folder)
    assert model.sigmas(2, 1152, 2304).shape == (3,)
    with pytest.raises(ValueError, match="positions for 2304 pixels a side"):
        model.sigmas(2, 1168, 2336)


@torch.no_grad()
def test_sana_with_positions_promises_less(tiny_sana_folder: Path):
    from diffusers.models.transformers.sana_transformer import SanaTransformer2DModel

    pipe = fresh(tiny_sana_folder).pipe
    config = {**pipe.transformer.config, "interpolation_scale": 1.0}
    pipe.transformer = SanaTransformer2DModel.from_config(config).eval()  # type: ignore[union-attr]
    assert SanaModel(pipe).capabilities.exact_seams == ("autoencoder",)
