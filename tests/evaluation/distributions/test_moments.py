import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from cyclorama.evaluation.distributions import Moments, merge_all, moments
from cyclorama.evaluation.distributions.vectors import row_blocks


def vectors(num: int, num_features: int, *, offset: float = 0.0, seed: int = 0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    return offset + torch.randn(num, num_features, generator=draw, dtype=torch.float64)


def assert_same(found: Moments, expected: Moments) -> None:
    assert found.num == expected.num
    torch.testing.assert_close(found.mean, expected.mean, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(
        found.scatter, expected.scatter, rtol=1e-12, atol=1e-12 * expected.scatter.abs().max().item()
    )


@pytest.mark.parametrize("shares", [(1, 99), (50, 50), (3, 40, 57), (0, 100)])
def test_merging_the_shares_of_processes_is_the_batch(shares: tuple[int, ...]):
    everything = vectors(100, 7, offset=5.0)
    parts = [Moments.of(part) for part in everything.split(shares)]
    assert_same(merge_all(parts), Moments.of(everything))


def test_streaming_batch_after_batch_is_the_batch():
    everything, streamed = vectors(101, 7), Moments.empty(7)
    for batch in everything.split(8):
        streamed.update(batch)
    assert_same(streamed, Moments.of(everything))


def test_covariance_is_unbiased_and_keeps_its_digits_far_from_zero():
    far = vectors(200, 5, offset=1e6)
    found = merge_all([Moments.of(part) for part in far.split(17)]).covariance
    np.testing.assert_allclose(found, np.cov(far, rowvar=False), rtol=1e-8)


def test_moments_survive_a_file(tmp_path):
    kept = Moments.of(vectors(20, 4))
    save_file(kept.to_tensors(), tmp_path / "moments.safetensors")
    back = Moments.from_tensors(load_file(tmp_path / "moments.safetensors"))
    assert back.num == 20
    assert torch.equal(back.mean, kept.mean)
    assert torch.equal(back.scatter, kept.scatter)


def test_merging_leaves_the_parts_alone():
    first, second = Moments.of(vectors(9, 3)), Moments.empty(3)
    joined = second.merge(first)
    joined.update(vectors(4, 3, seed=1))
    assert first.num == 9
    assert_same(first, Moments.of(vectors(9, 3)))
    assert second.num == 0


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch):
    everything = vectors(50, 6)
    expected = Moments.of(everything)
    monkeypatch.setattr(moments, "row_blocks", lambda rows, columns: (slice(i, i + 3) for i in range(0, rows, 3)))
    assert_same(Moments.of(everything), expected)


def test_row_blocks_cover_all_rows_once():
    blocks = list(row_blocks(5_000_000, 10))
    assert len(blocks) > 1
    assert [block.start for block in blocks[1:]] == [block.stop for block in blocks[:-1]]
    assert (blocks[0].start, blocks[-1].stop) == (0, 5_000_000)


def test_one_line_says_what_is_wrong():
    with pytest.raises(ValueError, match="wanted one length"):
        Moments.of(vectors(3, 2)).merge(Moments.of(vectors(3, 4)))
    with pytest.raises(ValueError, match="wanted 2 or more"):
        _ = Moments.of(vectors(1, 2)).covariance
    with pytest.raises(ValueError, match="not finite"):
        Moments.of(torch.tensor([[1.0, float("nan")]]))
    with pytest.raises(ValueError, match="without scatter"):
        Moments.from_tensors({"num": torch.tensor(1), "mean": torch.zeros(2)})
    with pytest.raises(ValueError, match="got no moments"):
        merge_all([])
