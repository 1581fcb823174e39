"""Phrases for what is seen: "two palm trees ahead", "a red sofa to the left"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cyclorama.diorama.captions.naming import FAR, NEAR, NUMBERS, SECTORS, SEVERAL_WORDS, THING_NAMES
from cyclorama.diorama.captions.pen import Pen
from cyclorama.diorama.sighting import Sighting

COUNTED_SHARE, NAMED_SHARE = 0.0003, 0.0015
"""Of the sphere or picture: what one thing must cover to be counted, and all that a phrase names to be said."""
COLOUR_ODDS, SECTOR_ODDS, DISTANCE_ODDS, VAGUE_ODDS = 0.75, 0.85, 0.4, 0.3
NEAR_M, FAR_M = 6.0, 45.0
MOST_COUNTED, MANY_FROM = 5, 9
LARGEST = 7


@dataclass
class Mention:
    """Things of one name, and of one colour and sector where these are told; `share` and `count` of all of them."""

    thing: str
    colour: str
    sector: int | None
    share: float = 0.0
    count: int = 0
    nearest_m: float = float("inf")
    farthest_m: float = 0.0

    def add(self, sighting: Sighting) -> None:
        self.share += sighting.share
        self.count += 1
        self.nearest_m = min(self.nearest_m, sighting.distance_m)
        self.farthest_m = max(self.farthest_m, sighting.distance_m)


def sector_of(yaw_deg: float) -> int:
    """The eighth of a turn that a direction lies in: 0 around the front, then to the right."""
    return round(yaw_deg / 45) % 8


def mentions(sightings: Iterable[Sighting], *, colours: bool, sectors: bool) -> list[Mention]:
    """The largest mention of every thing that is seen well, the largest first."""
    bundles: dict[tuple[str, str, int | None], Mention] = {}
    for seen in sightings:
        if seen.share >= COUNTED_SHARE and seen.thing in THING_NAMES:
            key = (seen.thing, seen.colour_word if colours else "", sector_of(seen.yaw_deg) if sectors else None)
            bundles.setdefault(key, Mention(*key)).add(seen)
    largest: dict[str, Mention] = {}
    for bundle in sorted(bundles.values(), key=lambda bundle: -bundle.share):
        if bundle.share >= NAMED_SHARE:
            largest.setdefault(bundle.thing, bundle)
    return list(largest.values())


def told(sightings: Sequence[Sighting], pen: Pen, *, directions: bool, besides: frozenset[str], most: int) -> list[str]:
    """Phrases for at most `most` of the largest things, in any order; none for the things `besides`."""
    sectors = directions and pen.chance(SECTOR_ODDS)
    found = mentions(sightings, colours=pen.chance(COLOUR_ODDS), sectors=sectors)
    chosen = pen.order([one for one in found if one.thing not in besides][:LARGEST])[:most]
    return [phrase(one, pen) for one in chosen]


def phrase(mention: Mention, pen: Pen) -> str:
    """Number, colour, name and direction of what is seen."""
    words = [_counted(mention, pen), _where(mention, pen)]
    return " ".join(word for word in words if word)


def _counted(mention: Mention, pen: Pen) -> str:
    names, colour = THING_NAMES[mention.thing], mention.colour and mention.colour + " "
    if not names.many:
        return f"{colour}{names.one}"
    if mention.count == 1:
        return with_article(f"{colour}{names.one}")
    return f"{_number(mention.count, pen)} {colour}{names.many}"


def _number(count: int, pen: Pen) -> str:
    if count <= MOST_COUNTED and not (count > 3 and pen.chance(VAGUE_ODDS)):
        return NUMBERS[count]
    return SEVERAL_WORDS[count >= MANY_FROM]


def _where(mention: Mention, pen: Pen) -> str:
    if mention.sector is not None:
        return pen.choice(SECTORS[mention.sector])
    if mention.farthest_m < NEAR_M and pen.chance(DISTANCE_ODDS):
        return NEAR
    if mention.nearest_m > FAR_M and pen.chance(DISTANCE_ODDS):
        return FAR
    return ""


def with_article(noun: str) -> str:
    """The noun after "a" or "an"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def listed(phrases: Sequence[str]) -> str:
    """Phrases with commas and a last "and"."""
    return " and ".join([", ".join(phrases[:-1]), phrases[-1]]) if len(phrases) > 1 else "".join(phrases)
