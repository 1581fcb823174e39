"""How captions name things: one or two ways to say each, its plural, and the other words that it is known by."""

from typing import NamedTuple


class Names(NamedTuple):
    """Singular and plural of a thing as captions write it (no plural: "some"), and further singulars that are read."""

    one: str
    many: str
    also: tuple[str, ...] = ()


THING_NAMES = {
    "palm": Names("palm tree", "palm trees", ("palm", "coconut palm", "coconut tree")),
    "pine": Names("pine tree", "pine trees", ("pine", "fir", "fir tree", "conifer", "spruce")),
    "tree": Names("tree", "trees", ("oak", "oak tree")),
    "cypress": Names("cypress tree", "cypress trees", ("cypress", "cypresses")),
    "olive tree": Names("olive tree", "olive trees", ("olive",)),
    "acacia": Names("acacia tree", "acacia trees", ("acacia",)),
    "cactus": Names("cactus", "cacti", ()),
    "bush": Names("bush", "bushes", ("shrub",)),
    "hedge": Names("hedge", "hedges"),
    "rock": Names("rock", "rocks", ("boulder",)),
    "log": Names("log", "logs", ("fallen tree", "tree trunk")),
    "termite mound": Names("termite mound", "termite mounds", ("ant hill", "mound")),
    "flowers": Names("flowers", "", ("flower", "flower bed", "blossom")),
    "parasol": Names("parasol", "parasols", ("beach umbrella", "sunshade")),
    "campfire": Names("campfire", "campfires", ("camp fire", "bonfire")),
    "tent": Names("tent", "tents"),
    "boat": Names("boat", "boats", ("ship", "sailboat", "sailing boat", "rowing boat", "fishing boat")),
    "pier": Names("pier", "piers", ("jetty", "quay")),
    "net": Names("net", "nets", ("fishing net",)),
    "bollard": Names("bollard", "bollards"),
    "lighthouse": Names("lighthouse", "lighthouses", ("light house",)),
    "fence": Names("fence", "fences"),
    "hay bale": Names("hay bale", "hay bales", ("bale of hay", "haystack", "straw bale")),
    "barn": Names("barn", "barns"),
    "cow": Names("cow", "cows", ("cattle", "bull")),
    "sheep": Names("sheep", "sheep", ("lamb",)),
    "elephant": Names("elephant", "elephants"),
    "giraffe": Names("giraffe", "giraffes"),
    "tractor": Names("tractor", "tractors"),
    "windmill": Names("windmill", "windmills", ("wind mill", "mill")),
    "well": Names("well", "wells"),
    "house": Names("house", "houses", ("cottage", "hut", "cabin")),
    "church": Names("church", "churches", ("chapel",)),
    "tower": Names("tower", "towers", ("clock tower", "bell tower", "church tower", "watch tower")),
    "temple": Names("temple", "temples"),
    "warehouse": Names("warehouse", "warehouses", ("store house",)),
    "building": Names("building", "buildings", ("skyscraper",)),
    "bench": Names("bench", "benches"),
    "street lamp": Names("street lamp", "street lamps", ("street light", "lamp post", "lantern")),
    "fountain": Names("fountain", "fountains"),
    "awning": Names("awning", "awnings", ("canopy",)),
    "car": Names("car", "cars", ("automobile",)),
    "crate": Names("crate", "crates", ("wooden box", "wooden boxes")),
    "barrel": Names("barrel", "barrels", ("cask",)),
    "crane": Names("crane", "cranes"),
    "column": Names("column", "columns", ("pillar",)),
    "arch": Names("arch", "arches", ("archway",)),
    "wall": Names("wall", "walls", ("stone wall", "broken wall", "city wall", "garden wall")),
    "statue": Names("statue", "statues", ("sculpture",)),
    "bust": Names("bust", "busts", ("sculpture of a head",)),
    "sofa": Names("sofa", "sofas", ("couch", "couches", "settee")),
    "armchair": Names("armchair", "armchairs", ("arm chair", "easy chair")),
    "chair": Names("chair", "chairs", ("office chair", "stool")),
    "table": Names("table", "tables", ("coffee table", "dining table", "kitchen table")),
    "desk": Names("desk", "desks", ("writing desk", "computer desk")),
    "computer": Names("computer", "computers", ("laptop",)),
    "television": Names("television", "televisions", ("tv", "television set")),
    "floor lamp": Names("floor lamp", "floor lamps", ("standing lamp",)),
    "table lamp": Names("table lamp", "table lamps", ("desk lamp", "bedside lamp", "reading lamp")),
    "ceiling lamp": Names("ceiling lamp", "ceiling lamps", ("pendant lamp", "hanging lamp")),
    "chandelier": Names("chandelier", "chandeliers"),
    "candle": Names("candle", "candles", ("candlestick",)),
    "plant": Names("plant", "plants", ("house plant", "potted plant")),
    "pot": Names("pot", "pots", ("cooking pot", "vase")),
    "bookshelf": Names("bookshelf", "bookshelves", ("book", "bookcase", "book shelf", "book shelves")),
    "cabinet": Names("cabinet", "cabinets", ("cupboard", "sideboard", "chest of drawers")),
    "bed": Names("bed", "beds"),
    "wardrobe": Names("wardrobe", "wardrobes", ("closet",)),
    "nightstand": Names("nightstand", "nightstands", ("night stand", "bedside table")),
    "stove": Names("stove", "stoves", ("oven", "cooker")),
    "fridge": Names("fridge", "fridges", ("refrigerator",)),
    "sink": Names("sink", "sinks", ("washbasin",)),
    "counter": Names("counter", "counters", ("worktop", "kitchen counter", "kitchen island")),
    "fireplace": Names("fireplace", "fireplaces", ("fire place", "hearth")),
    "painting": Names("painting", "paintings", ("picture", "oil painting")),
    "mirror": Names("mirror", "mirrors", ("looking glass",)),
    "clock": Names("clock", "clocks", ("wall clock",)),
    "whiteboard": Names("whiteboard", "whiteboards", ("white board",)),
    "window": Names("window", "windows"),
    "door": Names("door", "doors"),
    "curtain": Names("curtain", "curtains", ("drape",)),
    "rug": Names("rug", "rugs", ("carpet",)),
    "globe": Names("globe", "globes"),
    "ladder": Names("ladder", "ladders"),
}
"""One of each; of the further words a plural in s is understood, too."""
NO_THINGS = ("on the wall", "on the walls", "as well", "river bed", "sea bed")
"""Phrases with the word of a thing that is not meant."""
NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}
SEVERAL_WORDS = ("several", "many")
NEAR, FAR = "nearby", "in the distance"
SECTORS = (
    ("ahead", "in front", "straight ahead"),
    ("ahead to the right", "ahead on the right"),
    ("to the right", "on the right"),
    ("behind to the right", "behind you to the right"),
    ("behind you", "behind"),
    ("behind to the left", "behind you to the left"),
    ("to the left", "on the left"),
    ("ahead to the left", "ahead on the left"),
)
"""Ways to say each eighth of a turn, the first around the front, then to the right."""
