"""The stage of the panorama LoRA: the recipe that users have, on renders."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cyclorama.training.loop import LoopSettings
from cyclorama.training.miniature.renders import write_image_folder
from cyclorama.training.panorama import PanoramaLora
from cyclorama.training.panorama_task import PanoramaTask


@dataclass(frozen=True)
class PanoramaStage(PanoramaLora):
    """The users' own recipe on equirectangular renders, which are written as an image folder first."""

    renders: str = "runs/renders"
    num_scenes: int = 2048

    def prepare(self, run_dir: Path, *, device: Any = None) -> "tuple[PanoramaTask, LoopSettings]":
        write_image_folder(Path(self.renders), self.num_scenes, Path(self.images))
        return super().prepare(run_dir, device=device)
