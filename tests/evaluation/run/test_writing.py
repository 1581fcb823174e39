import pytest

from cyclorama.evaluation.run.writing import write_report


def test_the_report_folder_is_whole_and_replaced_but_never_another(run, tmp_path):
    done = run()
    write_report(done, tmp_path / "report")
    names = {path.name for path in (tmp_path / "report").iterdir()}
    assert names == {"report.json", "pictures.csv", "index.html"}
    before = {name: (tmp_path / "report" / name).read_bytes() for name in names}
    write_report(run(), tmp_path / "report")
    assert {name: (tmp_path / "report" / name).read_bytes() for name in names} == before
    assert {path.name for path in (tmp_path / "report").iterdir()} == names
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("x")
    with pytest.raises(ValueError, match=r"it holds thesis\.tex"):
        write_report(done, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.tex"]
