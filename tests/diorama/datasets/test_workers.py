"""Several processes write what one writes, and end together."""

import pytest

from cyclorama.diorama.datasets import Panoramas, scenes_from, write_dataset
from cyclorama.diorama.scene import Scene

SCENES = scenes_from(4, 3, place="living room", time="noon", sky="clear")


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_number_of_workers_changes_no_byte(tmp_path):
    kind = Panoramas(16, geometry=True)
    for workers in (1, 2):
        write_dataset(SCENES, kind, tmp_path / str(workers), workers=workers)
    assert files_of(tmp_path / "1") == files_of(tmp_path / "2")


@pytest.mark.slow
def test_the_fault_of_one_worker_ends_all_and_leaves_nothing(tmp_path):
    scenes = [Scene("living room", "noon", "no such sky", seed) for seed in range(2)]
    with pytest.raises(KeyError):
        write_dataset(scenes, Panoramas(16), tmp_path / "set", workers=2)
    assert not (tmp_path / "set").exists()
