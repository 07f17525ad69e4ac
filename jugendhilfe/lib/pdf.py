"""Papers as PDF/A-3a and PDF/UA-1: WeasyPrint draws and tags, pikepdf adds what it leaves open.

The same input gives the same bytes: every date comes from the caller, no identifier is random.
"""

import io
import mimetypes
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pikepdf
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from pikepdf import ContentStreamInstruction, Dictionary, Name

from jugendhilfe.lib.errors import DomainError

# Relative addresses in a paper are names of static files; ".invalid" can never be a real host (RFC 6761).
STATIC_ADDRESS = "https://static.invalid/"
BEGIN_CONTENT = pikepdf.Operator("BDC")
SVG = "{http://www.w3.org/2000/svg}"

# PDF/A wants every XMP property outside its own list described; PDF/UA's mark is one of them (ISO 19005-3, 6.6.2.3).
PDF_UA_METADATA = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about=""
    xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
    xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>part</pdfaProperty:name>
      <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
      <pdfaProperty:category>internal</pdfaProperty:category>
      <pdfaProperty:description>Part of ISO 14289 the document keeps to</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


class PangoMissing(DomainError):
    """WeasyPrint's libraries are not installed on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "PDF-Dateien können auf diesem Rechner nicht erstellt werden, weil die Bibliothek Pango fehlt. "
            "Bitte installieren: unter Debian und Ubuntu „apt install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0“, unter macOS „brew install pango“."
        )


class AddressRefused(ValueError):
    """A paper may only load our own static files, and its links need a full address."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF that holds the data the paper was made from."""

    name: str
    data: bytes
    mime: str
    description: str


def render(html: str, *, title: str, attachments: Sequence[Attachment] = (), created: datetime) -> bytes:
    """Turn a paper's HTML into PDF/A-3a and PDF/UA-1; `created` needs a time zone.

    Raises `AddressRefused` for anything but static files, `PangoMissing` without WeasyPrint's libraries.
    """
    if created.tzinfo is None:
        raise ValueError("created needs a time zone")
    created = created.astimezone(UTC)
    with pikepdf.open(io.BytesIO(_draw(html, title, created))) as pdf:
        shown = _scope_headers_and_collect_content(pdf)
        _mark_margins_as_artifacts(pdf, shown)
        _declare_pdf_ua(pdf)
        _attach(pdf, attachments, created)
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _draw(html: str, title: str, created: datetime) -> bytes:
    try:
        import weasyprint  # slow to import, and it needs Pango: nothing but a PDF should depend on either
        from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse
    except OSError as error:
        raise PangoMissing from error
    refused = []

    def fetch(address: str) -> Any:
        path = _static_file(address)
        if path is None:
            refused.append(address)
            raise FatalURLFetchingError(address)
        mime = mimetypes.guess_type(path)[0] or "application/octet-stream"
        return URLFetcherResponse(address, path.read_bytes(), {"Content-Type": mime})

    pdf = b""
    with suppress(FatalURLFetchingError):
        source = weasyprint.HTML(string=html, base_url=STATIC_ADDRESS, url_fetcher=fetch)
        _let_charts_speak(source.etree_element)
        document = source.render(pdf_variant="pdf/a-3a")
        _refuse_relative_links(document.pages)
        document.metadata.title = title
        document.metadata.lang = document.metadata.lang or "de"
        document.metadata.created = document.metadata.modified = created.strftime("%Y-%m-%dT%H:%M:%SZ")
        pdf = document.write_pdf(pdf_variant="pdf/a-3a")
    if refused:  # asked here and not in an except: WeasyPrint swallows what happens inside an SVG
        raise AddressRefused(f"{refused[0][:200]!r} is no static file")
    return pdf


def _static_file(address: str) -> Path | None:
    if not address.startswith(STATIC_ADDRESS):
        return None
    try:
        found = finders.find(unquote(address.removeprefix(STATIC_ADDRESS)))
    except SuspiciousFileOperation:
        return None
    return Path(found) if found and Path(found).is_file() else None


def _let_charts_speak(root: Any) -> None:
    # WeasyPrint takes only the title as alternative text; the figures of a chart stand in its description.
    for picture in root.iter(f"{SVG}svg"):
        title, description = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
        if title is not None and description is not None:
            title.text = f"{(title.text or '').strip().rstrip('.')}. {(description.text or '').strip()}"


def _refuse_relative_links(pages: Sequence[Any]) -> None:
    for page in pages:
        for kind, target, *_ in page.links:
            if kind == "external" and target.startswith(STATIC_ADDRESS):
                raise AddressRefused(f"the link {target.removeprefix(STATIC_ADDRESS)!r} needs a full address")


def _scope_headers_and_collect_content(pdf: pikepdf.Pdf) -> set[tuple[Any, int]]:
    """Give every TH its scope; return (page, marked-content number) of all that hangs in the document's tree."""
    shown: set[tuple[Any, int]] = set()
    for element, in_head in _walk(pdf.Root.StructTreeRoot.K[0], in_head=False):
        if element.S == Name.TH:
            element.A.Scope = Name.Column if in_head else Name.Row
        elif element.S == Name.TD and Name.Headers in element.A:
            # WeasyPrint lists every head of the row, also those behind the cell; by scope only the nearest counts.
            del element.A.Headers
        if Name.Pg in element:
            shown.update((element.Pg.objgen, kid) for kid in element.K if isinstance(kid, int))
    return shown


def _walk(element: Any, *, in_head: bool) -> Iterator[tuple[Any, bool]]:
    tag = element.S
    in_head = in_head or tag == Name.THead
    yield element, in_head
    for kid in element.K:
        if isinstance(kid, Dictionary) and Name.S in kid:
            yield from _walk(kid, in_head=in_head)


def _mark_margins_as_artifacts(pdf: pikepdf.Pdf, shown: set[tuple[Any, int]]) -> None:
    # WeasyPrint marks the text of page margins as content but hangs it nowhere: a reader would stumble over it.
    parents = pdf.Root.StructTreeRoot.ParentTree.Nums
    artifact = ContentStreamInstruction([Name.Artifact, Dictionary(Type=Name.Pagination)], BEGIN_CONTENT)
    for page in pdf.pages:
        owners = parents[2 * int(page.obj.StructParents) + 1]
        instructions = []
        for instruction in pikepdf.parse_content_stream(page):
            if (number := _marked_content(instruction)) is not None and (page.obj.objgen, number) not in shown:
                owners[number] = None
                instruction = artifact
            instructions.append(instruction)
        page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))


def _marked_content(instruction: Any) -> int | None:
    if instruction.operator != BEGIN_CONTENT:
        return None
    properties = instruction.operands[1]
    return int(properties.MCID) if isinstance(properties, Dictionary) and Name.MCID in properties else None


def _declare_pdf_ua(pdf: pikepdf.Pdf) -> None:
    metadata = pdf.Root.Metadata.read_bytes().replace(b"</rdf:RDF>", PDF_UA_METADATA + b"</rdf:RDF>")
    pdf.Root.Metadata = pdf.make_stream(metadata, Type=Name.Metadata, Subtype=Name.XML)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)


def _attach(pdf: pikepdf.Pdf, attachments: Sequence[Attachment], created: datetime) -> None:
    date = created.strftime("D:%Y%m%d%H%M%SZ")
    for attachment in attachments:
        file = pikepdf.AttachedFileSpec(
            pdf,
            attachment.data,
            filename=attachment.name,
            description=attachment.description,
            mime_type=attachment.mime,
            creation_date=date,
            mod_date=date,
        )
        file.relationship = Name.Data  # what the figures of the paper were made from
        pdf.attachments[attachment.name] = file
