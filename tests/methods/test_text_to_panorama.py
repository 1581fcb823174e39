import pytest
import torch

from cyclorama.methods.adapter_panorama import generate_panoramas
from cyclorama.methods.directional_prompts import DirectedPrompt, prompts_by_height
from cyclorama.methods.sphere_diffusion import generate_sphere
from cyclorama.methods.sphere_settings import SphereSettings
from cyclorama.methods.text_to_panorama import panorama_maker
from cyclorama.methods.view_layouts import LAYOUTS
from cyclorama.models.registry import load_model

PROMPTS = [DirectedPrompt("a lake")]
HOW = {"height": 32, "num_steps": 1, "guidance_scale": 1.0}


@pytest.fixture(scope="module")
def model(tiny_flux_folder):
    return load_model(tiny_flux_folder, device="cpu")


def silent(done: int, total: int) -> None:
    pass


def test_the_adapter_makes_what_its_own_function_makes(model):
    [wanted] = generate_panoramas(model, ["a lake"], seeds=[3], **HOW)
    assert torch.equal(panorama_maker(model, PROMPTS, {"method": "adapter", **HOW})(3, silent), wanted)


def test_the_sphere_is_told_a_sentence_by_height(model):
    wanted = generate_sphere(model, prompts_by_height("a lake"), seed=3, settings=SphereSettings(LAYOUTS["6"]), **HOW)
    assert torch.equal(panorama_maker(model, PROMPTS, {"method": "sphere", "views": "6", **HOW})(3, silent), wanted)


def test_a_height_that_the_model_cannot_make_is_refused_at_once(model):
    with pytest.raises(ValueError, match="got height 33"):
        panorama_maker(model, PROMPTS, {"method": "sphere", "views": "6", **HOW, "height": 33})
