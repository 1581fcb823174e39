"""Tensors that are expensive to make (latents, prompt embeddings), made once and kept on disk.

An entry is one safetensors file, written under a hidden name and renamed: a killed run leaves only whole entries and
the next one makes the rest. Its name is a hash of what went in and of the encoder, so nothing stale is ever read.
Reading maps the file into memory.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from cyclorama.data.folder import ImageFolder, resize_equirect
from cyclorama.media.atomic import atomic_file


class TensorCache:
    """Named tensors under a key, in a folder."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.safetensors"

    def __contains__(self, key: str) -> bool:
        return self.path(key).is_file()

    def read(self, key: str) -> dict[str, Tensor]:
        """The tensors; `KeyError` where there are none, `ValueError` for a damaged file."""
        if key not in self:
            raise KeyError(key)
        try:
            return load_file(self.path(key))
        except SafetensorError as error:
            raise ValueError(f"{self.path(key)} is damaged ({error}); delete it, it is made again") from None

    def write(self, key: str, tensors: Mapping[str, Tensor]) -> None:
        self.path(key).parent.mkdir(exist_ok=True)
        stored = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        with atomic_file(self.path(key)) as file:
            file.write(save(stored))


def hash_parts(*parts: str | bytes) -> str:
    """A hash of the parts and of where one ends and the next begins."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def hash_file(path: Path) -> str:
    """A hash of the file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def hash_module(module: nn.Module, *, samples: int = 64) -> str:
    """A hash of a network: every tensor's name, shape and type, and about `samples` values spread over it."""
    parts = []
    for name, tensor in module.state_dict().items():
        flat = tensor.detach().flatten()
        spread = flat[:: max(1, flat.numel() // samples)].double().cpu()
        parts += [f"{name} {tuple(tensor.shape)} {tensor.dtype}", repr(spread.tolist())]
    return hash_parts(*parts)


@dataclass(frozen=True)
class CachedPanoramas:
    """Encoded equirects with captions. Entry (i, flipped) is image i, mirrored before it was encoded if `flipped`."""

    cache: TensorCache
    keys: tuple[tuple[str, str], ...]
    captions: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.captions)

    def latents(self, index: int, *, flipped: bool = False) -> Float[Tensor, "channels height width"]:
        return self.cache.read(self.keys[index][int(flipped)])["latents"]


def encode_panoramas(
    images: ImageFolder,
    cache: TensorCache,
    *,
    encode: Callable[[Tensor], Tensor],
    encoder_key: str,
    height: int,
    flips: bool = True,
    track: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> CachedPanoramas:
    """Encode every equirect that the cache lacks, at (height, 2 height), and its mirror image with `flips`.

    `encode` maps [B, 3, H, W] in [0, 1] to latents; it should be circular, so that rolling the latents is exact.
    `encoder_key` names it (`hash_module`). `track` may show progress over the indices.

    Raises:
        ValueError: for an image that cannot be read, or one that is no equirect.
    """
    keys = []
    for index in track(range(len(images))):
        item = images[index]
        if item.projection != "equirect":
            raise ValueError(f"{item.path} is a {item.projection} image; this recipe trains on equirects alone")
        parts = (hash_file(item.path), encoder_key, str(height))
        pair = (
            hash_parts(*parts, "upright"),
            hash_parts(*parts, "flipped") if flips else hash_parts(*parts, "upright"),
        )
        if any(key not in cache for key in pair):
            _encode_pair(resize_equirect(item.read(), height), pair, cache, encode)
        keys.append(pair)
    return CachedPanoramas(cache, tuple(keys), tuple(item.text for item in images))


@torch.no_grad()
def _encode_pair(image: Tensor, keys: tuple[str, str], cache: TensorCache, encode: Callable[[Tensor], Tensor]) -> None:
    """One image at a time: a batch of one, so that an entry never depends on its neighbours."""
    for key, view in zip(keys, (image, image.flip(-1)), strict=True):
        if key not in cache:
            cache.write(key, {"latents": encode(view[None])[0].float()})
