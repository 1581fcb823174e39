"""Pictures as latents, encoded once and kept, in every variant that training draws from."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.data.bad_rows import BadRows
from cyclorama.data.latents import TensorCache
from cyclorama.data.photos import latent_mask, read_equirect
from cyclorama.data.rows import CaptionedImage
from cyclorama.diffusion.fingerprints import hash_parts

ALL_WHITE = 0.999
"""A mask above it everywhere is no mask: the picture is a panorama."""


Encode = Callable[[Tensor], Tensor]
"""Images [B, 3, H, W] in [0, 1] to latents."""


@dataclass(frozen=True)
class Variants:
    """What is encoded of a picture: mirrored or not, and each turned by so many even yaws of whole pixels.

    One turn is enough for a circular encoder: rolling its latents is exact.
    """

    flips: bool = True
    turns: int = 1

    def __len__(self) -> int:
        return self.turns * (2 if self.flips else 1)

    def index(self, *, flipped: bool = False, turn: int = 0) -> int:
        """The number of a variant."""
        return turn * (2 if self.flips else 1) + int(flipped and self.flips)

    def of(self, number: int) -> tuple[bool, Fraction]:
        """Whether variant `number` is mirrored, and the part of a whole turn by which it is rolled."""
        turn, flipped = divmod(number, 2) if self.flips else (number, 0)
        return bool(flipped), Fraction(turn, self.turns)

    def make(self, image: Tensor, number: int) -> Tensor:
        """Variant `number` of a picture or mask [..., H, W]: mirrored, then rolled to the right."""
        flipped, turn = self.of(number)
        return (image.flip(-1) if flipped else image).roll(int(turn * image.shape[-1]), -1)


@dataclass(frozen=True)
class Encoded:
    """Latents of one variant, and which of them are supervised (None: all)."""

    latents: Float[Tensor, "channels height width"]
    mask: Float[Tensor, "1 height width"] | None


@dataclass(frozen=True)
class CachedPictures:
    """Encoded pictures with captions; picture i has the entries `keys[i]`, one for each variant."""

    cache: TensorCache
    variants: Variants
    keys: tuple[tuple[str, ...], ...]
    captions: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.captions)

    def is_masked(self, index: int) -> bool:
        """Whether only a part of picture `index` is supervised."""
        return "mask" in self.cache.names(self.keys[index][0])

    def read(self, index: int, *, flipped: bool = False, turn: int = 0) -> Encoded:
        """One variant of picture `index`."""
        stored = self.cache.read(self.keys[index][self.variants.index(flipped=flipped, turn=turn)])
        return Encoded(stored["latents"], stored.get("mask"))


@dataclass(frozen=True)
class Sharing:
    """How `num` processes encode together: this one is `index`; `wait` returns when all have come there."""

    index: int = 0
    num: int = 1
    wait: Callable[[], Any] = bool

    def owns(self, key: str) -> bool:
        """Whether this process encodes what has the hash `key`: exactly one does."""
        return int(key, 16) % self.num == self.index


def encode_pictures(
    items: Sequence[CaptionedImage],
    cache: TensorCache,
    *,
    encode: Encode,
    encoder_key: str,
    height: int,
    variants: Variants | None = None,
    bad: BadRows | None = None,
    sharing: Sharing | None = None,
    track: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> CachedPictures:
    """Encode what the cache lacks: every picture as an equirect of (height, 2 height), in all variants.

    `encoder_key` names the encoder and everything that changes what it makes. `track` may show progress. Of several
    processes each encodes its share, and all return the same, or raise the same.

    Raises:
        ValueError: for pictures that cannot be read, unless `bad` skips them; when none is left.
    """
    bad, sharing = bad or BadRows("refuse"), sharing or Sharing()
    encoder = _Encoder(cache, encode, (encoder_key, str(height)), height, variants or Variants())
    keys = [encoder.keys(item.content_key()) for item in track(items)]
    if sharing.num > 1:
        for item, names in track(list(zip(items, keys, strict=True))):
            if sharing.owns(names[0]):
                with BadRows("skip").caught():
                    encoder.fill(item, names)
        sharing.wait()
    good = []
    for item, names in track(list(zip(items, keys, strict=True))):
        with bad.caught(item.where or str(item.path)):
            encoder.fill(item, names)
            good.append((names, item.text))
    if items and not good:
        raise ValueError(f"none of {len(items)} pictures can be read; the first: {bad.faults[-len(items)]}")
    return CachedPictures(cache, encoder.variants, tuple(names for names, _ in good), tuple(text for _, text in good))


@dataclass(frozen=True)
class _Encoder:
    cache: TensorCache
    encode: Encode
    names: tuple[str, ...]
    height: int
    variants: Variants

    def keys(self, content: str) -> tuple[str, ...]:
        """The entries of a picture."""
        numbers = range(len(self.variants))
        return tuple(hash_parts(content, *self.names, str(self.variants.of(number))) for number in numbers)

    def fill(self, item: CaptionedImage, keys: tuple[str, ...]) -> None:
        """Make what is missing of them; `ValueError` for a picture that cannot be read."""
        missing = [number for number, key in enumerate(keys) if key not in self.cache]
        if missing:
            image, mask = read_equirect(item, self.height)
            for number in missing:
                entry = _encode_variant(image, mask, self.encode, self.variants, number)
                self.cache.write(keys[number], entry)


@torch.no_grad()
def _encode_variant(
    image: Float[Tensor, "3 height width"],
    mask: Float[Tensor, "height width"] | None,
    encode: Encode,
    variants: Variants,
    number: int,
) -> dict[str, Tensor]:
    """One image at a time: a batch of one, so that an entry never depends on its neighbours."""
    latents = encode(variants.make(image, number)[None])[0].float()
    if mask is None or mask.min() > ALL_WHITE:
        return {"latents": latents}
    supervised = latent_mask(variants.make(mask, number), *latents.shape[-2:])
    if not supervised.any():
        raise ValueError(f"no latent of {tuple(latents.shape[-2:])} is supervised as a whole; take a larger height")
    return {"latents": latents, "mask": supervised}
