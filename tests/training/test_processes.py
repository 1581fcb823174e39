"""Two processes train a panorama LoRA as one does with the same batch: the same loss curve, the same weights."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from cyclorama.training.processes import make_accelerator

ROOT = Path(__file__).parents[2]
SCRIPT = """
    import sys
    from pathlib import Path
    sys.path.insert(0, {root!r})
    from cyclorama.training.recipes import run_recipe
    from tests.training.hybrid_data import tiny_recipe

    folder, model, run = map(Path, sys.argv[1:4])
    recipe = tiny_recipe(folder, model, num_steps=6, yaw_weight=0.5, equivariance_weight=0.5, shard=sys.argv[4])
    run_recipe(recipe, run, device="cpu", progress=False)
"""


@pytest.mark.slow
@pytest.mark.parametrize("shard", ["false", "true"])
def test_two_processes_have_the_loss_curve_of_one(tmp_path, tiny_flux_folder, shard):
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT.format(root=str(ROOT))))
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    for name, command in (("one", [sys.executable]), ("two", launch)):
        arguments = [script, tmp_path, tiny_flux_folder, tmp_path / name, shard]
        done = subprocess.run([*command, *arguments], check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[:3000]
    curves = {}
    for name in ("one", "two"):
        lines = (tmp_path / name / "log.jsonl").read_text().splitlines()
        curves[name] = [json.loads(line)["loss"] for line in lines]
    assert len(curves["one"]) == 6
    assert curves["two"] == pytest.approx(curves["one"], rel=1e-5)
    one, two = (load_file(tmp_path / name / "pytorch_lora_weights.safetensors") for name in ("one", "two"))
    for key in one:
        torch.testing.assert_close(two[key], one[key], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("variable", "engine"), [("ACCELERATE_USE_FSDP", "FSDP"), ("ACCELERATE_USE_DEEPSPEED", "Deep")]
)
def test_engines_that_take_over_the_loop_are_refused(monkeypatch, variable, engine):
    monkeypatch.setenv(variable, "true")
    with pytest.raises(ValueError, match=f"configured for {engine}.* set shard=true"):
        make_accelerator("cpu")
