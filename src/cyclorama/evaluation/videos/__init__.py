"""Figures of panoramic videos, in one pass over their frames: flicker, motion, seams, and the Fréchet distance."""

from cyclorama.evaluation.videos.flicker import Flicker, temporal_flicker
from cyclorama.evaluation.videos.flow import FlowMotion, flow_motion, panorama_flow
from cyclorama.evaluation.videos.frames import FrameAccumulator, Series, feed, video_frames
from cyclorama.evaluation.videos.fvd import FACE_WEIGHTS, ClipFeatures, ClipNetwork, Fvd, frechet_video_distance
from cyclorama.evaluation.videos.video_seams import VideoSeams

__all__ = [
    "FACE_WEIGHTS",
    "ClipFeatures",
    "ClipNetwork",
    "Flicker",
    "FlowMotion",
    "FrameAccumulator",
    "Fvd",
    "Series",
    "VideoSeams",
    "feed",
    "flow_motion",
    "frechet_video_distance",
    "panorama_flow",
    "temporal_flicker",
    "video_frames",
]
