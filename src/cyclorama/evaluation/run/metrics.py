"""The metrics that the measures of a protocol may name: what each says, of what kind it is, which values are good."""

from dataclasses import dataclass
from typing import Literal

from cyclorama.evaluation.run.results import Direction

Kind = Literal["set", "picture", "prompt", "pair", "video", "scene"]


@dataclass(frozen=True)
class Metric:
    """`needs_real`: the metric compares with a real set. `output`: what it asks of a network, "" for none."""

    name: str
    kind: Kind
    direction: Direction
    about: str
    needs_real: bool = False
    output: Literal["", "features", "probabilities", "heads", "clips", "scores", "distance", "model"] = ""


def metric_named(name: str) -> Metric:
    """`ValueError` lists the names."""
    if name not in METRICS:
        raise ValueError(f"got the metric {name!r}, wanted one of {', '.join(METRICS)}")
    return METRICS[name]


def _of_sets(name: str, direction: Direction, about: str) -> Metric:
    return Metric(name, "set", direction, about, needs_real=True, output="features")


def _of_pairs(name: str, direction: Direction, about: str) -> Metric:
    return Metric(name, "pair", direction, about, needs_real=True, output="distance" if name == "lpips" else "")


def _of_pictures(name: str, direction: Direction, about: str) -> Metric:
    return Metric(name, "picture", direction, about)


_SCORE_ABOUT = "cosine of the picture's and its prompt's CLIP embeddings, times 100 or 2.5"
_ROWS = (
    _of_sets("frechet", "lower", "distance of two Gaussians fitted to the features of both sets"),
    _of_sets("kid", "lower", "unbiased squared maximum mean discrepancy, cubic kernel"),
    _of_sets("cmmd", "lower", "squared maximum mean discrepancy, Gaussian kernel, times 1000"),
    _of_sets("precision", "higher", "share of the fake samples within the real set"),
    _of_sets("recall", "higher", "share of the real samples within the fake set"),
    _of_sets("density", "higher", "how densely real samples lie around the fake ones"),
    _of_sets("coverage", "higher", "share of the real samples with a fake one beside them"),
    _of_sets("omnifid", "lower", "mean of the Fréchet distances of up, the sides and down"),
    Metric(
        "inception_score", "set", "higher", "how sure and varied a classifier's answers are", output="probabilities"
    ),
    Metric("fvd", "set", "lower", "Fréchet distance of the features of clips", needs_real=True, output="clips"),
    _of_pictures("discontinuity_score", "lower", "gradients at the seam over those beside it; 0.6 to 1 without a seam"),
    _of_pictures("interior_discontinuity_score", "real", "the same figure between columns far from the seam"),
    _of_pictures("seam_rank", "real", "share of the columns with a smaller step than the seam; 0.5 without a seam"),
    _of_pictures("seam_ratio", "real", "step at the seam over the step between other columns; 1 without a seam"),
    _of_pictures("end_continuity", "lower", "step at the seam"),
    _of_pictures("relative_end_continuity", "real", "step at the seam over the step between other columns"),
    _of_pictures("pole_variance_up", "real", "variance along the first row"),
    _of_pictures("pole_variance_down", "real", "variance along the last row"),
    _of_pictures("pole_gradient_up", "real", "sharpness of the up face over that of the sides"),
    _of_pictures("pole_gradient_down", "real", "sharpness of the down face over that of the sides"),
    _of_pictures("pole_sharpness_up", "real", "sharpness of the zenith over that of its surroundings"),
    _of_pictures("pole_sharpness_down", "real", "sharpness of the nadir over that of its surroundings"),
    _of_pictures("pole_pinch_up", "real", "share of the gradients around the zenith that form a star"),
    _of_pictures("pole_pinch_down", "real", "share of the gradients around the nadir that form a star"),
    _of_pictures("sharpness", "real", "gradient energy"),
    Metric("brisque", "picture", "lower", "unnaturalness by trained scene statistics", output="model"),
    _of_pictures("niqe", "lower", "distance from the scene statistics of real pictures"),
    Metric("judge", "picture", "higher", "a vision-language model's mark from 1 to 5", output="scores"),
    Metric("clip_score", "prompt", "higher", _SCORE_ABOUT, output="features"),
    Metric("agreement", "prompt", "higher", "share of the pictures that show what was asked for", output="heads"),
    _of_pairs("ws_psnr", "higher", "signal to noise in dB, pixels weighted by their area"),
    _of_pairs("s_psnr", "higher", "signal to noise in dB at evenly spread points of the sphere"),
    _of_pairs("ws_ssim", "higher", "structural similarity, pixels weighted by their area"),
    _of_pairs("lpips", "lower", "perceptual distance of a network's activations"),
    Metric("flicker", "video", "higher", "sameness of neighbouring frames, 1 for a still"),
    Metric("flow_motion", "video", "real", "motion in degrees by the optical flow, weighted by area"),
    Metric("video_seam_rank", "video", "real", "seam rank over time; 0.5 without a seam"),
    Metric("tsed", "scene", "higher", "share of neighbouring views whose matches obey their poses"),
    Metric("spherical_tsed", "scene", "higher", "the same with bearings, in degrees"),
    Metric("mtsed", "scene", "higher", "the mean of it over several thresholds"),
    Metric("loop_psnr", "scene", "higher", "PSNR in dB of the first and the last view of a closed path"),
    Metric("loop_ssim", "scene", "higher", "SSIM of the first and the last view of a closed path"),
    Metric("depth_warp_psnr", "scene", "higher", "PSNR in dB of a view and its neighbour, warped by depth"),
)
METRICS: dict[str, Metric] = {row.name: row for row in _ROWS}
