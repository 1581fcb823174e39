"""A spherical video to a perspective one: frames per second and memory, beside ffmpeg's v360 in the same run.

    pip install 'cyclorama[bench]'
    python benchmarks/video.py            # 10 s and 60 s of 1920x960 at 30 frames per second, about ten minutes
    python benchmarks/video.py --quick    # a rehearsal with 1 s and 4 s, kept out of results/

Everybody decodes H.264, looks up a view of 512x512 with a field of view of 90 degrees, and encodes with libx264,
veryfast, crf 20. "v360, PyAV" runs ffmpeg's filter in the libraries that PyAV brings, the same that decode and encode
for us; "v360, ffmpeg" is the program, where there is one. All filter the planes of luma and of subsampled chroma.
Processes take turns; the ratios are of the same turn, the memory is the largest resident set of a process.
The videos are kept in build/benchmarks/videos. Their frames are a detailed analytic panorama (analytic.py) that turns
by 8 columns a frame, so every view is known: PSNR in dB of ten frames.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from analytic import Array, View, equirect_dirs, matrix, picture, psnr, value, view_dirs
from provenance import WORK, write_result

HEIGHT, FPS, STEP, SIZE = 960, 30, 8, 512
VIEW = View(40, 20, 10)
V360 = f"e:flat:yaw={VIEW.yaw_deg}:pitch={VIEW.pitch_deg}:roll={VIEW.roll_deg}:h_fov=90:v_fov=90:w={SIZE}:h={SIZE}"
ENCODER = {"preset": "veryfast", "crf": "20"}
WATCHER = """
import resource, subprocess, sys, time
begin = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""  # a process of its own: a child counts the memory of the process that forked it
OURS, PYAV, PROGRAM = "Cyclorama", "v360, PyAV", "v360, ffmpeg"


def make_video(seconds: int) -> Path:
    """The test video of that length, made once."""
    av: Any = import_module("av")
    path = WORK / "videos" / f"panorama-{seconds}s.mp4"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    frame, part = picture(equirect_dirs(HEIGHT), "detailed", "uint8"), path.with_suffix(".part")
    with av.open(str(part), "w", format="mp4") as container:
        stream = _video_stream(container, 2 * HEIGHT, HEIGHT)
        for number in range(seconds * FPS):
            turned = np.ascontiguousarray(np.roll(frame, -STEP * number, axis=1))
            container.mux(stream.encode(_to_yuv(av.VideoFrame.from_ndarray(turned, "rgb24"))))
        container.mux(stream.encode(None))
    return part.replace(path)


def exact_view(number: int) -> Array:
    """What frame `number` shows of the panorama in the view, in [0, 1]."""
    turn = matrix(View(360 * STEP * number / (2 * HEIGHT)))
    return value(view_dirs(SIZE, VIEW) @ turn.T, "detailed")


def filter_video(source: str, output: str) -> None:
    """ffmpeg's v360 by PyAV, decoder and filter with as many threads as they like."""
    av: Any = import_module("av")
    with av.open(source) as given, av.open(output, "w") as container:
        pictures = given.streams.video[0]
        pictures.thread_type = "AUTO"
        stream, graph = _video_stream(container, SIZE, SIZE), av.filter.Graph()
        nodes = graph.add_buffer(template=pictures), graph.add("v360", V360), graph.add("buffersink")
        graph.link_nodes(*nodes).configure()
        for frame in given.decode(pictures):
            graph.vpush(frame)
            container.mux(stream.encode(graph.vpull()))
        container.mux(stream.encode(None))


def commands(source: Path, output: Path) -> dict[str, list[str]]:
    """The command of every contender."""
    angles = {"yaw": VIEW.yaw_deg, "pitch": VIEW.pitch_deg, "roll": VIEW.roll_deg}
    turned = [text for name, angle in angles.items() for text in (f"--{name}-deg", str(angle))]
    shown = ["--to", "perspective", "--fov-deg", "90", "--size", f"{SIZE}x{SIZE}", *turned]
    table = {
        OURS: [sys.executable, "-m", "cyclorama", "convert", str(source), str(output), "--from", "equirect", *shown],
        PYAV: [sys.executable, __file__, "--filter", str(source), str(output)],
    }
    if program := shutil.which("ffmpeg"):
        encoder = [
            "-c:v",
            "libx264",
            "-pix_fmt",
            "yuv420p",
            *(text for k, v in ENCODER.items() for text in (f"-{k}", v)),
        ]
        table[PROGRAM] = [program, "-v", "error", "-y", "-i", str(source), "-vf", f"v360={V360}", *encoder, str(output)]
    return table


def run(command: list[str]) -> dict[str, float]:
    """Seconds of a process, and the largest resident set in MiB of it or a child of it."""
    done = subprocess.run([sys.executable, "-IS", "-c", WATCHER, *command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    seconds, peak = map(float, done.stdout.splitlines()[-1].split())
    return {"seconds": seconds, "peak_mib": peak / (2**10 if sys.platform == "linux" else 2**20)}


def measure(lengths: list[int], rounds: int) -> dict[str, Any]:
    """Runs of every contender at every length, in turns, and how exact their pictures are."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "view.mp4"
        for turn in range(rounds):
            for length in lengths:
                table = commands(make_video(length), output)
                for name in random.Random(turn).sample(list(table), len(table)):
                    row = figures.setdefault(name, {"runs": {str(each): [] for each in lengths}})
                    row["runs"][str(length)].append(run(table[name]))
                    row["psnr_db"] = check(output, length * FPS)
                    output.unlink()
    return {name: row | summary(row["runs"], figures[OURS]["runs"]) for name, row in figures.items()}


def check(path: Path, num_frames: int) -> float:
    """PSNR of ten frames; an error if frames are missing."""
    av: Any = import_module("av")
    chosen, errors, count = set(range(0, num_frames, max(1, num_frames // 10))), [], 0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if count in chosen:
                errors.append(10 ** (-psnr(frame.to_ndarray(format="rgb24"), exact_view(count)) / 10))
            count += 1
    if count != num_frames:
        raise RuntimeError(f"{path} has {count} frames, wanted {num_frames}")
    return float(-10 * np.log10(np.mean(errors)))


def summary(runs: dict[str, list[dict[str, float]]], ours: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Frames per second with and without the start, ours over this, and the growth of memory with the length."""
    short, long = min(runs, key=int), max(runs, key=int)
    frames = (int(long) - int(short)) * FPS
    pairs = list(zip(runs[short], runs[long], strict=True))
    return {
        "fps": median(int(long) * FPS / run["seconds"] for run in runs[long]),
        "fps_after_start": median(frames / (b["seconds"] - a["seconds"]) for a, b in pairs),
        "ours_over_this_fps": median(b["seconds"] / a["seconds"] for a, b in zip(ours[long], runs[long], strict=True)),
        "peak_mib": {length: max(run["peak_mib"] for run in those) for length, those in runs.items()},
        "growth_mib": median(b["peak_mib"] - a["peak_mib"] for a, b in pairs),
    }


def table(figures: dict[str, Any]) -> str:
    """Markdown, one line for each contender."""
    lengths = list(figures[OURS]["runs"])
    memory = " | ".join(f"MiB at {length} s" for length in lengths)
    lines = [
        f"| video | frames/s | after the start | ours / theirs | {memory} | dB |",
        "|---" * (5 + len(lengths)) + "|",
    ]
    for name, row in figures.items():
        peaks = " | ".join(f"{row['peak_mib'][length]:.0f}" for length in lengths)
        speeds = f"{row['fps']:.0f} | {row['fps_after_start']:.0f} | {row['ours_over_this_fps']:.2f}"
        lines.append(f"| {name} | {speeds} | {peaks} | {row['psnr_db']:.1f} |")
    return "\n".join(lines)


def _video_stream(container: Any, width: int, height: int) -> Any:
    stream = container.add_stream("libx264", rate=Fraction(FPS), options=ENCODER)
    context = stream.codec_context
    context.width, context.height, context.pix_fmt, context.thread_count = width, height, "yuv420p", 0
    context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
    context.color_range = 1
    return stream


def _to_yuv(frame: Any) -> Any:
    yuv = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
    yuv.pts = None
    return yuv


def _main(options: argparse.Namespace) -> None:
    lengths, rounds = ([1, 4], 1) if options.quick else (options.seconds, options.rounds)
    figures = measure(lengths, rounds)
    print(table(figures))
    facts = {"size": f"{2 * HEIGHT}x{HEIGHT}", "fps": FPS, "lengths_s": lengths, "rounds": rounds}
    print(write_result("video", facts | {"contenders": figures}, rehearsal=options.quick))


def main() -> None:
    parser = argparse.ArgumentParser(description="Frames per second and memory of the conversion of videos.")
    parser.add_argument("--quick", action="store_true", help="a rehearsal")
    parser.add_argument("--seconds", type=int, nargs=2, default=[10, 60], help="the two lengths")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--filter", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.filter:
        filter_video(*options.filter)
    else:
        _main(options)


if __name__ == "__main__":
    main()
