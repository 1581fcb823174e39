"""Do pictures show what was asked for? One answer per head: 1, 0, or nan where nothing was asked.

A head of one label agrees when its likeliest label is the one asked for. The head of objects agrees when every object
asked for is found (probability above 1/2); others may stand there too, since a prompt names only a few.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.captions import labels_in, objects_in
from cyclorama.evaluation.networks.eyes import SEVERAL, Eyes, classify, load_eyes_panorama

Asked = Mapping[str, str | Sequence[str]]
"""Head to label, the head of objects to several; `asked_in` reads it from a prompt."""


def agreement(
    images: Float[Tensor, "batch 3 height width"], asked: Sequence[Any], *, eyes: Eyes | None = None
) -> dict[str, Float[Tensor, " batch"]]:
    """For each head 1 where the image shows what was asked for, 0 where not, nan where nothing was asked, float64.

    `asked` holds for each image a mapping of heads to labels or an object with attributes of the heads' names, such as
    a scene; the eyes are the packaged ones unless others are given.

    Raises:
        ValueError: another number of images, or a label that the eyes do not know.
    """
    eyes = eyes or load_eyes_panorama()
    if len(images) != len(asked):
        raise ValueError(f"got {len(images)} images and {len(asked)} labels, wanted one per image; pass what was asked")
    found = classify(images, eyes)
    return {
        head: torch.tensor(
            [
                agrees(row, _checked(_asked(one, head), head, names), head, names)
                for row, one in zip(found[head], asked, strict=True)
            ],
            dtype=torch.float64,
        )
        for head, names in eyes.labels.items()
    }


def asked_in(prompt: str) -> dict[str, str | tuple[str, ...]]:
    """What a prompt in the wordings of captions asks for, head by head; a head that it leaves open is absent."""
    things = objects_in(prompt)
    return labels_in(prompt) | ({"objects": things} if things else {})


def agrees(probabilities: Float[Tensor, " labels"], asked: Sequence[str], head: str, names: Sequence[str]) -> float:
    """Whether one answer of a head with these `names` shows all that was `asked`: 1 or 0, nan for nothing asked."""
    if not asked:
        return float("nan")
    wanted = [names.index(name) for name in asked]
    if head in SEVERAL:
        return float((probabilities[wanted] > 0.5).all())
    return float(int(probabilities.argmax()) in wanted)


def _asked(one: Any, head: str) -> tuple[str, ...]:
    value = one.get(head) if isinstance(one, Mapping) else getattr(one, head, None)
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _checked(asked: tuple[str, ...], head: str, names: Sequence[str]) -> tuple[str, ...]:
    if unknown := sorted(set(asked) - set(names)):
        raise ValueError(f"got the {head} {', '.join(unknown)}, wanted one of {', '.join(names)}; train the eyes anew")
    return asked
