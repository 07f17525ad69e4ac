"""A report of eleven pages: what the product adds to WeasyPrint's own time for the same HTML."""

import io
import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import weasyprint
from django.contrib.staticfiles import finders
from weasyprint.urls import URLFetcherResponse

from jugendhilfe.lib import pdf
from tests.bench.measure import NotMeasured, Row, duration, medians
from tests.lib.test_pdf import CREATED, TITLE, sample_html

PAGES = 11


def rows() -> Iterator[Row]:
    html = paper_of(PAGES)
    times = medians({"product": lambda: _product(html), "weasyprint": lambda: _weasyprint(html)}, rounds=5)
    ratio = times["product"] / times["weasyprint"]
    yield Row(f"report of {PAGES} pages as PDF/A-3a and PDF/UA-1", duration(times["product"]), ratio, 1.5, "WeasyPrint")


def paper_of(pages: int) -> str:
    """The paper of the tests with its sections repeated until it has this many pages."""
    found = re.fullmatch(r"(.*<body[^>]*>)(.*)(</body>.*)", sample_html(), re.DOTALL)
    assert found is not None
    head, body, tail = found.groups()
    for times in range(1, pages + 1):
        # Every copy has anchors of its own, as a paper has.
        copies = (re.sub(r'((?:id|aria-labelledby)="|href="#)', rf"\g<1>copy{copy}-", body) for copy in range(times))
        html = head + "".join(copies) + tail
        if pages_of(_weasyprint(html)) >= pages:
            return html
    raise NotMeasured(f"the paper has no {pages} pages")


def pages_of(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as paper:
        return len(paper.pages)


def _product(html: str) -> bytes:
    return pdf.render(html, title=TITLE, created=CREATED)


def _weasyprint(html: str) -> bytes:
    """The same variant and the same static files, without what only the product does."""

    def fetch(address: str) -> Any:
        path = Path(str(finders.find(address.removeprefix(pdf.STATIC_ADDRESS))))
        return URLFetcherResponse(address, path.read_bytes(), {"Content-Type": mimetypes.guess_type(path)[0]})

    source = weasyprint.HTML(string=html, base_url=pdf.STATIC_ADDRESS, url_fetcher=fetch)
    return bytes(source.write_pdf(pdf_variant="pdf/a-3a"))
