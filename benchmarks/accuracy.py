"""How exact Cyclorama's pictures and the peers' are, against a panorama whose every value is known (analytic.py).

    pip install 'cyclorama[bench]'
    python benchmarks/accuracy.py            # a few minutes
    python benchmarks/accuracy.py --quick    # a rehearsal: three operations, kept out of results/

PSNR in dB of the whole picture and of its parts within two pixels of the seam, of the poles and of the edges of the
cube, and the largest error there in grey levels (1/255), over several panoramas. "back" is equirect 1024x2048 -> cube
6x512 -> equirect, each contender reading its own cube. The views of "e2p16" cover the sphere. "exact" is what bilinear
look-ups in float64 reach.
"""

import argparse
from typing import Any

import numpy as np
from analytic import FREQUENCIES, Array, dirs_to_equirect, psnr, value, worst, zones
from contenders import NAMES, OURS, contenders
from operations import HEIGHT, OPERATIONS, SIZE, job, source, target_dirs

DTYPES = ("float32", "uint8")
CASES = ("e2p", "e2p16", "e2c", "c2e", "back", "rot", "stitch", "bicubic")
EXACT = "exact bilinear, float64"
PARTS = ("seam", "poles", "edges")
# dB and grey levels. Bytes are rounded twice in "back": at the poles, over six panoramas, OpenCV had 0.13 dB more.
TOLERANCES = {"float32": (0.05, 0.01), "uint8": (0.3, 0.15)}


def measure(operation: str, function: str, dtype: str, everyone: list[Any], *, panoramas: int) -> dict[str, Any]:
    """Figures of every contender that has the operation, by contender, over so many panoramas."""
    first, last = ("e2c", "c2e") if operation == "back" else (operation, operation)
    dirs = target_dirs(last)
    where, runs = zones(dirs, HEIGHT), []
    for seed in range(panoramas):
        exact, pixels = value(dirs, function, seed), source(first, function, dtype, seed)
        results = {contender.name: made(contender, operation, pixels) for contender in everyone}
        if operation in ("e2p", "e2p16", "e2c", "rot"):
            results[EXACT] = bilinear(pixels, dirs)
        runs.append({name: ratings(result, exact, where) for name, result in results.items() if result is not None})
    return {name: together([run[name] for run in runs]) for name in runs[0]}


def made(contender: Any, operation: str, pixels: Array) -> Array | None:
    """The pictures [N, H, W, 3] that the contender makes of the pixels; None where it cannot."""
    if operation == "back":
        faces = made(contender, "e2c", pixels)
        return None if faces is None else made(contender, "c2e", faces)
    done = job(contender, operation, pixels)
    return None if done is None else np.array(done.pixels(done.call()))


def ratings(result: Array, exact: Array, where: dict[str, Array]) -> dict[str, Any]:
    """PSNR of the whole picture; PSNR and the largest error of each of its parts that is not empty."""
    parts = {
        name: {"psnr_db": psnr(result[mask], exact[mask]), "worst_grey": worst(result[mask], exact[mask])}
        for name, mask in where.items()
        if mask.any()
    }
    return {"psnr_db": psnr(result, exact), "worst_grey": worst(result, exact)} | parts


def together(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The PSNR of the mean squared error, and the largest error, of several panoramas."""
    error = np.mean([10 ** (-run["psnr_db"] / 10) for run in runs])
    parts = {name: together([run[name] for run in runs]) for name in PARTS if name in runs[0]}
    return {"psnr_db": float(-10 * np.log10(error)), "worst_grey": max(run["worst_grey"] for run in runs)} | parts


def bilinear(pixels: Array, dirs: Array) -> Array:
    """Bilinear look-ups in a panorama in float64, round the seam and across the poles; bytes are rounded."""
    x, y = dirs_to_equirect(dirs, HEIGHT)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    total = np.zeros(dirs.shape)
    for right, below in ((0, 0), (0, 1), (1, 0), (1, 1)):
        columns, rows = left + right, top + below
        beyond = (rows < 0) | (rows >= HEIGHT)
        rows = np.where(rows < 0, -1 - rows, np.where(rows >= HEIGHT, 2 * HEIGHT - 1 - rows, rows))
        weight = (1 - np.abs(x - columns)) * (1 - np.abs(y - top - below))
        total += weight[..., None] * pixels[rows, (columns + beyond * HEIGHT) % (2 * HEIGHT)]
    return np.round(total).astype(np.uint8) if pixels.dtype == np.uint8 else total


def table(cases: dict[str, Any], function: str, dtype: str) -> str:
    """One line for each contender, one column for each operation: dB of the whole, of seam, poles, edges (grey)."""
    operations = list(cases)
    lines = [f"| {function}, {dtype} | " + " | ".join(operations) + " |", "|---" * (len(operations) + 1) + "|"]
    for name in (*NAMES, EXACT):
        cells = [_cell(cases[op][f"{function} {dtype}"].get(name)) for op in operations]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def verdicts(cases: dict[str, Any]) -> list[str]:
    """Where a peer is more accurate than we are, by more than what rounding to bytes makes of a few pixels."""
    lines = []
    for operation, columns in cases.items():
        for column, rows in columns.items():
            for name in set(rows) - {EXACT, *(n for n in NAMES if n.startswith(OURS))}:
                lines += _worse(
                    f"{operation}, {column}", name, rows[OURS], rows[name], by=TOLERANCES[column.split()[1]]
                )
    return lines


def _worse(
    column: str, name: str, ours: dict[str, Any], theirs: dict[str, Any], *, by: tuple[float, float]
) -> list[str]:
    lines = []
    for part in ("whole", *PARTS):
        mine, other = (rows if part == "whole" else rows.get(part) for rows in (ours, theirs))
        if mine and other and other["psnr_db"] > mine["psnr_db"] + by[0]:
            lines.append(f"{column}, {part}: {mine['psnr_db']:.2f} dB, {name} {other['psnr_db']:.2f} dB")
        if mine and other and other["worst_grey"] < mine["worst_grey"] - by[1]:
            lines.append(f"{column}, {part}: off by {mine['worst_grey']:.2f}, {name} {other['worst_grey']:.2f}")
    return lines


def _cell(figures: dict[str, Any] | None) -> str:
    if figures is None:
        return "-"
    parts = [figures[part] for part in PARTS if part in figures]
    texts = [f"{part['psnr_db']:.0f} ({part['worst_grey']:.2g})" for part in parts]
    return " ".join([f"**{figures['psnr_db']:.1f}**", *texts])


def main() -> None:
    parser = argparse.ArgumentParser(description="Accuracy of Cyclorama and its peers against the analytic panorama.")
    parser.add_argument("--quick", action="store_true", help="a rehearsal: e2p, back and rot")
    parser.add_argument("--panoramas", type=int, default=4)
    parser.add_argument("--operations", nargs="+", choices=CASES, default=list(CASES))
    options = parser.parse_args()
    operations = ["e2p", "back", "rot"] if options.quick else options.operations
    panoramas = 1 if options.quick else options.panoramas
    everyone, cases = contenders(2), {}
    for operation in operations:
        kinds = [(function, dtype) for function in FREQUENCIES for dtype in DTYPES]
        cases[operation] = {f"{f} {d}": measure(operation, f, d, everyone, panoramas=panoramas) for f, d in kinds}
    print("dB of the whole picture, then of the seam, the poles and the cube's edges (largest error, grey levels)\n")
    print("\n\n".join(table(cases, function, dtype) for function in FREQUENCIES for dtype in DTYPES))
    worse = verdicts(cases)
    print("\n".join(worse) or "No peer is more accurate in any column.")

    from provenance import write_result

    facts = {"operations": OPERATIONS | {"back": f"equirect -> cube 6x{SIZE} -> equirect"}, "worse_than_a_peer": worse}
    figures = facts | {"panoramas": panoramas, "cases": cases}
    print(write_result("accuracy", figures, rehearsal=set(operations) < set(CASES)))


if __name__ == "__main__":
    main()
