"""Figures of posed views of one scene: do they show one world?"""

from cyclorama.evaluation.multiview.depth_warp import DepthWarp, depth_warp
from cyclorama.evaluation.multiview.loop_closure import LoopClosure, loop_closure
from cyclorama.evaluation.multiview.posed_views import PosedViews, read_posed_views
from cyclorama.evaluation.multiview.tsed import THRESHOLDS_DEG, THRESHOLDS_PX, Tsed, spherical_tsed, tsed

__all__ = [
    "THRESHOLDS_DEG",
    "THRESHOLDS_PX",
    "DepthWarp",
    "LoopClosure",
    "PosedViews",
    "Tsed",
    "depth_warp",
    "loop_closure",
    "read_posed_views",
    "spherical_tsed",
    "tsed",
]
