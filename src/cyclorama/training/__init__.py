"""Training: recipes, objectives, adapters, the one loop and its checkpoints.

task, settings = recipe.prepare(run_dir)      # recipes.py: what
train(task, run_dir, settings)                # loop.py: how, restartable at any moment
"""
