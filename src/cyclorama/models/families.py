"""The model families: which adapter loads which diffusers pipeline."""

from pathlib import Path

from cyclorama.models.flux import FluxModel
from cyclorama.models.loading import check_class, read_class_name
from cyclorama.models.pipeline_model import PipelineModel
from cyclorama.models.sana import SanaModel
from cyclorama.models.stable_diffusion import StableDiffusionModel, StableDiffusionXLModel
from cyclorama.models.stable_diffusion3 import StableDiffusion3Model

FAMILIES: tuple[type[PipelineModel], ...] = (
    FluxModel,
    StableDiffusionModel,
    StableDiffusionXLModel,
    StableDiffusion3Model,
    SanaModel,
)


def load_family(folder_or_hub_id: str | Path, *, download: bool = False, **options) -> PipelineModel:
    """Load a diffusers folder or hub id with the family that its model_index.json names.

    `options` are those of `PipelineModel.from_pretrained`.

    Raises:
        ValueError: for a pipeline of no known family, and for what `from_pretrained` refuses.
    """
    by_class = {name: family for family in FAMILIES for name in family.pipelines}
    found = read_class_name(folder_or_hub_id, download=download)
    check_class(found, folder_or_hub_id, tuple(by_class))
    return by_class[found].from_pretrained(folder_or_hub_id, download=download, **options)
