import torch

from cyclorama.diffusion.sampling import EulerSolver, guide, noised


def test_euler_is_exact_for_a_constant_velocity():
    torch.manual_seed(0)
    data, noise = torch.randn(2, 3, 4, 8), torch.randn(2, 3, 4, 8)
    solver = EulerSolver(torch.tensor([1.0, 0.7, 0.2, 0.0]))
    latents = noise
    for t in solver.times:
        torch.testing.assert_close(latents, noised(data, noise, t.expand(2)))
        latents = solver.step(noise - data, latents)
    torch.testing.assert_close(latents, data)


def test_times_are_the_levels_unchanged():
    sigmas = torch.tensor([1.0, 0.873, 0.5, 0.0])
    assert torch.equal(EulerSolver(sigmas).times, sigmas[:-1])


def test_guidance_of_one_is_the_conditional_prediction():
    conditional, unconditional = torch.tensor([1.0, 2.0]), torch.tensor([0.5, 4.0])
    assert torch.equal(guide(conditional, unconditional, 1.0), conditional)
    assert torch.equal(guide(conditional, unconditional, 0.0), unconditional)
