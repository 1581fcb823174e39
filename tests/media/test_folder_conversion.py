import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from cyclorama.media.conversion import Conversion
from cyclorama.media.folder_conversion import convert_folder
from cyclorama.media.pictures import read_picture, write_picture


@pytest.fixture
def folder(tmp_path, paint_sphere):
    """Three panoramas, one of them damaged, and a note."""
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name in ("a.png", "sub/b.jpg", "damaged.png"):
        write_picture(paint_sphere(32), tmp_path / "in" / name)
    (tmp_path / "in" / "damaged.png").write_bytes((tmp_path / "in" / "damaged.png").read_bytes()[:300])
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    (tmp_path / "in" / ".hidden.png").write_text("nothing")
    return tmp_path / "in"


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_names_stay_and_a_faulty_file_stops_nobody(folder, tmp_path):
    faults = []
    report = convert_folder(folder, tmp_path / "out", Conversion("perspective"), on_fault=faults.append)
    assert names(tmp_path / "out") == ["a.png", "sub/b.jpg"]
    assert len(report.converted) == 2
    assert list(report.failed) == [str(folder / "damaged.png")]
    assert faults == list(report.failed.values())
    assert faults[0].startswith(f"cannot read {folder / 'damaged.png'}: ")


def test_finished_files_are_left_alone_until_they_are_to_be_redone(folder, tmp_path):
    convert_folder(folder, tmp_path / "out", Conversion("perspective"))
    (tmp_path / "out" / "a.png").unlink()
    os.utime(tmp_path / "out" / "sub" / "b.jpg", (1, 1))
    report = convert_folder(folder, tmp_path / "out", Conversion("perspective"))
    assert report.skipped == [str(tmp_path / "out" / "sub" / "b.jpg")]
    assert (tmp_path / "out" / "a.png").exists()
    assert (tmp_path / "out" / "sub" / "b.jpg").stat().st_mtime == 1
    report = convert_folder(folder, tmp_path / "out", Conversion("perspective"), overwrite=True)
    assert (len(report.converted), report.skipped) == (2, [])
    assert (tmp_path / "out" / "sub" / "b.jpg").stat().st_mtime > 1


def test_an_output_inside_the_input_is_no_input(folder):
    for _ in range(2):
        convert_folder(folder, folder / "views", Conversion("perspective"))
    assert names(folder / "views") == ["a.png", "sub/b.jpg"]


def test_progress_counts_every_file(folder, tmp_path):
    seen = []
    convert_folder(folder, tmp_path / "out", Conversion("equirect"), progress=lambda *done: seen.append(done[1:]))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_formats_that_are_not_written_become_png(tmp_path):
    from PIL import Image

    (tmp_path / "in").mkdir()
    for suffix in ("gif", "bmp"):
        Image.new("RGB", (32, 16), (9, 9, 9)).save(tmp_path / "in" / f"a.{suffix}")
    convert_folder(tmp_path / "in", tmp_path / "out", Conversion("equirect"))
    assert names(tmp_path / "out") == ["a.bmp.png", "a.gif.png"]
    assert (read_picture(tmp_path / "out" / "a.bmp.png").pixels == 9).all()


def test_a_quality_is_for_the_formats_that_have_one(folder, tmp_path):
    report = convert_folder(folder, tmp_path / "out", Conversion("equirect", quality=30))
    assert len(report.converted) == 2


def test_videos_are_converted_with_the_pictures(folder, tmp_path, paint_sphere):
    pytest.importorskip("av")
    from cyclorama.media.video import describe_video, write_video

    write_video(folder / "v.mp4", [paint_sphere(32)] * 3, fps=5)
    convert_folder(folder, tmp_path / "out", Conversion("fisheye", quality=50))
    assert describe_video(tmp_path / "out" / "v.mp4").num_frames == 3


def test_a_picture_named_as_a_video_is_a_fault(folder, tmp_path):
    (folder / "a.png").rename(folder / "a.mov")
    report = convert_folder(folder, tmp_path / "out", Conversion("equirect", quality=50))
    assert "is not a video" in report.failed[str(folder / "a.mov")]


def test_folders_that_cannot_be_used_are_refused(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    for source, output, message in (
        (folder, folder, "as input and output"),
        (folder, folder / "a.png", "it is a file's name"),
        (folder, tmp_path / "out.mp4", "it is a file's name"),
        (folder, tmp_path / "no" / "out", "does not exist"),
        (tmp_path / "empty", tmp_path / "out", "holds no pictures"),
    ):
        with pytest.raises(ValueError, match=message):
            convert_folder(source, output, Conversion("equirect"))


def test_interrupting_leaves_whole_files_only(tmp_path, paint_sphere):
    (tmp_path / "in").mkdir()
    write_picture(paint_sphere(512), tmp_path / "in" / "000.jpg")
    for number in range(1, 200):
        shutil.copy(tmp_path / "in" / "000.jpg", tmp_path / "in" / f"{number:03d}.jpg")
    line = "from cyclorama.cli import main; main()"
    command = (sys.executable, "-c", line, "convert", "in", "out", "--to", "cubemap")
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not list(tmp_path.glob("out/*.jpg")) and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "error: interrupted\n")
    done = sorted(tmp_path.glob("out/*"))
    assert 0 < len(done) < 200
    assert all(path.suffix == ".jpg" and np.asarray(read_picture(path).pixels).any() for path in done)
    assert not list((tmp_path / "out").glob(".*"))
