"""Training of the miniature's eyes and of its auto-encoder, on renders of the diorama alone.

A folder holds panoramas with place, time, sky and objects in its metadata, as `cyclorama render` writes them. The last
tenth of a folder is held out: the figures in the weights files' metadata are about it.
"""

from cyclorama.evaluation.eyes_training.autoencoder import fit_faed
from cyclorama.evaluation.eyes_training.train import train_eyes

__all__ = ["fit_faed", "train_eyes"]
