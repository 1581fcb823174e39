import json
import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from cyclorama.media.description import describe_picture
from cyclorama.media.images import read_image


@pytest.fixture
def generate(cyclorama, tiny_flux_folder):
    """`cyclorama generate` with a random tiny FLUX and two steps."""
    model = ("--model", tiny_flux_folder, "--num-steps", 2, "--height", 32)
    return lambda *arguments: cyclorama("generate", "a lake", *model, *arguments)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_picture(generate, tmp_path):
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        status, _, err = generate("-o", f"{name}.jpg", "--seed", seed)
        assert status == 0, err
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()
    assert not torch.equal(read_image(tmp_path / "a.jpg"), read_image(tmp_path / "c.jpg"))


def test_several_pictures_are_the_single_ones(generate, tmp_path):
    generate("-o", "many.png", "--seed", 7, "--num-images", 2)
    generate("-o", "second.png", "--seed", 8)
    assert (tmp_path / "many-2.png").read_bytes() == (tmp_path / "second.png").read_bytes()


def test_the_file_tells_what_made_it(generate, tmp_path):
    _, out, _ = generate("-o", "a.webp", "--seed", 7, "--guidance-scale", 2, "--json")
    info = describe_picture(tmp_path / "a.webp")
    report = json.loads(out)
    assert (info.height, info.width, info.projection) == (32, 64, "equirect")
    assert info.parameters.items() >= {"prompt": "a lake", "seed": 7, "num_steps": 2, "wrap": "adjacent"}.items()
    assert report["pictures"] == [{"path": "a.webp", "seed": 7}]
    assert report["guidance_scale"] == info.parameters["guidance_scale"] == 2


def test_unknown_words_are_named_with_what_they_are_read_as(cyclorama, tiny_flux_folder, tmp_path):
    prompts = ("a snowy Seaside with flibbers", "a snowy beach")
    made = [
        cyclorama("generate", prompt, "-o", f"{k}.png", "--seed", 7, "--model", tiny_flux_folder, "--num-steps", 1,
                  "--height", 32, "--json")
        for k, prompt in enumerate(prompts)
    ]  # fmt: skip
    assert "words that this model never saw: seaside -> beach; with (ignored); flibbers (ignored)" in made[0][2]
    assert "never saw" not in made[1][2]
    assert json.loads(made[0][1])["unknown_words"] == {"seaside": "beach", "with": None, "flibbers": None}
    assert torch.equal(read_image(tmp_path / "0.png"), read_image(tmp_path / "1.png"))


def test_dry_run_loads_and_writes_nothing(cyclorama, tmp_path):
    status, out, _ = cyclorama(
        "generate",
        "a lake",
        "-o",
        "a.jpg",
        "--model",
        "FLUX.1-dev",
        "--num-images",
        2,
        "--seed",
        1,
        "--dry-run",
        "--json",
    )
    plan = json.loads(out)
    assert status == 0
    assert [picture["path"] for picture in plan["pictures"]] == ["a-1.jpg", "a-2.jpg"]
    assert plan["download_gb"] > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((" ", "-o", "a.jpg"), "empty prompt"),
        (("a lake", "-o", "a.gif"), "got .gif"),
        (("a lake", "-o", "none/a.jpg"), "does not exist"),
        (("a lake", "-o", "a.jpg", "--model", "foo"), "got model 'foo'"),
        (("a lake", "-o", "a.jpg", "--model", "foo", "--dry-run"), "got model 'foo'"),
        (("a lake", "-o", "a.jpg", "--model", "./none"), "wanted"),
    ],
)
def test_bad_input_is_one_line_and_no_file(cyclorama, tmp_path, arguments, message):
    status, _, err = cyclorama("generate", *arguments)
    assert (status, err.count("\n")) == (2, 1), err
    assert message in err
    assert list(tmp_path.iterdir()) == []


def test_a_size_that_is_no_whole_number_of_tokens_is_one_line(generate, tmp_path):
    status, _, err = generate("-o", "a.jpg", "--height", 33)
    assert status == 2
    assert err.startswith("error: got height 33")
    assert not (tmp_path / "a.jpg").exists()


@pytest.mark.slow
def test_ctrl_c_ends_with_130_and_no_file(tiny_flux_folder, tmp_path):
    arguments = ["generate", "a lake", "-o", "a.jpg", "--model", str(tiny_flux_folder), "--num-steps", "100000"]
    process = subprocess.Popen(
        [sys.executable, "-c", "from cyclorama.cli import main; main()", *arguments, "--height", "32"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    time.sleep(10)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "error: interrupted"
    assert list(tmp_path.iterdir()) == []


def test_the_sphere_makes_a_panorama_of_a_sentence_and_of_a_file_of_directions(
    generate, cyclorama, tiny_flux_folder, tmp_path
):
    status, out, err = generate("-o", "a.png", "--seed", 7, "--method", "sphere", "--views", 6, "--json")
    assert status == 0, err
    assert json.loads(out).items() >= {"method": "sphere", "views": "6", "lora": "none"}.items()
    (tmp_path / "around.txt").write_text("90, *: clear sky\n0, *: a city\n-90, *: snow\n0, 30, 20: a mountain\n")
    how = ("--model", tiny_flux_folder, "--num-steps", 2, "--height", 32, "--seed", 7, "--views", 6)
    status, _, err = cyclorama("generate", "around.txt", "-o", "b.png", "--method", "sphere", *how)
    assert status == 0, err
    assert describe_picture(tmp_path / "b.png").parameters["prompt"] == "clear sky; a city; snow; a mountain"
    assert not torch.equal(read_image(tmp_path / "a.png"), read_image(tmp_path / "b.png"))


@pytest.mark.parametrize(
    ("file", "arguments", "words"),
    [
        ("0, *: a city\n5 7: x\n", ("--method", "sphere"), "around.txt:2: got '5 7: x'"),
        ("0, *: a city\n", (), "add --method sphere"),
        ("0, *: a city\n", ("--method", "sphere", "--views", "7"), "wanted one of 6, 14, 20, 26, 66, 89"),
        ("0, 10, 20: a hut\n", ("--method", "sphere"), "no prompt for the surroundings"),
    ],
)
def test_a_bad_file_of_directions_is_one_line(cyclorama, tmp_path, file, arguments, words):
    (tmp_path / "around.txt").write_text(file)
    status, _, err = cyclorama("generate", "around.txt", "-o", "b.png", *arguments)
    assert (status, err.count("\n")) == (2, 1)
    assert words in err
    assert not (tmp_path / "b.png").exists()


def test_a_model_that_is_panoramic_already_is_refused_by_the_sphere(cyclorama, tmp_path):
    status, _, err = cyclorama(
        "generate", "a lake", "-o", "a.png", "--method", "sphere", "--lora", "miniature-panorama"
    )
    assert status == 2
    assert "makes panoramas already" in err


def test_views_are_for_the_sphere_alone(cyclorama, tmp_path):
    status, _, err = cyclorama("generate", "a lake", "-o", "a.png", "--views", 6)
    assert (status, err.count("\n")) == (2, 1)
    assert "add --method sphere" in err
