"""Hashes of networks and of what goes into them, for caches that must never hand out something stale."""

import hashlib

from torch import nn


def hash_parts(*parts: str | bytes) -> str:
    """A hash of the parts and of where one ends and the next begins."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def hash_module(module: nn.Module, *, samples: int = 64) -> str:
    """A hash of a network: every tensor's name, shape and type, and about `samples` values spread over it."""
    parts = []
    for name, tensor in module.state_dict().items():
        flat = tensor.detach().flatten()
        spread = flat[:: max(1, flat.numel() // samples)].double().cpu()
        parts += [f"{name} {tuple(tensor.shape)} {tensor.dtype}", repr(spread.tolist())]
    return hash_parts(*parts)
