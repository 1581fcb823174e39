import pytest
import torch

from cyclorama.evaluation.borders import border_ratio
from tests.properties import assert_yaw_equivariant


def picture(height: int, width: int, count: int = 4) -> torch.Tensor:
    rough = torch.rand(count, 3, height + 4, width, generator=torch.Generator().manual_seed(0))
    return (rough + rough.roll(1, -1) + rough.roll(1, -2))[..., 2:-2, :] / 3


def box(height: int, width: int) -> torch.Tensor:
    kept = torch.zeros(height, width, dtype=torch.bool)
    kept[height // 4 : height // 2, -width // 4 :] = True
    kept[height // 4 : height // 2, : width // 5] = True
    return kept


@pytest.mark.parametrize(("height", "width"), [(64, 128), (96, 96)])
def test_an_untouched_picture_has_about_one_and_a_border_more(height, width):
    images, kept = picture(height, width), box(height, width)
    untouched = border_ratio(images, kept)
    assert (untouched - 1).abs().max() < 0.1
    lit = torch.where(kept, images, images + 0.3)
    assert (border_ratio(lit, kept) > 1.5 * untouched).all()
    assert (border_ratio(lit * 0.5, kept) - border_ratio(lit, kept)).abs().max() < 1e-6


def test_a_turn_changes_nothing():
    images, kept = picture(32, 64), box(32, 64)
    layers = torch.cat([images, kept.expand(4, 1, 32, 64)], dim=1)
    assert_yaw_equivariant(lambda both: border_ratio(both[:, :3], both[0, 3] > 0), layers, out_step=0, atol=1e-9)


def test_exactly_the_pairs_that_cross_count():
    """A ramp of step 1 between columns with a border of step 3 between columns 2 and 3, flat along them."""
    ramp = torch.tensor([0.0, 1, 2, 5, 6, 7]).expand(1, 1, 5, 6)
    kept = torch.tensor([True, True, True, False, False, False]).expand(5, 6)
    across = 4 * 5  # steps of 1
    along = 6 * 4  # steps of 0
    assert border_ratio(ramp, kept).item() == pytest.approx(3 / (across / (across + along)))


def test_a_mask_without_a_border_is_refused():
    with pytest.raises(ValueError, match="keeps all or nothing"):
        border_ratio(picture(32, 64), torch.ones(32, 64, dtype=torch.bool))
