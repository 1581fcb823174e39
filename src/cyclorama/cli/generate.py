"""`cyclorama generate`: text to panorama."""

import secrets
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cyclorama.cli.console import note, print_json, progress_bar, warn


def generate(
    prompt: Annotated[str, typer.Argument(help="What the panorama shows, in one sentence.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write: .jpg, .png or .webp.")],
    method: Annotated[Literal["adapter"], typer.Option(help="How the panorama is made.")] = "adapter",
    model: Annotated[str, typer.Option(help="A name of `cyclorama models`, a folder or a hub id.")] = "miniature",
    lora: Annotated[str | None, typer.Option(help='A panorama LoRA, or "none".  [default: the model\'s own]')] = None,
    height: Annotated[int | None, typer.Option(help="Pixels; the width is twice that.  [default: the model's]")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the first picture, the next ones count up.", min=0)] = None,
    num_images: Annotated[int, typer.Option(help="More than one are numbered out-1, out-2 ...", min=1)] = 1,
    num_steps: Annotated[int | None, typer.Option(help="Denoising steps.  [default: the model's]", min=1)] = None,
    guidance_scale: Annotated[float | None, typer.Option(help="1 is none.  [default: the model's]")] = None,
    wrap: Annotated[
        Literal["none", "published", "adjacent", "integer"] | None,
        typer.Option(help="How the seam is closed.  [default: what the LoRA was made for]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the input, print the plan, load nothing.")] = False,
) -> None:
    """Make panoramas from a sentence."""
    from cyclorama.media.images import check_output, numbered_paths

    if not prompt.strip():
        raise ValueError("got an empty prompt; wanted a sentence that says what to show")
    check_output(output)
    first_seed = secrets.randbelow(2**31) if seed is None else seed
    pictures = [(path, first_seed + number) for number, path in enumerate(numbered_paths(output, num_images))]
    asked = dict(model=model, lora=lora, method=method, height=height, num_steps=num_steps)
    asked |= dict(guidance_scale=guidance_scale, wrap=wrap)
    if dry_run:
        _print_plan(prompt, pictures, asked, as_json=as_json)
        return
    _generate(prompt, pictures, asked, as_json=as_json)


def _generate(prompt: str, pictures: list[tuple[Path, int]], asked: dict[str, Any], *, as_json: bool) -> None:
    from cyclorama.media.images import write_panorama
    from cyclorama.methods.adapter_panorama import generate_panoramas
    from cyclorama.models.registry import load_model

    with progress_bar(f"loading {asked['model']}", len(pictures)) as advance:
        model = load_model(asked["model"], lora=asked["lora"], wrap=asked["wrap"])
        used = _settle(model, asked)
        unknown = model.unknown_words(prompt)
        if unknown:
            warn(f"{used['model']} never saw {', '.join(map(repr, unknown))}: the picture will not show it")
        for number, (path, seed) in enumerate(pictures):
            [image] = generate_panoramas(
                model,
                [prompt],
                seeds=[seed],
                height=used["height"],
                num_steps=used["num_steps"],
                guidance_scale=used["guidance_scale"],
                progress=lambda done, total, number=number, path=path: advance(number, f"{path.name} {done}/{total}"),
            )
            write_panorama(image, path, parameters={"prompt": prompt, "seed": seed, **used})
            advance(number + 1, path.name)
            if not as_json:
                typer.echo(path)
    _finish(prompt, pictures, used, unknown, as_json=as_json)
