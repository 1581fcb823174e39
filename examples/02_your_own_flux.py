"""A FLUX model of your own: any folder that diffusers' `FluxPipeline.save_pretrained` wrote, with or without a LoRA.

    python examples/02_your_own_flux.py FOLDER [LORA]

LORA is a file or a folder in the diffusers format. On a GPU with little memory load with `offload="model"`.
"""

import sys
from pathlib import Path

from cyclorama import generate_panoramas, load_model, write_panorama

PROMPT = "a snowy mountain valley at sunset"


def main(folder: Path, lora: str = "none", *, output: Path = Path("own.jpg"), height: int = 512) -> None:
    model = load_model(folder, lora=lora)
    print(f"{model.capabilities.name}: sizes in steps of {model.capabilities.token_multiple} pixels, wrap {model.wrap}")
    [image] = generate_panoramas(model, [PROMPT], seeds=[7], height=height)
    write_panorama(image, output, parameters={"prompt": PROMPT, "seed": 7, "model": model.capabilities.name})


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), *sys.argv[2:])
