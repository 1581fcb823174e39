"""A small posed data set of the diorama, written and read back: pictures, captions, poses, depth.

    python examples/06_dataset.py out/dataset

The same from the command line:

    cyclorama render sequences -o out/dataset/walks --num-sequences 2 --num-poses 4 --place forest
    cyclorama render -o out/dataset/shards --num-images 4 --shards 2 --geometry depth
"""

import json
import sys
from pathlib import Path

import torch

from cyclorama.data.folder import ImageFolder
from cyclorama.data.shards import read_shards
from cyclorama.diorama.datasets import Panoramas, Sequences, scenes_from, write_dataset
from cyclorama.geometry import backward_warp, relative_pose
from cyclorama.media.depth import read_depth


def main(folder: Path, *, height: int = 128, num_poses: int = 4) -> None:
    walks = folder / "walks"
    kind = Sequences(height, move="walk", length_m=2.0, num_poses=num_poses)
    write_dataset(scenes_from(0, 2, place="forest", time="noon", sky="clear"), kind, walks)

    rows = [json.loads(line) for line in (walks / "metadata.jsonl").read_text("utf-8").splitlines()]
    first, second = rows[:2]
    images = [item.read() for item in ImageFolder(walks)]
    depths = [torch.from_numpy(read_depth(walks / row["depth"])) for row in (first, second)]
    poses = [torch.tensor(row["cam_to_world"]) for row in (first, second)]
    seen, visible = backward_warp(images[0], depths[0], depths[1], relative_pose(poses[1], poses[0]))
    error = ((seen - images[1]) ** 2).mean(0)[visible.squeeze()].mean()
    print(f"{len(images)} pictures; the first predicts the second with {-10 * error.log10():.1f} dB: {first['text']}")

    write_dataset(scenes_from(0, 4, sky="clear"), Panoramas(height, depth=True), folder / "shards", num_shards=2)
    for sample in read_shards(folder / "shards"):
        nearest = sample.array("depth").min()
        print(f"{sample.key}: {tuple(sample.image().shape)}, nearest thing {nearest:.1f} m: {sample.text}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/dataset"))
