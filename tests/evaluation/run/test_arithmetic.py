import pytest
import torch

from cyclorama.evaluation.run.arithmetic import reproducible
from cyclorama.evaluation.run.evaluate import evaluate
from cyclorama.evaluation.run.extraction import Item, extract_all
from cyclorama.evaluation.run.feature_cache import FeatureCache


@pytest.fixture
def threads():
    """Sets torch's threads, and puts them back."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def test_the_threads_come_back_after_a_fault(threads):
    threads(2)
    with reproducible() as num_threads:
        assert (num_threads, torch.get_num_threads()) == (2, 1)
    with pytest.raises(KeyError), reproducible():
        raise KeyError
    assert torch.get_num_threads() == 2


def test_the_packaged_networks_give_the_same_bytes_on_any_number_of_threads(threads, folders, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    real, fake = folders
    reports = []
    for num_threads in (1, 2, 3):
        threads(num_threads)
        done = evaluate(fake, real=real, cache=tmp_path / f"cache-{num_threads}")
        reports.append((done.report.to_json(), done.table.to_csv()))
    assert reports[0] == reports[1] == reports[2]


def test_items_are_taken_by_several_threads_and_come_in_their_order(tmp_path):
    names = [f"{number:02d}" for number in range(40)]
    items = [Item(name, lambda name=name: name, lambda missing: None) for name in names]
    told = []
    found = extract_all(
        items,
        [],
        FeatureCache(tmp_path),
        num_workers=4,
        update=lambda label, done, total: told.append((label, done, total)),
    )
    assert list(found) == names
    assert told == [(name, number, 40) for number, name in enumerate(names, 1)]
