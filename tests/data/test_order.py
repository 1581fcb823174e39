"""The order of training: epochs, the curriculum of photos, a pure function of the step."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclorama.data.order import Curriculum, HybridOrder


def drawn(order: HybridOrder, num: int, batch_size: int = 2) -> list:
    return [draw for step in range(num // batch_size) for draw in order.batch(step, batch_size)]


def test_every_epoch_holds_every_panorama_once_in_another_order():
    draws = drawn(HybridOrder(10, 0, Curriculum(), seed=3), 30)
    epochs = [[draw.index for draw in draws if draw.epoch == epoch] for epoch in range(3)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]
    assert draws == drawn(HybridOrder(10, 0, Curriculum(), seed=3), 30)
    assert draws != drawn(HybridOrder(10, 0, Curriculum(), seed=4), 30)


@pytest.mark.parametrize(("epoch", "photos"), [(0, 0), (1, 0), (2, 20), (3, 10), (4, 5), (5, 2), (6, 1), (7, 0)])
def test_the_published_curriculum_halves_the_photos_of_every_epoch(epoch, photos):
    assert Curriculum().num_photos(epoch, 40) == photos == (0 if epoch < 2 else int(40 * 0.5 ** (epoch - 1)))


def test_an_epoch_adds_its_photos_at_random_and_each_at_most_once():
    order = HybridOrder(6, 8, Curriculum(), seed=0)
    draws = drawn(order, order.total(6), batch_size=1)
    chosen = {e: [draw.index for draw in draws if draw.epoch == e and draw.index >= 6] for e in range(6)}
    assert [len(photos) for photos in chosen.values()] == [0, 0, 4, 2, 1, 0]
    assert all(len(set(photos)) == len(photos) and max(photos, default=6) < 14 for photos in chosen.values())
    assert any(set(HybridOrderOf(seed).chosen) != set(chosen[2]) for seed in (1, 2))
    for epoch in range(6):
        assert sorted(d.index for d in draws if d.epoch == epoch and d.index < 6) == list(range(6))


class HybridOrderOf:
    """The photos of the third epoch for one seed."""

    def __init__(self, seed: int) -> None:
        order = HybridOrder(6, 8, Curriculum(), seed)
        self.chosen = [d.index for d in drawn(order, order.total(3), 1) if d.epoch == 2 and d.index >= 6]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(1, 7), st.integers(0, 9), st.integers(1, 5), st.floats(0.1, 1.0))
def test_the_batch_size_does_not_change_the_order(panoramas, photos, batch_size, decay):
    order = HybridOrder(panoramas, photos, Curriculum(photos_from_epoch=1, photos_decay=decay), seed=1)
    assert (
        drawn(order, 60 // batch_size * batch_size, batch_size) == drawn(order, 60, 1)[: 60 // batch_size * batch_size]
    )


def test_nothing_to_train_on_and_impossible_curricula_are_refused():
    with pytest.raises(ValueError, match="data set is empty"):
        HybridOrder(0, 3, Curriculum(), seed=0)
    with pytest.raises(ValueError, match="a share above 0"):
        Curriculum(photos_decay=0.0)
