from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.pipelines.flux.pipeline_flux import FluxPipeline

from cyclorama.diffusion.noise import seeded_noise
from cyclorama.diffusion.sampling import EulerSolver
from cyclorama.models.flux import FluxModel

PROMPT = "a snowy mountain valley"


def load_plain(folder: Path) -> Any:
    pipe = FluxPipeline.from_pretrained(folder, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def sample(model: FluxModel, latents: torch.Tensor, guidance_scale: float) -> torch.Tensor:
    solver = EulerSolver(model.sigmas(4, 64, 128))
    condition = model.encode_text([PROMPT])
    with torch.no_grad():
        for t in solver.times:
            velocity = model.predict(latents, t.expand(1), condition, guidance_scale=guidance_scale)
            latents = solver.step(velocity, latents)
        return model.decode_latents(latents)


@pytest.mark.parametrize("folder", ["tiny_flux_folder", "tiny_guided_flux_folder"])
def test_without_wrapping_the_picture_is_plain_diffusers_picture(folder: str, request: pytest.FixtureRequest):
    path = request.getfixturevalue(folder)
    guided = folder == "tiny_guided_flux_folder"
    latents = seeded_noise([5], (16, 8, 16))
    plain = load_plain(path)
    expected = plain(
        PROMPT,
        height=64,
        width=128,
        num_inference_steps=4,
        latents=plain._pack_latents(latents, 1, 16, 8, 16),
        guidance_scale=3.0,
        max_sequence_length=32,
        output_type="pt",
        **({} if guided else {"negative_prompt": "", "true_cfg_scale": 3.0}),
    ).images
    images = sample(FluxModel.from_pretrained(path, device="cpu", wrap="none"), latents, 3.0)
    torch.testing.assert_close(images, expected, rtol=0, atol=1e-5)


def test_encoding_undoes_the_scaling_of_decoding(tiny_flux_folder: Path):
    model = FluxModel.from_pretrained(tiny_flux_folder, device="cpu", wrap="none")
    images = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        z = model.pipe.vae.encode(2 * images - 1).latent_dist.mode()
        latents = model.encode_images(images)
        decoded = model.pipe.vae.decode(latents / 0.3611 + 0.1159).sample
    torch.testing.assert_close(latents, (z - 0.1159) * 0.3611)
    torch.testing.assert_close(model.decode_latents(latents), (decoded / 2 + 0.5).clamp(0, 1))


def test_wraps_act_on_panoramas_only(tiny_flux_folder: Path):
    square, panorama = torch.randn(1, 16, 8, 8), torch.randn(1, 16, 8, 16)
    t = torch.tensor([0.5])
    seen: dict[int, list[torch.Tensor]] = {8: [], 16: []}
    model = FluxModel.from_pretrained(tiny_flux_folder, device="cpu")
    condition = model.encode_text([PROMPT])
    with torch.no_grad():
        for wrap in FluxModel.wraps:
            model.wrap = wrap
            seen[8].append(model.predict(square, t, condition))
            seen[16].append(model.predict(panorama, t, condition))
    assert all(torch.equal(seen[8][0], other) for other in seen[8][1:])
    assert all((seen[16][0] - other).abs().max() > 1e-7 for other in seen[16][1:])


def test_bfloat16_runs_and_stays_close(tiny_flux_folder: Path):
    latents = seeded_noise([5], (16, 8, 16))
    exact = sample(FluxModel.from_pretrained(tiny_flux_folder, device="cpu"), latents, 3.0)
    model = FluxModel.from_pretrained(tiny_flux_folder, device="cpu", dtype=torch.bfloat16)
    assert model.dtype == torch.bfloat16
    rounded = sample(model, latents, 3.0)
    assert rounded.dtype == torch.float32
    assert (rounded - exact).abs().mean() < 0.03


def test_prompt_prefix_is_added_once_and_never_to_the_empty_prompt(tiny_flux_folder: Path):
    model = FluxModel.from_pretrained(tiny_flux_folder, device="cpu")
    plain = model.encode_text(["this is a panorama . snowy mountain", ""])
    model.prompt_prefix = "this is a panorama . "
    prefixed = model.encode_text(["snowy mountain", ""])
    again = model.encode_text(["this is a panorama . snowy mountain", ""])
    for name, tensor in plain.tensors.items():
        assert torch.equal(tensor, prefixed.tensors[name])
        assert torch.equal(tensor, again.tensors[name])


def test_tiled_decoding_has_no_seam_of_its_own(tiny_flux_folder: Path):
    """Rolling by a tile step only renames the tiles, so the border of the picture is a tile border like any other."""
    model = FluxModel.from_pretrained(tiny_flux_folder, device="cpu", vae_tiling=True)
    latents = torch.randn(1, 16, 12, 24)
    with torch.no_grad():
        image, rolled = model.decode_latents(latents), model.decode_latents(latents.roll(6, -1))
    assert image.shape == (1, 3, 96, 192)
    torch.testing.assert_close(rolled, image.roll(48, -1), rtol=0, atol=1e-5)


def test_tiling_of_a_small_picture_and_of_a_perspective_view_keeps_the_shape(tiny_flux_folder: Path):
    model = FluxModel.from_pretrained(tiny_flux_folder, device="cpu", vae_tiling=True)
    with torch.no_grad():
        assert model.decode_latents(torch.randn(1, 16, 4, 8)).shape == (1, 3, 32, 64)
        assert model.decode_latents(torch.randn(1, 16, 14, 14)).shape == (1, 3, 112, 112)


def test_distilled_models_take_no_guidance(tiny_flux_folder: Path):
    model = FluxModel.from_pretrained(tiny_flux_folder, device="cpu", distilled=True)
    latents, t, condition = torch.randn(1, 16, 8, 16), torch.tensor([0.5]), model.encode_text([PROMPT])
    with torch.no_grad():
        unguided = model.predict(latents, t, condition, guidance_scale=1.0)
        assert torch.equal(model.predict(latents, t, condition, guidance_scale=5.0), unguided)
    assert (model.default_steps, model.default_guidance) == (4, 1.0)


def test_wrong_options_are_named(tiny_flux_folder: Path):
    with pytest.raises(ValueError, match="integer"):
        FluxModel.from_pretrained(tiny_flux_folder, device="cpu", wrap="sideways")
    with pytest.raises(ValueError, match="model or group"):
        FluxModel.from_pretrained(tiny_flux_folder, device="cpu", offload="disk")
    with pytest.raises(ValueError, match="wants a GPU"):
        FluxModel.from_pretrained(tiny_flux_folder, device="cpu", offload="model")
