"""Agreement is 1 or 0 where something was asked, nan where nothing was; prompts are read in the captions' language."""

from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from cyclorama.evaluation.agreement import agreement, asked_in
from cyclorama.evaluation.networks.eyes import Eyes

LABELS = {"place": ("dark", "bright"), "objects": ("red", "green", "blue")}


class ColourEyes(Eyes):
    """A place is bright above a mean of 1/2, an object is a colour above 1/2."""

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        means = images.mean((2, 3)) - 0.5
        bright = means.mean(1, keepdim=True)
        return {"place": torch.cat([-bright, bright], 1) * 20, "objects": means * 20}


@pytest.fixture
def eyes() -> Eyes:
    return ColourEyes(LABELS, wraps=True, widths=(8, 8)).eval()


def plain(*colours: tuple[float, float, float]) -> Tensor:
    return torch.tensor(colours)[:, :, None, None].expand(-1, 3, 64, 128)


def test_the_likeliest_place_counts_and_every_object_asked_for(eyes):
    images = plain((0.9, 0.9, 0.1), (0.9, 0.9, 0.1), (0.1, 0.1, 0.1))
    asked = [{"place": "bright", "objects": ["red", "green"]}, {"objects": ("red", "blue")}, {"place": "bright"}]
    hits = agreement(images, asked, eyes=eyes)
    assert hits["place"].dtype == torch.float64
    assert hits["place"].tolist()[::2] == [1, 0]
    assert hits["objects"].tolist()[:2] == [1, 0]
    assert hits["place"][1].isnan()
    assert hits["objects"][2].isnan()


def test_a_scene_is_asked_by_its_attributes(eyes):
    hits = agreement(plain((0.9, 0.9, 0.9)), [SimpleNamespace(place="dark", seed=3)], eyes=eyes)
    assert hits["place"].tolist() == [0]


def test_unknown_labels_and_odd_counts_are_refused(eyes):
    with pytest.raises(ValueError, match="got the place moon, wanted one of dark, bright"):
        agreement(plain((0.0, 0.0, 0.0)), [{"place": "moon"}], eyes=eyes)
    with pytest.raises(ValueError, match="1 images and 2 labels"):
        agreement(plain((0.0, 0.0, 0.0)), [{}, {}], eyes=eyes)


def test_a_prompt_asks_for_what_it_names():
    asked = asked_in("a tropical beach with palm trees at dusk")
    assert asked == {"place": "beach", "time": "sunset", "objects": ("palm",)}
    assert asked_in("something else entirely") == {}
