"""The page of an evaluation: one HTML file with its figures, plots and pictures, which opens without a network."""

from cyclorama.evaluation.report.page import write_page

__all__ = ["write_page"]
