import pytest
import torch
from diffusers.pipelines.flux.pipeline_flux import calculate_shift
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler

from cyclorama.diffusion.schedule import scheduler_sigmas, sequence_shift, shift_times


def test_shift_matches_the_figures_of_dit360_and_the_pipeline():
    assert sequence_shift(8192) == pytest.approx(1.8433, abs=5e-5)
    assert sequence_shift(8320) == pytest.approx(1.8650, abs=5e-5)
    assert sequence_shift(512) == pytest.approx(calculate_shift(512))


def test_shifted_times_keep_their_ends_and_equal_the_formula():
    t = torch.linspace(0, 1, 11, dtype=torch.float64)
    shifted = shift_times(t, 1.5)
    assert shifted[0] == 0
    assert shifted[-1] == 1
    e = torch.tensor(1.5, dtype=torch.float64).exp()
    torch.testing.assert_close(shifted[1:], e / (e + 1 / t[1:] - 1))


def test_dynamic_sigmas_equal_our_shift_of_uniform_times():
    scheduler = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0)
    uniform = torch.linspace(1, 0, 9)
    expected = shift_times(uniform, sequence_shift(8192))
    torch.testing.assert_close(scheduler_sigmas(scheduler, 8, 8192), expected)


def test_static_sigmas_keep_the_folder_shift():
    scheduler = FlowMatchEulerDiscreteScheduler(shift=1.0)
    torch.testing.assert_close(scheduler_sigmas(scheduler, 4, 8192), torch.tensor([1.0, 0.75, 0.5, 0.25, 0.0]))


def test_no_steps_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        scheduler_sigmas(FlowMatchEulerDiscreteScheduler(), 0, 64)
