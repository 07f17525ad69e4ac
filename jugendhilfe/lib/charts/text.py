"""width of a text ~ font size * sum of its letters' widths in Fira Sans, rounded up."""

from functools import lru_cache

LETTER_WIDTHS = {
    0.30: "ijlI'’.,:;!· \u00a0",
    0.36: "fJ()[]",
    0.43: 'rt|-²"',
    0.50: "csz17?F*„“”",
    0.55: "agkvxyELTZ235/+±−–_<>=§#",
    0.58: "eCSVX04689",
    0.61: "bdhnopqßuäöüAÄBKPY€",
    0.65: "DGR«»",
    0.70: "HNOQUÖÜ",
    0.80: "wM&…",
    0.88: "mW%",
}
"""Widths in em, wide enough for regular and semibold. An unknown letter counts as the widest."""

WIDTH_OF = {letter: width for width, letters in LETTER_WIDTHS.items() for letter in letters}
LINE_HEIGHT = 1.2


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Estimated width in pixels."""
    return size * sum(WIDTH_OF.get(letter, 0.88) for letter in text)


def shorten(text: str, size: float, room: float) -> str:
    """The text, or as much of its beginning as the room holds, closed by an ellipsis."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def wrap(text: str, size: float, room: float, *, lines: int = 2) -> list[str]:
    """The text in at most so many lines, broken at spaces and after hyphens and slashes; what is left over is cut."""
    wrapped = [""]
    for word in _words(text):
        if not wrapped[-1] or text_width((wrapped[-1] + word).rstrip(), size) <= room or len(wrapped) == lines:
            wrapped[-1] += word
        else:
            wrapped.append(word)
    return [shorten(line.rstrip(), size, room) for line in wrapped]


def _words(text: str) -> list[str]:
    return text.replace("-", "-\0").replace("/", "/\0").replace(" ", " \0").split("\0")
