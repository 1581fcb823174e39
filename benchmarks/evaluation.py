"""What an evaluation costs: pictures a second, memory, and the Fréchet distance beside torchmetrics' arithmetic.

    pip install 'cyclorama[dev]'
    python benchmarks/evaluation.py             # 1,092 x 2,048 features, as the Matterport3D test split has
    python benchmarks/evaluation.py --limit 200 # a rehearsal with so many vectors of 256 features, kept out of results/

Both start from the vectors and end at the distance, in float64, with the same threads. torchmetrics sums x and x x^T as
its `FrechetInceptionDistance` does in `update`, and takes the eigenvalues of the product of the covariances as in
`compute`; its network and its metric object are left out. With fewer vectors than features the covariances are singular
and these eigenvalues have few correct digits: the exact value is that of the singular values of the vectors.

Pictures a second are those of whole commands on folders of two sizes with empty caches, so that the start and what the
statistics cost at any size cancel. Inception has random weights: published ones take as long.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

MEASURED = """
import sys
from pathlib import Path
from cyclorama.cli.app import run
status = run(sys.argv[2:])
lines = Path("/proc/self/status").read_text().splitlines()
Path(sys.argv[1]).write_text(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
sys.exit(status)
"""
"""One command line that leaves its peak memory in KiB; the kernel's own count for a child begins with the parent's."""
NUM, NUM_FEATURES, NUM_RUNS = 1092, 2048, 3
FEW, MANY = 8, 40
INCEPTION = {"network": "inception", "metric": "frechet", "resize": "aa"}
FID = [
    INCEPTION | {"name": "FID", "views": "equirect"},
    INCEPTION | {"name": "FID_horizontal8", "views": "horizontal8", "options": {"view_size": 299}},
]


def features(num: int, num_features: int, *, seed: int, shift: float = 0.0) -> Tensor:
    """Vectors like those of a pooling layer: never negative, correlated, with a falling spectrum; float32."""
    draw = torch.Generator().manual_seed(seed)
    spectrum = torch.arange(1, num_features + 1) ** -0.5
    mixing = torch.randn(num_features, num_features, generator=torch.Generator().manual_seed(1)) * spectrum[:, None]
    return (torch.randn(num, num_features, generator=draw) @ mixing + shift).relu() / 4


def torchmetrics_distance(real: Tensor, fake: Tensor) -> float:
    """torchmetrics' sums, means, covariances and distance, in float64."""
    from torchmetrics.image.fid import _compute_fid

    return _compute_fid(*_sums_to_moments(real.double()), *_sums_to_moments(fake.double())).item()


def _sums_to_moments(vectors: Tensor) -> tuple[Tensor, Tensor]:
    mean = vectors.sum(0) / len(vectors)
    return mean, (vectors.T @ vectors - len(vectors) * torch.outer(mean, mean)) / (len(vectors) - 1)


def frechet(*, num: int, num_features: int, num_runs: int) -> dict[str, Any]:
    """Seconds of both in turns, the ratio of the medians, and both values."""
    from cyclorama.evaluation.distributions import frechet_distance

    real, fake = features(num, num_features, seed=2), features(num, num_features, seed=3, shift=0.2)
    contenders = {"cyclorama": frechet_distance, "torchmetrics": torchmetrics_distance}
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    values: dict[str, float] = {}
    for distance in contenders.values():
        distance(real[:9, :4], fake[:9, :4])
    for _ in range(num_runs):
        for name, distance in contenders.items():
            spent, values[name] = timed(distance, real, fake)
            seconds[name].append(spent)
    middle = {name: median(runs) for name, runs in seconds.items()}
    return {
        "vectors": num,
        "features": num_features,
        "threads": torch.get_num_threads(),
        "seconds": middle,
        "runs": seconds,
        "times_faster": middle["torchmetrics"] / middle["cyclorama"],
        "values": values,
        "relative_difference": abs(values["torchmetrics"] - values["cyclorama"]) / values["cyclorama"],
        "self_distance": {name: distance(real, real) for name, distance in contenders.items()},
    }


def timed(distance: Callable[[Tensor, Tensor], float], real: Tensor, fake: Tensor) -> tuple[float, float]:
    begin = time.perf_counter()
    value = distance(real, fake)
    return time.perf_counter() - begin, value


def throughput(*, limit: int | None) -> dict[str, Any]:
    """Pictures a second and the peak memory of `cyclorama evaluate`, for panoramas of two heights."""
    few, many = (FEW, 2 * FEW) if limit else (FEW, MANY)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        fid = write_fid_protocol(work)
        return {
            f"{protocol} {height}x{2 * height}": cost(work / f"{protocol}-{height}", arguments, height, few, many)
            for protocol, arguments in (("miniature", ()), ("inception", fid))
            for height in (256, 512)
        }


def write_fid_protocol(work: Path) -> tuple[str, ...]:
    """The arguments for a protocol of nine Inception passes a picture, with random weights."""
    from cyclorama.evaluation.networks.inception import Inception

    weights, protocol = work / "inception.pth", work / "fid.json"
    torch.save(Inception().state_dict(), weights)
    facts = {"name": "fid", "version": "1", "title": "FID", "samples": "panorama", "measures": FID}
    protocol.write_text(json.dumps(facts))
    return "--protocol", str(protocol), "--weights", f"inception={weights}"


def cost(work: Path, arguments: tuple[str, ...], height: int, few: int, many: int) -> dict[str, float]:
    """Of two sets of so many pictures each."""
    spent = {}
    for num in (few, many):
        for seed, name in enumerate(("real", "fake")):
            write_pictures(work / str(num) / name, num, height, seed=seed)
        spent[num] = run(work / str(num), arguments)
    seconds = spent[many][0] - spent[few][0]
    pictures = 2 * (many - few)
    return {
        "pictures_per_second": pictures / seconds,
        "other_seconds": spent[few][0] - 2 * few * seconds / pictures,
        "peak_mib": spent[many][1],
    }


def write_pictures(folder: Path, num: int, height: int, *, seed: int) -> None:
    """PNG files of soft noise with some grain, as costly to read as photographs."""
    from cyclorama.media.images import write_panorama

    folder.mkdir(parents=True)
    for number in range(num):
        draw = torch.Generator().manual_seed(1000 * seed + number)
        soft = interpolate(torch.rand(1, 3, 8, 16, generator=draw), (height, 2 * height), mode="bicubic")[0]
        grain = 0.02 * torch.randn(3, height, 2 * height, generator=draw)
        write_panorama((soft + grain).clamp(0, 1), folder / f"{number:03d}.png")


def run(folder: Path, arguments: tuple[str, ...]) -> tuple[float, float]:
    """Seconds and peak MiB of one command with an empty cache."""
    sets = ["--real", folder / "real", "--fake", folder / "fake", "-o", folder / "report", "--cache", folder / "cache"]
    command = [sys.executable, "-c", MEASURED, str(folder / "peak"), "evaluate", *map(str, sets), *arguments]
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin, int((folder / "peak").read_text()) / 1024


def line(figures: dict[str, Any]) -> str:
    seconds, values = figures["seconds"], figures["values"]
    return (
        f"{figures['vectors']} x {figures['features']}: {seconds['cyclorama']:.3f} s, torchmetrics "
        f"{seconds['torchmetrics']:.3f} s, {figures['times_faster']:.0f} times faster; {values['cyclorama']:.10g} and "
        f"{values['torchmetrics']:.10g}, {figures['relative_difference']:.1e} apart"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="What an evaluation costs, beside torchmetrics.")
    parser.add_argument("--limit", type=int, help="a rehearsal with so many vectors, and few pictures")
    options = parser.parse_args()
    num, num_features = (options.limit, 256) if options.limit else (NUM, NUM_FEATURES)
    found = frechet(num=num, num_features=num_features, num_runs=1 if options.limit else NUM_RUNS)
    print(line(found))

    from provenance import write_result

    speeds = throughput(limit=options.limit)
    for name, row in speeds.items():
        print(f"{name}: {row['pictures_per_second']:.2f} pictures/s, {row['peak_mib']:.0f} MiB at the most")
    figures = {"frechet": found, "throughput": speeds}
    print(write_result("evaluation", figures, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
