"""Which point of the sphere stands for which pixel of a view: ours, the published greedy way, and the optimum.

    OMP_NUM_THREADS=1 python benchmarks/point_assignment.py             # SphereDiff's 26,500 points and 89 views
    OMP_NUM_THREADS=1 python benchmarks/point_assignment.py --limit 3   # a rehearsal with three views, no optimum

The greedy way is SphereDiff's dynamic sampling, written anew: pixels from the middle of the view outward, each takes
the nearest point of the view that is still free. Both ways run on every view in turn. The optimum of the points that
ours chose has the smallest sum of squared distances to the pixels' centres. The free optimum chooses among the points
nearest to each pixel (as many as it needs), in the view or beside it: smaller displacements, more points left out.
Displacements and distances are angles in spacings, sqrt(4 pi / points); a mean by weight is by the published weights of
the pixels. Registration is the mean of the points' places less the pixels' centres, in pixels.
"""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from cyclorama.geometry.lattice import distinct_points, nearest_points, shown_points
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.rotations import rotate_dirs
from cyclorama.geometry.sphere import angle_between
from cyclorama.geometry.viewsets import fibonacci_dirs
from cyclorama.methods.fusion import falloff
from cyclorama.methods.view_layouts import LAYOUTS

NUM_POINTS, SIZE, STEPS, TAU = 26_500, 59, 28, 0.1
VIEWS_OF_OPTIMUM = (0, 30, 85)
"""One on the equator, one between, one at a pole."""
NEAREST = 16
"""Of the points near each pixel that the free optimum chooses among; doubled until every pixel can have one."""
Dirs = Float[np.ndarray, "points 3"]
Rotation = Float[np.ndarray, "3 3"]
Chosen = Int[np.ndarray, "height width"]


def greedy_points(dirs: Dirs, camera: Perspective, rotation: Rotation) -> Chosen:
    """The published assignment."""
    inside = shown_points(dirs, camera, rotation)[0]
    local, wanted = rotate_dirs(dirs[inside], rotation.T), camera.pixel_dirs().reshape(-1, 3)
    taken = np.zeros(len(inside))
    found = np.empty(len(wanted), np.int64)
    for pixel in np.argsort(wanted[:, 2], kind="stable"):
        found[pixel] = best = np.argmax(local @ wanted[pixel] - taken)
        taken[best] = np.inf
    return inside[found].reshape(camera.height, camera.width)


def optimal_points(dirs: Dirs, camera: Perspective, rotation: Rotation) -> Chosen:
    """The points of `distinct_points`, placed as well as they can be."""
    chosen = distinct_points(dirs, camera, rotation).flatten()
    places, centres = _places(dirs, camera, rotation)[chosen], _centres(camera).reshape(-1, 2)
    costs = np.square(centres[:, None] - places).sum(-1)
    return chosen[linear_sum_assignment(costs)[1]].reshape(camera.height, camera.width)


def free_points(dirs: Dirs, camera: Perspective, rotation: Rotation) -> Chosen:
    """The smallest sum of squared distances with any distinct points."""
    count = NEAREST
    while True:
        points, distances = nearest_points(dirs, camera, rotation, count)
        rows = np.arange(points[..., 0].size + 1) * count
        costs = csr_array((distances.flatten() ** 2 + 1e-12, points.flatten(), rows), (len(rows) - 1, len(dirs)))
        try:
            return min_weight_full_bipartite_matching(costs)[1].reshape(camera.height, camera.width)
        except ValueError:  # some pixels share too few points
            count *= 2


WAYS: dict[str, Callable[[Dirs, Perspective, Rotation], Chosen]] = {
    "ours": distinct_points,
    "greedy": greedy_points,
    "optimum": optimal_points,
    "free optimum": free_points,
}


def run(ways: Sequence[str], dirs: Dirs, camera: Perspective, rotations: Float[np.ndarray, "views 3 3"]) -> Any:
    """The figures of some ways on the same views, each view with all ways in turn."""
    seconds, chosen = dict.fromkeys(ways, 0.0), {way: [] for way in ways}
    for rotation in rotations:
        for way in ways:
            begin = time.perf_counter()
            chosen[way].append(WAYS[way](dirs, camera, rotation))
            seconds[way] += time.perf_counter() - begin
    rows = {way: {"seconds": seconds[way], **figures(dirs, camera, rotations, chosen[way])} for way in ways}
    least = rows["optimum"]["squared_pixels"] if "optimum" in ways else math.nan
    for row in rows.values():
        row["seconds_by_ours"] = row["seconds"] / seconds["ours"]
        row["squares_by_optimum"] = row["squared_pixels"] / least if "optimum" in ways else None
    return rows


def figures(
    dirs: Dirs, camera: Perspective, rotations: Float[np.ndarray, "views 3 3"], chosen: Sequence[Chosen]
) -> dict[str, Any]:
    """What the points of all views are like."""
    spacing = math.sqrt(4 * math.pi / len(dirs))
    views = list(zip(rotations, chosen, strict=True))
    moved = [angle_between(dirs[few], rotate_dirs(camera.pixel_dirs(), rotation)) for rotation, few in views]
    weights = np.broadcast_to(falloff(camera.height, TAU), np.shape(moved))
    apart = np.concatenate([neighbours(dirs, few) for few in chosen]) / spacing
    offsets = np.stack([_places(dirs, camera, rotation)[few] - _centres(camera) for rotation, few in views])
    inside = [shown_points(dirs, camera, rotation)[0] for rotation in rotations]
    left_out = sum(len(np.setdiff1d(shown, few)) for shown, few in zip(inside, chosen, strict=True))
    return {
        "displacement": float(np.mean(moved) / spacing),
        "displacement_by_weight": float(np.average(moved, weights=weights) / spacing),
        "median_displacement": float(np.median(moved) / spacing),
        "neighbours_beyond_2.5": float((apart > 2.5).mean()),
        "neighbours_beyond_3": float((apart > 3).mean()),
        "farthest_neighbours": float(apart.max()),
        "omission": left_out / sum(map(len, inside)),
        "unvisited_points": len(dirs) - len(np.unique(chosen)),
        "registration": float(np.abs(offsets.mean((0, 1, 2))).max()),
        "registration_of_worst_view": float(np.abs(offsets.mean((1, 2))).max()),
        "squared_pixels": float(np.square(offsets).sum(-1).mean()),
    }


def neighbours(dirs: Dirs, chosen: Chosen) -> Float[np.ndarray, " pairs"]:
    """Angles between the points of pixels that are side by side or one above the other."""
    sides = [(chosen[:, 1:], chosen[:, :-1]), (chosen[1:], chosen[:-1])]
    return np.concatenate([angle_between(dirs[a], dirs[b]).flatten() for a, b in sides])


def _places(dirs: Dirs, camera: Perspective, rotation: Rotation) -> Float[np.ndarray, "points 2"]:
    return camera.dirs_to_pixels(rotate_dirs(dirs, rotation.T))[0]


def _centres(camera: Perspective) -> Float[np.ndarray, "height width 2"]:
    rows, columns = np.mgrid[: camera.height, : camera.width] + 0.5
    return np.stack([columns, rows], axis=-1)


def measure(limit: int | None = None) -> dict[str, Any]:
    """All views by ours and by the greedy way, and a few also by both optima; a rehearsal leaves those out."""
    layout, dirs = LAYOUTS["89"], fibonacci_dirs(NUM_POINTS)
    camera, rotations = Perspective(SIZE, SIZE, layout.fov_deg), layout.rotations(0)
    few = {} if limit else run(list(WAYS), dirs, camera, rotations[list(VIEWS_OF_OPTIMUM)])
    few = {way: row | {"unvisited_points": None} for way, row in few.items()}
    every = run(["ours", "greedy"], dirs, camera, rotations[:limit])
    shown = np.mean([len(shown_points(dirs, camera, rotation)[0]) for rotation in rotations[:limit]])
    return {
        "num_points": NUM_POINTS,
        "size": SIZE,
        "num_views": len(rotations[:limit]),
        "points_in_a_view": float(shown),
        "forced_omission": float(1 - SIZE**2 / shown),
        "greedy_at_28_steps_by_ours_once": STEPS * every["greedy"]["seconds_by_ours"],
        "ways": every,
        "few_views": few,
    }


def table(found: dict[str, Any]) -> str:
    """Markdown, one line for each figure."""
    head = f"{found['num_points']} points, {found['num_views']} views of {found['size']}x{found['size']} pixels"
    forced = f"{found['points_in_a_view']:.0f} points lie in a view: {found['forced_omission']:.2%} must be left out."
    again = f"Greedy for each of {STEPS} steps, by ours once: {found['greedy_at_28_steps_by_ours_once']:.0f}."
    columns = found["ways"] | {f"{way}, {len(VIEWS_OF_OPTIMUM)} views": row for way, row in found["few_views"].items()}
    lines = [f"{head}. {forced} {again}", "", f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for name in found["ways"]["ours"]:
        values = ["" if row[name] is None else f"{row[name]:.4g}" for row in columns.values()]
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(values)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Points for the pixels of a view: ours, greedy, the optimum.")
    parser.add_argument("--limit", type=int, help="a rehearsal with so many views and without the optimum")
    options = parser.parse_args()
    found = measure(options.limit)
    print(table(found))

    from provenance import write_result

    print(write_result("point_assignment", found, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
