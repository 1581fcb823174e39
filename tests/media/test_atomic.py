import errno

import pytest

from cyclorama.media.atomic import atomic_file, check_folder, write_text


@pytest.mark.parametrize(
    "fault", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device"), MemoryError()]
)
def test_any_fault_keeps_the_old_file_and_leaves_no_part(tmp_path, fault):
    write_text("old", tmp_path / "a.txt")
    with pytest.raises(type(fault)):
        _write_and_raise(tmp_path / "a.txt", fault)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def _write_and_raise(path, fault):
    with atomic_file(path) as file:
        file.write(b"new")
        file.flush()
        assert path.with_name(f".{path.name}.part").exists()
        raise fault


def test_a_finished_file_replaces_the_old_one(tmp_path):
    for text in ("old", "new ü"):
        write_text(text, tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "new ü"


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    write_text("text", tmp_path / "link.txt")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "a.txt").read_text() == "text"


def test_places_that_cannot_be_written(tmp_path):
    with pytest.raises(ValueError, match="does not exist; create it"):
        check_folder(tmp_path / "none" / "a.txt")
    with pytest.raises(ValueError, match="it is a folder"):
        check_folder(tmp_path)
