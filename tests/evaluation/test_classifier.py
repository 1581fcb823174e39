import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch

from cyclorama.diorama import render_panorama, sample_scene
from cyclorama.evaluation.classifier import (
    PACKAGED_WEIGHTS,
    PanoramaClassifier,
    agreement,
    classify,
    halve,
    load_classifier,
    save_classifier,
    shrink,
)
from cyclorama.evaluation.classifier_training import accuracy, augment, diorama_labels, read_renders, train_classifier
from cyclorama.media.images import write_panorama

LABELS = {"place": ("plain", "stripes", "disc"), "time": ("day", "night")}


@dataclass(frozen=True)
class ToyScene:
    place: str
    time: str
    seed: int


def sample(seed: int) -> ToyScene:
    return ToyScene(LABELS["place"][seed % 3], LABELS["time"][(seed // 3) % 2], seed)


def render(scene: ToyScene) -> torch.Tensor:
    y, x = torch.meshgrid(torch.linspace(-1, 1, 64), torch.linspace(0, 1, 128), indexing="ij")
    phase = (scene.seed * 0.618) % 1
    patterns = {
        "plain": 0.3 * (y < 0),
        "stripes": 0.3 * ((x * 8 + phase) % 1 < 0.5),
        "disc": 0.5 * (((x - phase + 0.5) % 1 - 0.5) ** 2 * 4 + y**2 < 0.2),
    }
    return (patterns[scene.place] + (0.4 if scene.time == "day" else 0.1)).expand(3, 64, 128).clone()


@pytest.fixture
def untrained() -> PanoramaClassifier:
    torch.manual_seed(0)
    return PanoramaClassifier(LABELS).eval()


def pictures(num: int = 2, height: int = 64) -> torch.Tensor:
    return torch.rand(num, 3, height, 2 * height, generator=torch.Generator().manual_seed(0))


def test_the_network_is_small(untrained):
    many = PanoramaClassifier({"place": [str(k) for k in range(12)], "time": "abcd", "sky": "abcd"})
    assert sum(weight.numel() for weight in many.parameters()) <= 150_000


def test_turning_the_panorama_by_45_degrees_changes_nothing(untrained):
    images = pictures(height=128)
    turned = classify(images.roll(32, -1), classifier=untrained)
    for head, expected in classify(images, classifier=untrained).items():
        torch.testing.assert_close(turned[head], expected, atol=1e-6, rtol=1e-4)


def test_probabilities_sum_to_one_and_do_not_depend_on_the_batch(untrained):
    images = pictures(3)
    together = classify(images, classifier=untrained)
    alone = classify(images, classifier=untrained, batch_size=1)
    for head, names in LABELS.items():
        assert together[head].shape == (3, len(names))
        torch.testing.assert_close(together[head].sum(-1), torch.ones(3))
        torch.testing.assert_close(together[head], alone[head])


def test_shrinking_averages_areas():
    image = pictures(1, 128)
    torch.testing.assert_close(shrink(image)[0, 0, 0, 0], image[0, 0, :2, :2].mean())
    torch.testing.assert_close(shrink(pictures()), pictures())


def test_halving_keeps_constants_and_removes_the_finest_stripes():
    stripes = (torch.arange(32) % 2).float().expand(1, 2, 16, 32)
    assert halve(stripes).shape == (1, 2, 8, 16)
    torch.testing.assert_close(halve(stripes), torch.full((1, 2, 8, 16), 0.5))


def test_weights_and_labels_survive_the_file(untrained, tmp_path):
    save_classifier(untrained, tmp_path / "c.safetensors")
    again = load_classifier(tmp_path / "c.safetensors")
    assert again.labels == LABELS
    places = [classify(pictures(), classifier=classifier)["place"] for classifier in (again, untrained)]
    torch.testing.assert_close(*places, atol=1e-2, rtol=0)
    assert (tmp_path / "c.safetensors").stat().st_size < 2**20
    assert not list(tmp_path.glob("*.part"))


def _missing(path):
    path.unlink(missing_ok=True)


def _truncated(path):
    path.write_bytes(path.read_bytes()[:1000])


def _foreign(path):
    path.write_bytes(b"not weights at all")


@pytest.mark.parametrize("spoil", [_missing, _truncated, _foreign])
def test_unusable_weights_end_in_one_line(untrained, tmp_path, spoil: Callable):
    save_classifier(untrained, tmp_path / "c.safetensors")
    spoil(tmp_path / "c.safetensors")
    with pytest.raises(ValueError, match="wanted weights with labels") as caught:
        load_classifier(tmp_path / "c.safetensors")
    assert "\n" not in str(caught.value)


def test_images_that_are_no_panoramas_are_refused(untrained):
    with pytest.raises(ValueError, match="twice as wide"):
        classify(torch.rand(1, 3, 64, 64), classifier=untrained)


def test_unknown_labels_and_odd_counts_are_refused(untrained):
    with pytest.raises(ValueError, match="got the place moon"):
        agreement(pictures(1), [ToyScene("moon", "day", 0)], classifier=untrained)
    with pytest.raises(ValueError, match="2 images and 1 scenes"):
        agreement(pictures(2), [sample(0)], classifier=untrained)


def write_folder(folder, num_scenes: int):
    folder.mkdir(exist_ok=True)
    rows = []
    for scene in map(sample, range(num_scenes)):
        write_panorama(render(scene), folder / f"{scene.seed}.png", parameters={})
        rows.append({"file_name": f"{scene.seed}.png", "text": "", "place": scene.place, "time": scene.time})
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def test_renders_are_read_with_their_labels(tmp_path):
    renders = read_renders(write_folder(tmp_path, 6), LABELS)
    assert renders.targets["place"].tolist() == [0, 1, 2, 0, 1, 2]
    assert (renders.images[4].float() / 255 - render(sample(4))).abs().max() < 0.01


def test_pictures_without_labels_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"0\.png has no known sky"):
        read_renders(write_folder(tmp_path, 1), LABELS | {"sky": ("clear",)})


def test_augmentation_keeps_the_range_and_the_seed_decides():
    images = pictures(8)
    once, again = (augment(images, generator=torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(once, again)
    assert once.min() >= 0
    assert once.max() <= 1
    assert (once - images).abs().mean() > 0.05


def test_training_learns_a_toy_world_and_agreement_says_so(tmp_path):
    renders = read_renders(write_folder(tmp_path, 84), LABELS)
    losses: list[float] = []
    classifier = train_classifier(
        renders[:72], LABELS, num_epochs=5, batch_size=12, report=lambda epoch, loss: losses.append(loss)
    )
    assert losses[-1] < 0.6 * losses[0]
    assert min(accuracy(classifier, renders[72:]).values()) > 0.9
    scenes = [sample(seed) for seed in range(200, 212)]
    hits = agreement(torch.stack([render(scene) for scene in scenes]), scenes, classifier=classifier)
    assert set(hits) == set(LABELS)
    assert hits["place"].float().mean() > 0.8


@pytest.mark.skipif(not PACKAGED_WEIGHTS.exists(), reason="no packaged classifier")
def test_the_packaged_classifier_knows_the_diorama_of_today():
    assert load_classifier().labels == diorama_labels()
    scenes = [sample_scene(10**7 + k) for k in range(10)]
    hits = agreement(torch.stack([render_panorama(scene, 64).colours for scene in scenes]), scenes)
    assert hits["place"].double().mean() >= 0.8
    assert hits["time"].double().mean() >= 0.7
