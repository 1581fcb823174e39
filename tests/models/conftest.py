from pathlib import Path

import pytest
import torch

from cyclorama.models.pipeline_model import PipelineModel
from tests.models.suite import FOLDERS, draw, fresh


@pytest.fixture(params=FOLDERS)
def folder(request: pytest.FixtureRequest) -> Path:
    """The tiny folder of every family in turn; a new family adds its name to `suite.FOLDERS`."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def model(folder: Path) -> PipelineModel:
    return fresh(folder)


@pytest.fixture
def latents(model: PipelineModel) -> torch.Tensor:
    return draw(model, 2, 1)
