"""What holds for every diffusion model: schedules, solvers, guidance, seeded noise. Knows no sphere.

Times run from t = 1 (pure noise) to t = 0 (data): x_t = (1 - t) x_0 + t noise, velocity = noise - x_0.
"""
