"""Loop closure: a camera that comes back to its first pose should see what it saw.

DiffPano (Ye et al., NeurIPS 2024): PSNR and SSIM between the first and the last view of a sequence whose poses are the
same there. Equal pictures give inf dB and an SSIM of 1.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from cyclorama.evaluation.fidelity import ssim_map
from cyclorama.evaluation.multiview.posed_views import PosedViews

_TURN_TOLERANCE_DEG = 0.1
_MOVE_TOLERANCE = 1e-3  # of the longest way from the first view
_WINDOW_RADIUS = 5


@dataclass(frozen=True)
class LoopClosure:
    """PSNR in dB over all pixels, and mean SSIM: of panoramas over all, else over the windows inside the picture."""

    psnr: float
    ssim: float


def loop_closure(views: PosedViews) -> LoopClosure:
    """How alike the first and the last view are. `ValueError` unless their poses are the same.

    Every pixel counts as much as any other, as in DiffPano; `evaluation.fidelity` weights by latitude.
    """
    _check_closed(views)
    first, last = views.images[:1].double(), views.images[-1:].double()
    psnr = -10 * (first - last).square().mean().log10()
    return LoopClosure(psnr.item(), _ssim(first, last, is_panorama=views.is_panorama))


def _check_closed(views: PosedViews) -> None:
    motion = views.motion(0, len(views) - 1)
    cosine = ((motion[:3, :3].diagonal().sum() - 1) / 2).clamp(-1, 1)
    turn, move = torch.rad2deg(cosine.arccos()).item(), motion[:3, 3].norm().item()
    positions = views.cam_to_world[:, :3, 3].double().cpu()
    extent = (positions - positions[0]).norm(dim=1).max().item()
    if turn > _TURN_TOLERANCE_DEG or move > _MOVE_TOLERANCE * extent:
        raise ValueError(
            f"got a last view {move:.3g} away from the first and turned by {turn:.3g} degrees, wanted the same pose; "
            "close the loop"
        )


def _ssim(
    first: Float[Tensor, "1 3 height width"], last: Float[Tensor, "1 3 height width"], *, is_panorama: bool
) -> float:
    if is_panorama:
        return ssim_map(first, last).mean().item()
    width, inner = first.shape[-1], slice(_WINDOW_RADIUS, -_WINDOW_RADIUS)
    # the map wants an even width; no window inside the picture reaches the column that is added
    first, last = (pad(image, (0, width % 2)) for image in (first, last))
    return ssim_map(first, last)[..., inner, :width][..., inner].mean().item()
