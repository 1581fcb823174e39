"""The miniature's eyes: wrap where panoramas do, keep their file, and answer alone as in company."""

import json
from collections.abc import Callable

import pytest
import torch

from cyclorama.diorama import OBJECTS, PLACES, SKIES, TIMES, render_panorama, sample_scene, visible_objects
from cyclorama.evaluation.networks.eyes import (
    PANORAMA_WEIGHTS,
    VIEW_WEIGHTS,
    Eyes,
    classify,
    halve,
    load_eyes,
    load_eyes_panorama,
    load_eyes_view,
    pad_picture,
    save_eyes,
    shrink,
)
from cyclorama.geometry.reprojection import equirect_to_perspective

LABELS = {"place": ("plain", "stripes", "disc"), "time": ("day", "night"), "objects": ("a", "b", "c")}
WIDTHS = (8, 16, 16, 16, 24)
packaged = pytest.mark.skipif(
    not (PANORAMA_WEIGHTS.exists() and VIEW_WEIGHTS.exists()), reason="the packaged eyes are not trained yet"
)


def untrained(*, wraps: bool = True) -> Eyes:
    torch.manual_seed(0)
    return Eyes(LABELS, wraps=wraps, widths=WIDTHS).eval()


def pictures(num: int = 2, size: tuple[int, int] = (64, 128)) -> torch.Tensor:
    return torch.rand(num, 3, *size, generator=torch.Generator().manual_seed(0))


def test_turning_a_panorama_by_45_degrees_changes_nothing():
    eyes, images = untrained(), pictures(size=(128, 256))
    turned = classify(images.roll(32, -1), eyes)
    for head, expected in classify(images, eyes).items():
        torch.testing.assert_close(turned[head], expected, atol=1e-6, rtol=1e-4)
    features = eyes.features(shrink(images, eyes))
    torch.testing.assert_close(eyes.features(shrink(images.roll(32, -1), eyes)), features, atol=1e-5, rtol=1e-4)


def test_a_view_does_not_wrap():
    images = torch.zeros(1, 1, 4, 4)
    images[..., 0] = 1
    assert pad_picture(images, 1, wraps=True)[0, 0, 2].tolist() == [0, 1, 0, 0, 0, 1]
    assert pad_picture(images, 1, wraps=False)[0, 0, 2].tolist() == [1, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("wraps", [True, False])
def test_answers_are_probabilities_and_do_not_depend_on_the_batch(wraps: bool):
    eyes = untrained(wraps=wraps)
    images = pictures(3, (64, 128) if wraps else (64, 64))
    together, alone = classify(images, eyes), classify(images, eyes, batch_size=1)
    for head, names in LABELS.items():
        assert together[head].shape == (3, len(names))
        torch.testing.assert_close(together[head], alone[head])
    torch.testing.assert_close(together["place"].sum(-1), torch.ones(3))
    assert (together["objects"].sum(-1) - 1).abs().min() > 1e-3, "objects are not exclusive"


@pytest.mark.parametrize("wraps", [True, False])
def test_features_have_the_stated_size_and_are_those_of_each_picture(wraps: bool):
    eyes = untrained(wraps=wraps)
    assert eyes.wraps == wraps
    assert eyes.input_size == ((64, 128) if wraps else (64, 64))
    images = pictures(3, eyes.input_size)
    features = eyes.features(images)
    assert features.shape == (3, eyes.num_features)
    torch.testing.assert_close(eyes.features(images[1:2]), features[1:2])


def test_shrinking_averages_areas():
    eyes, image = untrained(), pictures(1, (128, 256))
    torch.testing.assert_close(shrink(image, eyes)[0, 0, 0, 0], image[0, 0, :2, :2].mean())
    torch.testing.assert_close(shrink(pictures(), eyes), pictures())


@pytest.mark.parametrize("wraps", [True, False])
def test_halving_keeps_constants_and_removes_the_finest_stripes(wraps: bool):
    stripes = (torch.arange(32) % 2).float().expand(1, 2, 16, 32)
    halved = halve(stripes, wraps=wraps)
    assert halved.shape == (1, 2, 8, 16)
    torch.testing.assert_close(halved[..., 1:-1], torch.full((1, 2, 8, 14), 0.5))
    constant = torch.full((1, 2, 8, 16), 0.3)
    torch.testing.assert_close(halve(constant, wraps=wraps), constant[..., :4, :8])


@pytest.mark.parametrize("wraps", [True, False])
def test_weights_labels_and_scales_survive_the_file(wraps: bool, tmp_path):
    eyes, path = untrained(wraps=wraps), tmp_path / "eyes.safetensors"
    eyes.get_buffer("feature_mean").fill_(0.25)
    save_eyes(eyes, path, metadata={"training": json.dumps({"num": 3})})
    again = load_eyes(path)
    assert (again.labels, again.widths, again.wraps) == (LABELS, WIDTHS, wraps)
    images = pictures(size=(64, 128) if wraps else (64, 64))
    torch.testing.assert_close(classify(images, again)["place"], classify(images, eyes)["place"], atol=1e-2, rtol=0)
    torch.testing.assert_close(again.features(images), eyes.features(images), atol=1e-2, rtol=0)
    assert not any(weight.requires_grad for weight in again.parameters())
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def _missing(path):
    path.unlink(missing_ok=True)


def _truncated(path):
    path.write_bytes(path.read_bytes()[:1000])


def _foreign(path):
    path.write_bytes(b"not weights at all")


@pytest.mark.parametrize("spoil", [_missing, _truncated, _foreign])
def test_unusable_weights_end_in_one_line(tmp_path, spoil: Callable):
    path = tmp_path / "eyes.safetensors"
    save_eyes(untrained(), path)
    spoil(path)
    with pytest.raises(ValueError, match="wanted weights with labels") as caught:
        load_eyes(path)
    assert "\n" not in str(caught.value)


def test_the_eyes_of_the_other_kind_are_refused(tmp_path):
    path = tmp_path / "eyes.safetensors"
    save_eyes(untrained(wraps=False), path)
    with pytest.raises(ValueError, match=r"got eyes for views .* wanted those for panoramas"):
        load_eyes_panorama(path)


def test_a_file_that_was_written_anew_is_read_anew(tmp_path):
    path = tmp_path / "eyes.safetensors"
    for seed in (0, 1):
        torch.manual_seed(seed)
        eyes = Eyes({"sky": ("clear", "fog")}, wraps=False)
        save_eyes(eyes, path)
        torch.testing.assert_close(load_eyes_view(path).heads["sky"].weight, eyes.heads["sky"].weight.half().float())


def test_pictures_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="64x64, wanted panoramas twice as wide"):
        classify(pictures(size=(64, 64)), untrained())
    with pytest.raises(ValueError, match="64x128, wanted square views"):
        classify(pictures(), untrained(wraps=False))


@packaged
def test_the_packaged_eyes_know_the_diorama_of_today():
    eyes = load_eyes_panorama()
    known = {"place": PLACES, "time": TIMES, "sky": SKIES, "objects": OBJECTS}
    assert known.items() <= eyes.labels.items()
    scenes = [sample_scene(10**7 + k) for k in range(10)]
    found = classify(torch.stack([render_panorama(scene, 64).colours for scene in scenes]), eyes)
    right = [PLACES[p.argmax()] == scene.place for p, scene in zip(found["place"], scenes, strict=True)]
    assert sum(right) >= 8
    shown = [{OBJECTS[k] for k in (p > 0.5).nonzero()[:, 0].tolist()} for p in found["objects"]]
    overlap = [len(seen & set(visible_objects(scene))) for seen, scene in zip(shown, scenes, strict=True)]
    assert sum(overlap) > 0.75 * sum(len(visible_objects(scene)) for scene in scenes)


@packaged
def test_the_packaged_features_move_with_colour_and_with_blur():
    eyes, views = load_eyes_panorama(), load_eyes_view()
    images = torch.stack([render_panorama(sample_scene(10**7 + k), 64, antialias=0).colours for k in range(6)])
    warm = images * torch.tensor([1.08, 1.0, 1.0])[:, None, None]
    assert (eyes.features(warm.clamp(0, 1)) - eyes.features(images)).mean(0).norm() > 0.5
    down = torch.stack([equirect_to_perspective(image, 64, 64, 90, pitch_deg=-90) for image in images])
    soft = torch.nn.functional.avg_pool2d(down, 5, stride=1, padding=2, count_include_pad=False)
    assert (views.features(soft) - views.features(down)).mean(0).norm() > 0.5
