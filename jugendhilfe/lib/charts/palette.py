"""Colours of every picture: text stands on its fill with a contrast of at least 4.5 : 1."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colour:
    """A fill, the colour of text on it, and a pale relative for areas without text."""

    fill: str
    text: str
    pale: str = ""


PAPER = "#ffffff"
INK = "#131525"
MUTED = "#5b6185"
GRID = "#dfe1ea"
EDGE = "#8e93b1"

BLUE = Colour("#2044aa", PAPER, "#c1cbe7")
GREEN = Colour("#007155", PAPER)
BROWN = Colour("#925400", PAPER)
RED = Colour("#c31c13", PAPER, "#eebfbd")
GREY = Colour(MUTED, PAPER, "#d1d3dd")

SERIES = (BLUE, GREEN, BROWN, RED, GREY)

HEAT = (
    Colour("#e5ebf7", INK),
    Colour("#b2c4e9", INK),
    Colour("#7694d5", INK),
    Colour("#2044aa", PAPER),
    Colour("#06005d", PAPER),
)
"""Class 1 (least burden) to class 5 (most); the classes .heat-1 to .heat-5 of charts.css repeat it for tables."""
