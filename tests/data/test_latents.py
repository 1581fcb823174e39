"""The cache: whole entries only, named tensors in and out."""

import pytest
import torch

from cyclorama.data.latents import TensorCache


def test_what_was_written_is_read_and_named(tmp_path):
    cache = TensorCache(tmp_path)
    tensors = {"x": torch.arange(6.0).view(2, 3), "y": torch.ones(1)}
    cache.write("abc", tensors)
    assert "abc" in cache
    assert cache.names("abc") == {"x", "y"}
    assert all(torch.equal(cache.read("abc")[name], tensor) for name, tensor in tensors.items())
    assert "abd" not in cache
    with pytest.raises(KeyError):
        cache.read("abd")


def test_a_damaged_entry_says_what_to_do(tmp_path):
    cache = TensorCache(tmp_path)
    cache.write("abc", {"x": torch.zeros(100)})
    cache.path("abc").write_bytes(cache.path("abc").read_bytes()[:-8])
    with pytest.raises(ValueError, match=r"damaged .* delete it"):
        cache.read("abc")
