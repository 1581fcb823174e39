"""SIGKILL at twenty random moments of a panorama LoRA's training: every run ends in the same weights."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from safetensors.torch import load_file

ROOT = Path(__file__).parents[2]
SCRIPT = """
    import os, random, shutil, signal, sys, time
    from pathlib import Path
    sys.path.insert(0, {root!r})
    import diffusers.pipelines.flux.pipeline_flux
    from cyclorama.training import checkpoints
    from cyclorama.training.recipes import run_recipe
    from tests.training.hybrid_data import tiny_recipe

    folder, model = Path(sys.argv[1]), Path(sys.argv[2])
    recipe = tiny_recipe(folder, model, num_steps=24, checkpoint_every=3, ema_decay="0.9", sample_every=8, dropout=0.1)

    def start(run):
        pid = os.fork()
        if not pid:
            run_recipe(recipe, run, device="cpu", progress=False)
            os._exit(0)
        return pid

    begin = time.monotonic()
    assert os.waitpid(start(folder / "whole"), 0)[1] == 0
    whole = time.monotonic() - begin
    moments, kills, number = random.Random(0), 0, 0
    while kills < 20:
        pid = start(folder / f"killed-{{number}}")
        time.sleep(moments.uniform(0, 0.8 * whole))
        if os.waitpid(pid, os.WNOHANG)[0]:
            number += 1
            continue
        os.kill(pid, signal.SIGKILL)
        kills += os.waitpid(pid, 0)[1] == signal.SIGKILL
    assert os.waitpid(start(folder / f"killed-{{number}}"), 0)[1] == 0
"""


@pytest.mark.slow
def test_twenty_kills_change_no_weight(tmp_path, tiny_flux_folder):
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT.format(root=str(ROOT))))
    subprocess.run([sys.executable, script, tmp_path, tiny_flux_folder], check=True, capture_output=True)
    whole = load_file(tmp_path / "whole" / "pytorch_lora_weights.safetensors")
    runs = sorted(tmp_path.glob("killed-*"))
    assert runs
    for run in runs:
        killed = load_file(run / "pytorch_lora_weights.safetensors")
        assert whole.keys() == killed.keys()
        assert all((whole[key] == killed[key]).all() for key in whole)
        assert not list(run.glob(".partial-*"))
