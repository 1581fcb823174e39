"""Encoded pictures: what is there is not made again, what is stale is not read, every variant is what it says."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cyclorama.data.bad_rows import BadRows
from cyclorama.data.encoding import Sharing, Variants, encode_pictures
from cyclorama.data.latents import TensorCache
from cyclorama.data.sources import open_pictures


def write_noise_folder(folder, count):
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(count):
        Image.fromarray(rng.integers(0, 255, (16, 32, 3), dtype=np.uint8)).save(folder / f"{i}.png")
    lines = [json.dumps({"file_name": f"{i}.png", "text": f"image {i}"}) for i in range(count)]
    (folder / "metadata.jsonl").write_text("\n".join(lines))


class Counter:
    """Averages 4x4 blocks and counts its calls."""

    def __init__(self, fail_after: int = 99) -> None:
        self.calls, self.fail_after = 0, fail_after

    def __call__(self, images):
        self.calls += 1
        if self.calls > self.fail_after:
            raise KeyboardInterrupt
        return nn.functional.avg_pool2d(images, 4)


def encode(tmp_path, encoder, *, bad=None, height=16, **how):
    bad = bad or BadRows()
    items = open_pictures(tmp_path / "images", bad)
    cache = TensorCache(tmp_path / "cache")
    how = {"encoder_key": "k", "bad": bad} | how
    return encode_pictures(items, cache, encode=encoder, height=height, **how)


def test_an_interrupted_encoding_continues_and_a_full_cache_encodes_nothing(tmp_path):
    write_noise_folder(tmp_path / "images", 3)
    with pytest.raises(KeyboardInterrupt):
        encode(tmp_path, Counter(fail_after=3))
    second, third = Counter(), Counter()
    encode(tmp_path, second)
    encode(tmp_path, third)
    assert (second.calls, third.calls) == (3, 0)


@pytest.mark.parametrize("turns", [1, 4])
def test_an_entry_is_the_encoding_of_its_variant(tmp_path, turns):
    write_noise_folder(tmp_path / "images", 2)
    data = encode(tmp_path, Counter(), variants=Variants(turns=turns))
    image = open_pictures(tmp_path / "images", BadRows())[1].read()
    for turn in range(turns):
        for flipped, seen in ((False, image), (True, image.flip(-1))):
            wanted = nn.functional.avg_pool2d(seen.roll(turn * 32 // turns, -1), 4)
            torch.testing.assert_close(data.read(1, flipped=flipped, turn=turn).latents, wanted)
    assert data.captions == ("image 0", "image 1")
    assert not data.is_masked(1)
    upright = encode(tmp_path, Counter(), encoder_key="other", variants=Variants(flips=False))
    torch.testing.assert_close(upright.read(1, flipped=True).latents, data.read(1).latents)


def test_more_variants_encode_only_what_is_new(tmp_path):
    write_noise_folder(tmp_path / "images", 1)
    calls = []
    for variants in (Variants(flips=False), Variants(), Variants(turns=2), Variants(turns=4)):
        encoder = Counter()
        encode(tmp_path, encoder, variants=variants)
        calls.append(encoder.calls)
    assert calls == [1, 1, 2, 4]


def test_another_encoder_or_size_encodes_again(tmp_path):
    write_noise_folder(tmp_path / "images", 1)
    for key, height in (("a", 16), ("b", 16), ("b", 8)):
        encoder = Counter()
        encode(tmp_path, encoder, encoder_key=key, height=height)
        assert encoder.calls == 2


def test_masks_follow_every_variant_and_a_white_one_is_none(tmp_path):
    write_noise_folder(tmp_path / "images", 2)
    mask = np.zeros((16, 32), np.uint8)
    mask[4:12, 4:10] = 255
    Image.fromarray(mask).save(tmp_path / "images" / "mask.png")
    Image.new("L", (32, 16), 255).save(tmp_path / "images" / "white.png")
    rows = [{"image": f"{i}.png", "caption": "a", "mask": name} for i, name in enumerate(("mask.png", "white.png"))]
    (tmp_path / "images" / "metadata.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    data = encode(tmp_path, Counter(), variants=Variants(turns=2))
    upright = torch.zeros(1, 4, 8)
    upright[0, 1:3, 1:2] = 1
    flipped = torch.zeros(1, 4, 8)
    flipped[0, 1:3, 6:7] = 1
    for turn, flip, wanted in ((0, False, upright), (0, True, flipped), (1, False, upright.roll(4, -1))):
        found = data.read(0, flipped=flip, turn=turn).mask
        assert found is not None
        assert torch.equal(found, wanted)
    assert [data.is_masked(0), data.is_masked(1)] == [True, False]


def test_what_shows_in_the_pixels_alone_is_a_bad_row_too(tmp_path):
    write_noise_folder(tmp_path / "images", 3)
    cut = tmp_path / "images" / "1.png"
    Image.new("RGB", (640, 320), (9, 200, 3)).resize((640, 320)).save(tmp_path / "whole.jpg")
    cut.write_bytes((tmp_path / "whole.jpg").read_bytes()[:1500])
    with pytest.raises(ValueError, match=r"metadata\.jsonl line 2: .*1\.png"):
        encode(tmp_path, Counter())
    bad = BadRows("skip")
    data = encode(tmp_path, Counter(), bad=bad)
    assert data.captions == ("image 0", "image 2")
    assert [fault.split(":")[0][-6:] for fault in bad.faults] == ["line 2"]


def test_processes_share_the_work_and_agree(tmp_path):
    write_noise_folder(tmp_path / "images", 6)
    (tmp_path / "images" / "4.png").write_bytes((tmp_path / "images" / "4.png").read_bytes()[:300])
    encoders = [Counter(), Counter()]
    alone = [BadRows("skip"), BadRows("skip")]

    def stop():
        raise KeyboardInterrupt

    for index in (0, 1):  # what each does before it waits for the other
        with pytest.raises(KeyboardInterrupt):
            encode(tmp_path, encoders[index], sharing=Sharing(index, 2, stop), bad=alone[index])
    assert sum(encoder.calls for encoder in encoders) == 10
    assert min(encoder.calls for encoder in encoders) > 0
    for index in (0, 1):
        encoder, bad = Counter(), BadRows("skip")
        data = encode(tmp_path, encoder, sharing=Sharing(index, 2), bad=bad)
        assert (encoder.calls, len(data), len(bad.faults)) == (0, 5, 1)
