"""Data sets of the diorama: scenes rendered into folders with a `metadata.jsonl`, or into WebDataset shards.

    kind = Panoramas(height=256, depth=True)
    write_dataset(scenes_from(0, 1000), kind, "renders", workers=2)

Equal arguments write equal bytes, whatever the number of workers.
"""

from cyclorama.diorama.datasets.contact_sheet import save_sheet, sheet_scenes, write_contact_sheet
from cyclorama.diorama.datasets.estimates import Estimate, estimate
from cyclorama.diorama.datasets.kinds import Kind
from cyclorama.diorama.datasets.pictures import Panoramas, Views
from cyclorama.diorama.datasets.sequences import Sequences
from cyclorama.diorama.datasets.videos import Videos
from cyclorama.diorama.datasets.writing import Written, check_output, scenes_from, write_dataset

__all__ = [
    "Estimate",
    "Kind",
    "Panoramas",
    "Sequences",
    "Videos",
    "Views",
    "Written",
    "check_output",
    "estimate",
    "save_sheet",
    "scenes_from",
    "sheet_scenes",
    "write_contact_sheet",
    "write_dataset",
]
