"""The indoor places by name."""

from cyclorama.diorama.places.bedroom import bedroom
from cyclorama.diorama.places.gallery import gallery
from cyclorama.diorama.places.hall import hall
from cyclorama.diorama.places.kitchen import kitchen
from cyclorama.diorama.places.library import library
from cyclorama.diorama.places.living_room import living_room
from cyclorama.diorama.places.office import office

INDOOR_PLACES = {
    "living room": living_room,
    "bedroom": bedroom,
    "kitchen": kitchen,
    "office": office,
    "gallery": gallery,
    "library": library,
    "hall": hall,
}
