"""What the components of a pipeline tell about themselves; the registry fills in what is known of published models."""

from collections.abc import Sequence
from typing import Any

from torch import nn

from cyclorama.models.protocol import Capabilities
from cyclorama.models.tiling import compression_of


def read_capabilities(vae: Any, parts: Sequence[nn.Module], *, name: str, family: str, native: int) -> Capabilities:
    """Latent channels, compression, and the weights of `parts` in GB; `native` is the side of a native square."""
    compression = compression_of(vae)
    weights = sum(p.numel() * p.element_size() for part in parts for p in part.parameters())
    return Capabilities(
        name=name,
        family=family,
        latent_channels=vae.config.latent_channels,
        spatial_compression=compression,
        token_multiple=compression,
        native_size=(native, native),
        trained_on="perspective",
        licence="unknown",
        memory_gb=round(weights / 1e9, 2),
    )
