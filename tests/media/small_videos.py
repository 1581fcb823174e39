"""Small videos for the tests, and ffmpeg and ffprobe as independent writers and readers."""

import hashlib
import json
import shutil
import subprocess

import numpy as np
import pytest

av = pytest.importorskip("av")

ENCODERS = {"h264": "libx264", "hevc": "libx265", "av1": "libsvtav1", "mpeg4": "mpeg4"}


def grey(level, height=64, width=128):
    return np.full((height, width, 3), level, np.uint8)


def tool(*command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout


def probe(path):
    return json.loads(tool("ffprobe", "-v", "error", "-print_format", "json", "-show_streams", "-show_format", path))


def ffmpeg(*arguments):
    tool("ffmpeg", "-v", "error", "-y", *arguments)


def skip_without(codec):
    if ENCODERS[codec] not in av.codecs_available:
        pytest.skip(f"this PyAV has no {ENCODERS[codec]}")


def one_line(fault):
    assert "\n" not in str(fault)


def encode(path, codec="mpeg4", *, movflags="", sound=False, frames=8):
    """A moving ramp of 64x128 pixels; the header comes last unless `movflags` say otherwise."""
    with av.open(str(path), "w", options={"movflags": movflags} if movflags else {}) as file:
        extra = {"x265-params": "log-level=error"} if codec == "hevc" else {}
        stream = file.add_stream(ENCODERS[codec], rate=10, options=extra)
        stream.width, stream.height, stream.pix_fmt = 128, 64, "yuv420p"
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = 1
        audio = file.add_stream("aac", rate=8000, layout="mono") if sound else None
        for number in range(frames):
            ramp = (np.arange(128 * 64 * 3).reshape(64, 128, 3) // 96 + 20 * number).astype(np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(ramp, format="rgb24")))
            if audio:
                beep = av.AudioFrame.from_ndarray(np.full((1, 800), number / 10, np.float32), "fltp", "mono")
                beep.sample_rate = 8000
                file.mux(audio.encode(beep))
        file.mux(stream.encode(None))
        if audio:
            file.mux(audio.encode(None))
    return path


def packets(path):
    """A digest of every packet and its time, and of every decoded frame."""
    with av.open(str(path)) as file:
        stored = [(p.stream.index, p.pts, p.dts, hashlib.md5(bytes(p)).hexdigest()) for p in file.demux() if p.size]
    with av.open(str(path)) as file:
        shown = [hashlib.md5(frame.to_ndarray().tobytes()).hexdigest() for frame in file.decode(video=0)]
    return stored, shown
