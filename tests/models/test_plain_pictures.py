"""Without wrapping, the picture of every family is the one that plain diffusers makes from the same noise."""

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler

from cyclorama.diffusion.noise import seeded_noise
from cyclorama.diffusion.sampling import EulerSolver
from cyclorama.models.families import load_family
from cyclorama.models.pipeline_model import PipelineModel

PROMPT = "a snowy mountain valley"
STEPS, HEIGHT, WIDTH, GUIDANCE = 4, 64, 128, 3.0


def load_plain(folder: Path, **options: Any) -> Any:
    pipe = DiffusionPipeline.from_pretrained(folder, local_files_only=True, **options)
    pipe.set_progress_bar_config(disable=True)
    return pipe


@torch.no_grad()
def sample(model: PipelineModel, latents: torch.Tensor) -> torch.Tensor:
    solver = EulerSolver(model.sigmas(STEPS, HEIGHT, WIDTH))
    condition = model.encode_text([PROMPT])
    for t in solver.times:
        velocity = model.predict(latents, t.expand(1), condition, guidance_scale=GUIDANCE)
        latents = solver.step(velocity, latents)
    return model.decode_latents(latents)


def noise_for(model: PipelineModel) -> torch.Tensor:
    facts = model.capabilities
    shape = (facts.latent_channels, HEIGHT // facts.spatial_compression, WIDTH // facts.spatial_compression)
    return seeded_noise([5], shape)


def picture(pipe: Any, **options: Any) -> torch.Tensor:
    size = {"height": HEIGHT, "width": WIDTH, "guidance_scale": GUIDANCE, "output_type": "pt"}
    return pipe(PROMPT, **size, **options).images


@pytest.mark.parametrize("kind", ["sd", "sd_v", "sdxl"])
def test_unets_make_the_picture_of_ddim(kind: str, request: pytest.FixtureRequest):
    """The free interval from pure noise leaves s n of the first timestep, one evaluation less than steps."""
    folder = request.getfixturevalue(f"tiny_{kind}_folder")
    model = load_family(folder, device="cpu", wrap="none")
    plain = load_plain(folder)
    options = {"clip_sample": False, "set_alpha_to_one": True}
    scheduler: Any = DDIMScheduler.from_config(plain.scheduler.config, **options)
    plain.scheduler = scheduler
    free = int(model.max_time < 1)
    scheduler.set_timesteps(STEPS - free)
    level = (1 - scheduler.alphas_cumprod[scheduler.timesteps[0]]).sqrt()
    noise = noise_for(model)
    expected = picture(plain, latents=level * noise, num_inference_steps=STEPS - free)
    torch.testing.assert_close(sample(model, noise), expected, rtol=0, atol=1e-4)


def test_stable_diffusion_3_makes_the_picture_of_its_pipeline(tiny_sd3_folder: Path):
    model = load_family(tiny_sd3_folder, device="cpu", wrap="none")
    noise = noise_for(model)
    plain = load_plain(tiny_sd3_folder)
    expected = picture(plain, latents=noise, num_inference_steps=STEPS, max_sequence_length=model.max_text_tokens)
    torch.testing.assert_close(sample(model, noise), expected, rtol=0, atol=1e-5)


def test_stable_diffusion_3_runs_without_its_t5(tiny_sd3_folder: Path, tmp_path: Path):
    plain = load_plain(tiny_sd3_folder, text_encoder_3=None, tokenizer_3=None)
    plain.save_pretrained(tmp_path / "small")
    model = load_family(tmp_path / "small", device="cpu", wrap="none")
    noise = noise_for(model)
    expected = picture(plain, latents=noise, num_inference_steps=STEPS)
    torch.testing.assert_close(sample(model, noise), expected, rtol=0, atol=1e-5)
    assert model.text_key()


def test_sana_makes_the_picture_of_its_pipeline_with_euler_steps(tiny_sana_folder: Path):
    model = load_family(tiny_sana_folder, device="cpu", wrap="none")
    noise, plain = noise_for(model), load_plain(tiny_sana_folder)
    plain.scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0)
    levels = [1 - step / STEPS for step in range(STEPS)]
    options: dict[str, Any] = {"sigmas": levels, "use_resolution_binning": False}
    expected = picture(plain, latents=noise, **options)
    torch.testing.assert_close(sample(model, noise), expected, rtol=0, atol=1e-5)


def test_sana_schedule_is_that_of_its_own_solver(tiny_sana_folder: Path):
    """A thousandth apart: the solver's first level is 0.999 before the shift."""
    model = load_family(tiny_sana_folder, device="cpu")
    even = torch.linspace(0.999, 0, 9)
    torch.testing.assert_close(model.sigmas(8, 64, 128), 3 * even / (1 + 2 * even), rtol=0, atol=2e-3)
