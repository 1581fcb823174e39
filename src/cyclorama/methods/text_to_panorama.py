"""Text to panorama by either method, as `cyclorama generate` asks for it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor

from cyclorama.methods.adapter_panorama import check_panorama_size, generate_panoramas
from cyclorama.methods.directional_prompts import DirectedPrompt, prompts_by_height
from cyclorama.methods.sphere_diffusion import generate_sphere
from cyclorama.methods.sphere_settings import SphereSettings, check_sphere_model
from cyclorama.methods.view_layouts import find_layout
from cyclorama.models.protocol import Model

Progress = Callable[[int, int], None]


def panorama_maker(
    model: Model, prompts: Sequence[DirectedPrompt], used: Mapping[str, Any]
) -> Callable[[int, Progress], Float[Tensor, "3 height width"]]:
    """What makes the panorama of a seed; `used` are method, height, num_steps, guidance_scale and, for it, views.

    Raises:
        ValueError: for a height that the model cannot make, and a panoramic model for the sphere method.
    """
    how = {name: used[name] for name in ("height", "num_steps", "guidance_scale")}
    check_panorama_size(model.capabilities, used["height"])
    if used["method"] == "adapter":
        return lambda seed, show: generate_panoramas(model, [prompts[0].text], seeds=[seed], progress=show, **how)[0]
    check_sphere_model(model.capabilities)
    told = prompts if len(prompts) > 1 else prompts_by_height(prompts[0].text)
    settings = SphereSettings(find_layout(used["views"]))
    return lambda seed, show: generate_sphere(model, told, seed=seed, settings=settings, progress=show, **how)
