"""`{{ text|prose }}`: plain text from a form as paragraphs and lists, in the page and in the PDF alike.

An empty line ends a paragraph; a line that begins with "1.", "a)" or "-" is an item, a new sign inside a list begins a
list inside it, and a line without a sign goes on with the item above.
"""

import re
from dataclasses import dataclass, field

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

ITEM = re.compile(r"\s*(?:(?P<number>\d{1,3})[.)]|(?P<letter>[a-z])[.)]|(?P<dash>[-–•]))\s+(?P<text>.*)")


@dataclass(slots=True)
class Item:
    text: str
    lists: list["Items"] = field(default_factory=list)


@dataclass(slots=True)
class Items:
    """A list: `sign` is number, letter or dash; `start` the number its first item carries."""

    sign: str
    start: int
    items: list[Item] = field(default_factory=list)


@register.filter
def prose(text: str) -> SafeString:
    """Paragraphs and lists; every letter of the text is escaped."""
    return mark_safe("".join(_drawn(block) for block in blocks(text)))


def blocks(text: str) -> list[str | Items]:
    """The text as paragraphs and lists."""
    found: list[str | Items] = []
    open_lists: list[Items] = []
    goes_on = False
    for line in text.splitlines():
        match = ITEM.fullmatch(line)
        if match:
            _add_item(found, open_lists, match)
        elif not line.strip():
            goes_on = False
            continue
        elif open_lists and goes_on:
            open_lists[-1].items[-1].text += f" {line.strip()}"
        else:
            open_lists.clear()
            if goes_on and found and isinstance(found[-1], str):
                found[-1] += f"\n{line.strip()}"
            else:
                found.append(line.strip())
        goes_on = True
    return found


def _add_item(found: list[str | Items], open_lists: list[Items], match: re.Match[str]) -> None:
    sign = next(name for name in ("number", "letter", "dash") if match[name])
    if any(items.sign == sign for items in open_lists):
        while open_lists[-1].sign != sign:
            open_lists.pop()
    else:
        start = int(match["number"] or (ord(match["letter"]) - 96 if match["letter"] else 1))
        new = Items(sign, start)
        if open_lists:
            open_lists[-1].items[-1].lists.append(new)
        else:
            found.append(new)
        open_lists.append(new)
    open_lists[-1].items.append(Item(match["text"].strip()))


def _drawn(block: str | Items) -> SafeString:
    if isinstance(block, str):
        return format_html(
            "<p>{}</p>", format_html_join(mark_safe("<br>"), "{}", ((line,) for line in block.split("\n")))
        )
    items = format_html_join(
        "", "<li>{}{}</li>", ((item.text, mark_safe("".join(map(_drawn, item.lists)))) for item in block.items)
    )
    if block.sign == "dash":
        return format_html("<ul>{}</ul>", items)
    start = format_html(' start="{}"', block.start) if block.start > 1 else ""
    return format_html('<ol class="{}"{}>{}</ol>', "letters" if block.sign == "letter" else "numbers", start, items)
