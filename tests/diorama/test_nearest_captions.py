"""The synonyms of everyday words lead into the language of captions, and to the labels that people mean."""

import pytest

from cyclorama.diorama.captions import labels_in, objects_in, vocabulary
from cyclorama.models.nearest_words import all_synonyms, nearest_known


def in_captions_words(text: str) -> str:
    known = frozenset(vocabulary())
    return " ".join(nearest_known(word, known) or "" for word in text.split())


def test_every_synonym_is_a_word_of_captions():
    known = set(vocabulary())
    targets = {target for several in all_synonyms().values() for target in several if target}
    assert {target for target in targets if not set(target.split()) <= known} == set()


@pytest.mark.parametrize(
    ("text", "labels", "things"),
    [
        ("seaside at twilight", {"place": "beach", "time": "sunset"}, ()),
        ("a metropolis at nighttime", {"place": "city", "time": "night"}, ()),
        ("jungle in haze", {"place": "forest", "sky": "fog"}, ()),
        ("a misty harbor", {"place": "harbour", "sky": "fog"}, ()),
        ("a parlour with a couch", {"place": "living room"}, ("sofa",)),
        ("rainy gorge at sunup", {"place": "canyon", "time": "dawn", "sky": "overcast"}, ()),
        ("prairie with boulders", {"place": "savanna"}, ("rock",)),
        ("a kitchn with a refrigerator", {"place": "kitchen"}, ("fridge",)),
        ("blizzard over a hamlet", {"place": "village", "sky": "snowfall"}, ()),
    ],
)
def test_everyday_prompts_mean_what_people_mean(text: str, labels: dict, things: tuple):
    read = in_captions_words(text)
    assert labels_in(read) == labels, read
    assert objects_in(read) == things
