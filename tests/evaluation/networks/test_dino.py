import json
from pathlib import Path

import pytest
import torch

from cyclorama.evaluation.networks.dino import DinoNetwork, load_dino
from cyclorama.evaluation.networks.weights import MissingWeights

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def save_model(folder: Path, model_class: str = "Dinov2Model") -> Path:
    import transformers

    sizes = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 56, "patch_size": 14}
    config_class = "Dinov2WithRegistersConfig" if "Registers" in model_class else "Dinov2Config"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        getattr(transformers, model_class)(getattr(transformers, config_class)(**sizes)).save_pretrained(folder)
    preprocessor = {"image_mean": MEAN, "image_std": STD, "crop_size": {"height": 28, "width": 28}}
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return save_model(tmp_path_factory.mktemp("dino"))


@pytest.fixture(scope="module")
def network(folder) -> DinoNetwork:
    return load_dino(folder, image_size=56)


@pytest.fixture
def images() -> torch.Tensor:
    return torch.rand(3, 3, 56, 56, generator=torch.Generator().manual_seed(1))


def test_features_are_the_class_token_of_images_normalised_once(folder, network, images):
    from transformers import Dinov2Model

    model = Dinov2Model.from_pretrained(folder).eval()
    seen = (images - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
    with torch.no_grad():
        expected = model(pixel_values=seen).pooler_output
    torch.testing.assert_close(network.features(images), expected)
    assert expected.shape[1] == network.num_features == 24


def test_features_do_not_depend_on_the_rest_of_the_batch(network, images):
    alone = torch.cat([network.features(image[None]) for image in images])
    torch.testing.assert_close(network.features(images), alone, rtol=0, atol=1e-6)


def test_one_folder_serves_several_sizes_that_patches_tile(folder):
    network = load_dino(folder, image_size=28)
    assert network.features(torch.rand(2, 3, 28, 28)).shape == (2, 24)
    with pytest.raises(ValueError, match="wanted 28x28"):
        network.features(torch.rand(2, 3, 56, 56))
    with pytest.raises(ValueError, match="multiple of 14"):
        load_dino(folder, image_size=30)


def test_models_with_registers_and_classifiers_of_the_same_backbone_load(network, images, tmp_path):
    registers = load_dino(save_model(tmp_path / "registers", "Dinov2WithRegistersModel"), image_size=56)
    assert registers.features(images).shape == (3, 24)
    classifier = load_dino(save_model(tmp_path / "classifier", "Dinov2ForImageClassification"), image_size=56)
    assert classifier.features(images).shape == network.features(images).shape


def test_missing_and_other_folders_are_refused_in_one_line(folder, tmp_path, monkeypatch):
    for name in ("CYCLORAMA_DINO", "CYCLORAMA_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MissingWeights, match=r"facebook/dinov2-large \(1.22 GB\)"):
        load_dino()
    config = json.loads((folder / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "model_type": "vit"}))
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(ValueError, match=r"type vit .* wanted dinov2 or dinov2_with_registers") as refused:
        load_dino(tmp_path)
    assert "\n" not in str(refused.value)
