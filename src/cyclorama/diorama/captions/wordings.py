"""What captions say of places, times and skies. Every wording names one label of its table and no other.

A wording that holds a thing ("a beach with palm trees") is written only where that thing is seen; the others are always
true. The first wording of a place is its bare name.
"""

from typing import NamedTuple

PLACE_WORDS = {
    "beach": (
        *("beach", "a beach", "a sandy beach", "a tropical beach", "a beach by the sea", "an ocean beach"),
        *("the shore of the sea", "the sea shore", "a beach with palm trees", "a tropical beach with palms"),
    ),
    "islands": (
        *("islands", "tropical islands", "small islands in the sea", "an island in the ocean", "a green island"),
        *("islands in blue water", "an island with palm trees", "an island in the sea"),
    ),
    "lake": (
        *("lake", "a lake", "a calm lake", "the shore of a quiet lake", "a lake in a forest", "a mountain lake"),
        *("the still water of a lake", "a lake with pine trees"),
    ),
    "canyon": (
        *("canyon", "a canyon", "a river canyon", "a deep canyon", "a red canyon", "a canyon with steep cliffs"),
        *("a rocky canyon", "a river between high cliffs", "a canyon with rocks"),
    ),
    "desert": (
        *("desert", "a desert", "a desert with sand dunes", "sand dunes", "a dry desert", "a sandy desert"),
        *("the wide empty desert", "a desert with cacti"),
    ),
    "mountains": (
        *("mountains", "snowy mountains", "a snowy mountain valley", "high mountains", "a mountain landscape"),
        *("snow covered mountain peaks", "a winter valley in the mountains", "snowy mountains with pine trees"),
    ),
    "hills": (
        *("hills", "green hills", "rolling hills", "a green meadow", "grassy hills", "hills covered with grass"),
        *("rolling hills with trees", "a meadow in the hills"),
    ),
    "forest": (
        *("forest", "a forest", "a deep forest", "a quiet forest", "the woods", "a path in the woods"),
        *("a pine forest", "a clearing in the forest", "a forest of tall pines"),
    ),
    "savanna": (
        *("savanna", "a savanna", "an african savanna", "the wide savanna", "a dry savanna", "a plain of dry grass"),
        *("a savanna with acacia trees", "dry grassland"),
    ),
    "farmland": (
        *("farmland", "a farm", "farm fields", "fields in the countryside", "wide fields", "green farmland"),
        *("a farm in the country", "a farm with a barn", "fields of a farm"),
    ),
    "village": (
        *("village", "a village", "a small village", "a village street", "a quiet village", "an old village"),
        *("the street of a country village", "a village with a church", "a village of small houses"),
    ),
    "city": (
        *("city", "a city", "a city square", "a plaza in the city", "a town square", "the centre of a city"),
        *("a city plaza with a fountain", "a town square with buildings", "a big city"),
    ),
    "harbour": (
        *("harbour", "a harbour", "a small harbour", "a harbour by the sea", "a fishing harbour", "an old port"),
        *("a port by the sea", "a harbour with boats", "a harbour with a lighthouse"),
    ),
    "ruins": (
        *("ruins", "ancient ruins", "old ruins", "stone ruins", "the ruins of an ancient town", "old broken ruins"),
        *("the ruins of a temple", "an ancient temple"),
        *("a temple in ruins", "ruins with broken columns"),
    ),
    "living room": (
        *("living room", "a living room", "a cosy living room", "a small living room", "a lounge", "a quiet lounge"),
        *("a living room with a sofa", "a living room with a fireplace", "a lounge with a sofa"),
    ),
    "bedroom": (
        *("bedroom", "a bedroom", "a quiet bedroom", "a cosy bedroom", "a small bedroom", "a room for sleeping"),
        *("a bedroom with a wardrobe", "a quiet room with a bed"),
    ),
    "kitchen": (
        *("kitchen", "a kitchen", "a small kitchen", "a cosy kitchen", "a clean kitchen", "a room for cooking"),
        *("a kitchen with a table", "a kitchen with a stove and a fridge"),
    ),
    "office": (
        *("office", "an office", "a quiet office", "a small office", "a clean office", "a room for work", "a study"),
        *("an office with desks", "a small room with a desk and a computer"),
    ),
    "gallery": (
        *("gallery", "an art gallery", "a gallery", "a museum", "an art museum", "a museum of art"),
        *("a gallery with paintings", "a museum with statues", "a gallery of paintings"),
    ),
    "library": (
        *("library", "a library", "an old library", "a quiet library", "a reading room", "a big library"),
        *("a library full of books", "a quiet room full of books"),
    ),
    "hall": (
        *("hall", "a hall", "a great hall", "the hall of a palace", "a palace", "a stone hall", "a marble hall"),
        *("a hall with columns", "a hall of tall columns"),
    ),
}


class Times(NamedTuple):
    """Ways to name a time: said of a place, alone, as clauses, and the noun of "on a foggy ..."."""

    phrases: tuple[str, ...]
    names: tuple[str, ...]
    clauses: tuple[str, ...]
    noun: str
    of_places: tuple[str, ...] = ()


TIMES_SAID = {
    "dawn": Times(
        ("at dawn", "at sunrise", "in the early morning", "at daybreak", "in soft morning light", "in the morning"),
        ("dawn", "sunrise", "morning", "daybreak", "morning light"),
        ("it is dawn", "it is early morning", "the sun rises"),
        "morning",
    ),
    "noon": Times(
        ("at noon", "at midday", "in bright daylight", "during the day", "in the middle of the day"),
        ("noon", "midday", "daylight", "day"),
        ("it is noon", "it is midday", "it is the middle of the day"),
        "day",
    ),
    "sunset": Times(
        ("at sunset", "in the evening", "at dusk", "at golden hour", "in golden light", "in warm evening light"),
        ("sunset", "evening", "dusk", "golden hour", "golden light"),
        ("it is evening", "it is dusk", "the sun sets"),
        "evening",
    ),
    "night": Times(
        ("at night", "by moonlight", "at midnight", "late at night", "in the moonlight", "in the dark of the night"),
        ("night", "midnight", "moonlight"),
        ("it is night", "it is midnight", "the moon is up"),
        "night",
        ("moonlit",),
    ),
}


class Skies(NamedTuple):
    """Ways to name a sky: over a place, as nouns (what windows show), alone, as clauses, and as adjectives of a day.

    `of_places` are the adjectives that an outdoor place takes.
    """

    phrases: tuple[str, ...]
    nouns: tuple[str, ...]
    names: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    of_places: tuple[str, ...] = ()


SKIES_SAID = {
    "clear": Skies(
        ("under a clear sky", "with a clear sky", "in clear weather", "with a cloudless sky", "under a cloudless sky"),
        ("a clear sky", "a cloudless sky"),
        ("clear sky", "cloudless sky"),
        ("the sky is clear", "the sky is cloudless"),
        ("clear",),
    ),
    "scattered clouds": Skies(
        ("with scattered clouds", "under a partly cloudy sky", "with a few clouds", "under scattered clouds"),
        ("scattered clouds", "a few clouds", "a partly cloudy sky"),
        ("scattered clouds", "partly cloudy", "a few clouds"),
        ("there are a few clouds", "the sky is partly cloudy", "scattered clouds are in the sky"),
        ("partly cloudy",),
    ),
    "overcast": Skies(
        ("under an overcast sky", "under a grey sky", "in cloudy weather", "with a sky covered by clouds"),
        ("an overcast sky", "a grey sky", "heavy clouds"),
        ("overcast", "cloudy", "grey sky", "cloudy sky", "heavy clouds"),
        ("the sky is overcast", "the sky is grey", "clouds cover the sky"),
        ("cloudy", "overcast", "grey"),
        ("cloudy",),
    ),
    "fog": Skies(
        ("in fog", "in thick fog", "in the mist", "in foggy weather", "in dense fog"),
        ("fog", "thick fog", "mist"),
        ("fog", "foggy", "mist", "misty", "thick fog"),
        ("there is fog", "fog covers everything", "it is foggy"),
        ("foggy", "misty"),
        ("foggy", "misty"),
    ),
    "snowfall": Skies(
        ("in falling snow", "with snow falling", "in snowfall", "in snowy weather", "with snowflakes in the air"),
        ("falling snow", "snowfall", "snowflakes"),
        ("snowfall", "falling snow", "snowflakes"),
        ("it is snowing", "snow is falling", "there is falling snow"),
        ("snowy",),
    ),
}
SKIES_SAID_AT = {
    ("clear", "noon"): Skies(
        ("in the sunshine", "under a blue sky", "in sunny weather"),
        ("a blue sky", "sunshine"),
        ("sunny", "sunshine", "blue sky"),
        ("the sky is blue", "the sun shines"),
        ("sunny",),
        ("sunny",),
    ),
    ("clear", "night"): Skies(
        ("under a starry sky", "under the stars", "with stars in the sky"),
        ("a starry sky", "stars"),
        ("starry sky", "stars"),
        ("the sky is full of stars", "the stars shine"),
        ("starry",),
    ),
    ("scattered clouds", "noon"): Skies(("with white clouds",), ("white clouds",), ("white clouds",)),
}
"""What can be said of a sky at that time only."""

PLURAL_PLACES = frozenset({"islands", "mountains", "hills", "farmland", "ruins"})
"""Those whose name takes no article."""
GROUND_WORDS = {
    "beach": "sand",
    "islands": "sand",
    "lake": "grass and stones",
    "canyon": "rocky ground",
    "desert": "sand",
    "mountains": "snow",
    "hills": "grass",
    "forest": "the forest ground",
    "savanna": "dry grass",
    "farmland": "grass",
    "village": "the street",
    "city": "the stone ground",
    "harbour": "the stone ground",
    "ruins": "dry ground",
}
INDOOR_GROUND, SNOWY_GROUND, CEILING = "the floor", "snow", "the ceiling"
OPENINGS = (
    *("a panorama of", "a view of", "a photo of", "a wide view of", "a 360 panorama of"),
    *("an image of", "a panoramic view of", "a photograph of", "a 360 photo of", "a scene of"),
)
LEADING = frozenset({"a", "an", "the", "at", "by", "during", "in", "on", "under", "with", "it", "is", "there"})
"""Words that a wording may go without where two words remain."""
ALSO_READ = {
    "beach": ("seaside", "shore"),
    "islands": ("island",),
    "canyon": ("canyons", "gorge"),
    "desert": ("dunes",),
    "mountains": ("mountain", "peaks"),
    "hills": ("hill", "meadow", "meadows"),
    "forest": ("woods", "woodland"),
    "savanna": ("savannah", "grassland"),
    "farmland": ("farm", "fields"),
    "city": ("plaza", "downtown"),
    "harbour": ("harbor", "port"),
    "living room": ("lounge",),
    "office": ("study",),
    "gallery": ("museum",),
    "hall": ("palace",),
}
"""Single words that name a place where nothing longer does."""
