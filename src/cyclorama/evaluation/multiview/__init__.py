"""Figures of posed views of one scene: do they show one world?

The functions are named after their modules: `from cyclorama.evaluation.multiview.tsed import tsed`.
"""

from cyclorama.evaluation.multiview.posed_views import PosedViews, read_posed_views

__all__ = ["PosedViews", "read_posed_views"]
