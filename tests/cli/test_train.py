import pytest


@pytest.fixture
def train(cyclorama, tiny_flux_folder):
    """`cyclorama train` on two tiny renders and a random tiny FLUX."""
    cyclorama("render", "-o", "set", "--height", 32, "--num-images", 2)
    fields = {"images": "set", "model": tiny_flux_folder, "height": 32, "batch_size": 2, "accumulation": 1}
    changes = [part for name, value in fields.items() for part in ("--set", f"{name}={value}")]
    return lambda *arguments: cyclorama("train", "panorama-lora", *changes, "--device", "cpu", *arguments)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Mismatch dtype")
def test_a_run_continues_where_it_stopped(train, tmp_path):
    for num_steps in (1, 2):
        status, _, err = train("-o", "run", "--num-steps", num_steps)
        assert status == 0, err
        assert f"run: finished after step {num_steps}" in err
    assert (tmp_path / "run" / "pytorch_lora_weights.safetensors").exists()


def test_unknown_recipes_and_fields_are_named(cyclorama):
    for arguments, message in ((("magic",), "no recipe 'magic'"), (("panorama-lora", "--set", "x=1"), "no field 'x'")):
        status, _, err = cyclorama("train", *arguments, "-o", "run")
        assert (status, err.count("\n")) == (2, 1)
        assert message in err
