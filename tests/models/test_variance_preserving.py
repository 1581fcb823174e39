"""Epsilon and v in the protocol's coordinates, against their definitions and diffusers' own solver."""

from typing import Any, Literal

import pytest
import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclorama.models.variance_preserving import NoiseTable, noise_radius, read_noise_table, scheduled_times

BETAS: dict[str, Any] = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
    "clip_sample": False,
}
PREDICTIONS: tuple[Literal["epsilon", "v_prediction"], ...] = ("epsilon", "v_prediction")


def scheduler(**options: Any) -> Any:
    return DDIMScheduler(**(BETAS | options))


def table(**options: Any) -> NoiseTable:
    return read_noise_table(scheduler(**options).config)


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@settings(derandomize=True, deadline=None, max_examples=30)
@given(t=st.floats(0.0, 0.95), predicts=st.sampled_from(PREDICTIONS))
def test_the_true_answer_of_the_network_becomes_noise_minus_data(t: float, predicts: Any):
    data, noise = draw(2, 3, 4), draw(2, 3, 4, seed=1)
    times = torch.full((2,), t, dtype=torch.float64)
    signal, level = (1 - t) / noise_radius(times[:1]), t / noise_radius(times[:1])
    answer = noise if predicts == "epsilon" else signal * noise - level * data
    velocity = table(prediction_type=predicts).to_velocity(answer, (1 - t) * data + t * noise, times)
    torch.testing.assert_close(velocity, noise - data, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("predicts", PREDICTIONS)
def test_the_scaled_error_is_that_of_the_networks_own_answer(predicts: Any):
    known, t = table(prediction_type=predicts), torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64)
    x_t, answer, error = draw(3, 5), draw(3, 5, seed=1), draw(3, 5, seed=2)
    velocity_error = known.to_velocity(answer + error, x_t, t) - known.to_velocity(answer, x_t, t)
    torch.testing.assert_close(velocity_error * known.error_scale(t)[:, None], error)


def test_times_of_the_table_are_its_timesteps_and_others_lie_between():
    known = table()
    steps = torch.tensor([0, 1, 500, 998, 999])
    torch.testing.assert_close(known.timesteps(known.times[steps]), steps.float(), rtol=0, atol=1e-3)
    halfway = (known.times[500:501] + known.times[501:502]) / 2
    torch.testing.assert_close(known.timesteps(halfway), torch.tensor([500.5]), rtol=0, atol=1e-3)
    assert known.timesteps(torch.tensor([0.0, 1.0])).tolist() == [0, 999]


def test_the_usual_table_ends_before_pure_noise_and_a_zero_signal_one_does_not():
    assert 0.9 < table().max_time < 0.95
    assert table(rescale_betas_zero_snr=True, prediction_type="v_prediction").max_time == 1
    assert 0.99 < table(rescale_betas_zero_snr=True).max_time < 1


@pytest.mark.parametrize("predicts", PREDICTIONS)
def test_an_euler_step_is_a_ddim_step(predicts: Any):
    solver = scheduler(prediction_type=predicts, set_alpha_to_one=True)
    solver.set_timesteps(10)
    known = read_noise_table(solver.config)
    y, times = draw(1, 4, 3), [*known.times[solver.timesteps], torch.zeros((), dtype=torch.float64)]
    for index, timestep in enumerate(solver.timesteps):
        answer = draw(1, 4, 3, seed=index)
        t, after = times[index][None], times[index + 1][None]
        x_t = y * noise_radius(t)
        euler = x_t + (after - t) * known.to_velocity(answer, x_t, t)
        y = solver.step(answer, timestep, y).prev_sample
        torch.testing.assert_close(euler / noise_radius(after), y, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("num_steps", [2, 3, 30, 250])
def test_schedules_run_from_noise_to_data(spacing: str, zero: bool, num_steps: int):
    config = scheduler(
        timestep_spacing=spacing, rescale_betas_zero_snr=zero, prediction_type="v_prediction" if zero else "epsilon"
    ).config
    times = scheduled_times(config, read_noise_table(config), num_steps)
    assert times.shape == (num_steps + 1,)
    assert times[0] == 1
    assert times[-1] == 0
    assert (times.diff() < 0).all()


def test_too_few_and_too_many_steps_and_other_predictions_are_refused():
    config = scheduler().config
    for num_steps in (0, 1, 501):
        with pytest.raises(ValueError, match=f"got {num_steps} steps"):
            scheduled_times(config, read_noise_table(config), num_steps)
    with pytest.raises(ValueError, match="prediction_type 'sample'"):
        table(prediction_type="sample")
    with pytest.raises(ValueError, match="without betas"):
        read_noise_table({"_class_name": "EDMEulerScheduler", "prediction_type": "epsilon"})
