"""The last step of the miniature: its stages put together into the folder that the package ships.

    python -m cyclorama.training.miniature.package --base runs/base-large/pipeline --autoencoder runs/autoencoder/vae \\
        --lora runs/panorama --out src/cyclorama/models/miniature
"""

import argparse
import shutil
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from cyclorama.training.adapters import WEIGHTS_FILE
from cyclorama.training.miniature.decoder import CODE_FILE

LORA_FOLDER = "panorama_lora"
MODEL_FILE, VAE_FILE = "model.safetensors", "diffusion_pytorch_model.safetensors"


def package_miniature(*, base: Path, autoencoder: Path, lora: Path, out: Path) -> None:
    """Write the diffusers folder `out`: the base with the finished decoder, and the LoRA, all in 16 bits.

    Other files in `out`, such as the model card, stay. The auto-encoder
    must be the one that the base was trained on, its decoder trained further at most.

    Raises:
        ValueError: when a stage's folder is missing or unfinished.
    """
    for folder, file in ((base, "model_index.json"), (autoencoder, CODE_FILE), (lora, WEIGHTS_FILE)):
        if not (folder / file).is_file():
            raise ValueError(f"no {file} in {folder}; run that stage of the miniature to its end first")
    out.mkdir(parents=True, exist_ok=True)
    shutil.copytree(base, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns("vae"))
    shutil.copytree(autoencoder, out / "vae", dirs_exist_ok=True)
    (out / LORA_FOLDER).mkdir(exist_ok=True)
    _save_halved(lora / WEIGHTS_FILE, out / LORA_FOLDER / WEIGHTS_FILE, torch.bfloat16)
    for text_encoder in ("text_encoder", "text_encoder_2"):
        _save_halved(base / text_encoder / MODEL_FILE, out / text_encoder / MODEL_FILE, torch.bfloat16)
    _save_halved(autoencoder / VAE_FILE, out / "vae" / VAE_FILE, torch.float16)


def _save_halved(source: Path, target: Path, dtype: torch.dtype) -> None:
    """The weights in 16 bits; the configurations still say float32, in which diffusers and transformers load them."""
    with safe_open(source, framework="pt") as weights:
        tensors = {name: weights.get_tensor(name).to(dtype) for name in sorted(weights.keys())}
        save_file(tensors, target, metadata=weights.metadata())


def main() -> None:
    parser = argparse.ArgumentParser(description="Put the stages of the miniature together into one folder.")
    for name in ("base", "autoencoder", "lora", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    package_miniature(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
