"""Flow matching: ends of the line, the optimum, masks, the spread of times."""

import pytest
import torch

from cyclorama.training.objectives import (
    Times,
    draw_flow,
    draw_times,
    error_by_time,
    flow_matching_loss,
    masked_mean_square,
)


def generator():
    return torch.Generator().manual_seed(0)


def test_the_line_leads_from_data_to_noise():
    data = torch.randn(6, 2, 4, 8, generator=generator())
    flow = draw_flow(data, Times(), generator=generator())
    back = flow.noisy - flow.t.view(-1, 1, 1, 1) * flow.velocity
    torch.testing.assert_close(back, data)
    assert flow_matching_loss(flow.velocity, flow.velocity) == 0


@pytest.mark.parametrize(
    ("times", "mean"),
    [(Times("uniform"), 0.5), (Times("table"), 0.5), (Times(), 0.5), (Times(mean=1.0, std=1e-4), 0.7311)],
)
def test_times_have_their_mean(times, mean):
    drawn = draw_times(times, 20000, generator=generator())
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    assert drawn.mean() == pytest.approx(mean, abs=0.01)


def test_a_positive_shift_moves_times_to_noise():
    plain, shifted = (draw_times(Times(mu=mu), 1000, generator=generator()) for mu in (0.0, 1.0))
    assert (shifted > plain).all()


def test_a_full_mask_is_the_plain_loss_and_outside_there_is_no_gradient():
    a = torch.randn(2, 3, 4, 8, generator=generator(), requires_grad=True)
    b = torch.randn(2, 3, 4, 8)
    full = torch.ones(2, 1, 4, 8)
    torch.testing.assert_close(masked_mean_square(a - b, full).mean(), flow_matching_loss(a, b))
    torch.testing.assert_close(masked_mean_square(a - b, full), masked_mean_square(a - b))
    half = full.clone()
    half[..., 4:] = 0
    masked_mean_square(a - b, half).sum().backward()
    assert a.grad is not None
    assert (a.grad[..., 4:] == 0).all()
    assert (a.grad[..., :4] != 0).all()
    assert (masked_mean_square(b, 0 * full) == 0).all()


def test_the_table_has_the_levels_of_a_scheduler():
    levels = 1000 * draw_times(Times("table"), 20000, generator=generator()).double()
    assert (levels - levels.round()).abs().max() < 1e-3
    assert (levels.min().round(), levels.max().round()) == (1, 1000)


def test_no_time_is_beyond_the_largest_that_the_model_knows():
    t = draw_flow(torch.zeros(1000, 1), Times("uniform"), generator=generator(), max_time=0.9).t
    assert 0.89 < t.max() <= 0.9


def test_the_error_is_split_by_time():
    predicted, velocity = torch.tensor([[1.0], [3.0]]), torch.zeros(2, 1)
    parts = error_by_time(predicted, velocity, torch.tensor([0.1, 0.9]))
    assert {key: float(value) for key, value in parts.items()} == {"loss_low_t": 1.0, "loss_high_t": 9.0}
    assert set(error_by_time(predicted, velocity, torch.tensor([0.1, 0.2]))) == {"loss_low_t"}
