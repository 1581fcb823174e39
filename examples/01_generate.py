"""From a sentence to a panorama, and a page to look around in it.

    python examples/01_generate.py out/valley.jpg

Runs on a CPU with the packaged miniature.
"""

import sys
from pathlib import Path

from cyclorama import generate_panoramas, load_model, write_panorama, write_viewer_page

PROMPT = "a village street at sunset"


def main(output: Path, *, height: int = 512, num_steps: int = 16, seed: int = 7) -> None:
    model = load_model("miniature")
    [image] = generate_panoramas(model, [PROMPT], seeds=[seed], height=height, num_steps=num_steps)
    write_panorama(image, output, parameters={"prompt": PROMPT, "seed": seed, "model": "miniature"})
    write_viewer_page(output, output.with_suffix(".html"))
    print(output, output.with_suffix(".html"))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "valley.jpg"))
