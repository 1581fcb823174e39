"""The cache: what is there is not made again, what is stale is not read."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cyclorama.data.folder import ImageFolder
from cyclorama.data.latents import TensorCache, encode_panoramas, hash_module
from cyclorama.data.order import sample_indices


def write_noise_folder(folder, count):
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(count):
        Image.fromarray(rng.integers(0, 255, (16, 32, 3), dtype=np.uint8)).save(folder / f"{i}.png")
    lines = [json.dumps({"file_name": f"{i}.png", "text": f"image {i}"}) for i in range(count)]
    (folder / "metadata.jsonl").write_text("\n".join(lines))


class Counter:
    """Averages 8x8 blocks and counts its calls."""

    def __init__(self, fail_after: int = 99) -> None:
        self.calls, self.fail_after = 0, fail_after

    def __call__(self, images):
        self.calls += 1
        if self.calls > self.fail_after:
            raise KeyboardInterrupt
        return nn.functional.avg_pool2d(images, 8)


def encode(tmp_path, encoder, *, key="k", height=16, flips=True):
    images = ImageFolder(tmp_path / "images")
    return encode_panoramas(
        images, TensorCache(tmp_path / "cache"), encode=encoder, encoder_key=key, height=height, flips=flips
    )


def test_an_interrupted_encoding_continues_and_a_full_cache_encodes_nothing(tmp_path):
    write_noise_folder(tmp_path / "images", 3)
    with pytest.raises(KeyboardInterrupt):
        encode(tmp_path, Counter(fail_after=3))
    second, third = Counter(), Counter()
    encode(tmp_path, second)
    encode(tmp_path, third)
    assert (second.calls, third.calls) == (3, 0)


def test_entries_are_the_latents_and_the_latents_of_the_mirror_image(tmp_path):
    write_noise_folder(tmp_path / "images", 2)
    data = encode(tmp_path, Counter())
    image = ImageFolder(tmp_path / "images")[1].read()
    torch.testing.assert_close(data.latents(1), nn.functional.avg_pool2d(image, 8))
    torch.testing.assert_close(data.latents(1, flipped=True), nn.functional.avg_pool2d(image.flip(-1), 8))
    assert data.captions == ("image 0", "image 1")
    upright = encode(tmp_path, Counter(), key="other", flips=False)
    torch.testing.assert_close(upright.latents(1), data.latents(1))


def test_another_encoder_or_size_encodes_again(tmp_path):
    write_noise_folder(tmp_path / "images", 1)
    for key, height in (("a", 16), ("b", 16), ("b", 8)):
        encoder = Counter()
        encode(tmp_path, encoder, key=key, height=height)
        assert encoder.calls == 2


def test_a_damaged_entry_says_what_to_do(tmp_path):
    cache = TensorCache(tmp_path)
    cache.write("abc", {"x": torch.zeros(100)})
    cache.path("abc").write_bytes(cache.path("abc").read_bytes()[:-8])
    with pytest.raises(ValueError, match=r"damaged .* delete it"):
        cache.read("abc")


def test_the_hash_of_a_module_sees_its_weights():
    torch.manual_seed(0)
    net = nn.Linear(4, 4)
    before = hash_module(net)
    assert before == hash_module(net)
    with torch.no_grad():
        net.bias[2] += 1e-3
    assert before != hash_module(net)


def test_every_epoch_holds_every_item_once_in_another_order():
    def epoch(number):
        return [i for step in range(5) for i in sample_indices(number * 5 + step, batch_size=2, num_items=10, seed=3)]

    assert sorted(epoch(0)) == sorted(epoch(1)) == list(range(10))
    assert epoch(0) != epoch(1)
    assert epoch(0) == epoch(0)
