"""Networks do not resize: pictures come to them in the size that they want, by the resize that the protocol names."""

from torch import Tensor


def check_input_size(images: Tensor, wanted: tuple[int, int], *, network: str) -> None:
    """Raises ValueError unless the last two dimensions are `wanted` (height, width)."""
    got = tuple(images.shape[-2:])
    if got != wanted:
        raise ValueError(
            f"got pictures of {got[0]}x{got[1]} for {network}, wanted {wanted[0]}x{wanted[1]}; resize them first"
        )
