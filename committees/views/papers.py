"""Berichte: the list, a paper's page, writing, issuing, PDF and workbook."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budgets.models import FiscalYear, Product
from committees.forms.papers import PaperFilter, PaperForms
from committees.models import Paper, Publicity
from committees.reports import Figures, figures_of, render_report, workbook
from committees.reports.paper import example_sentence, summary
from committees.services import papers as services
from committees.tables.papers import PaperTable
from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib.canonical import from_json
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.exports import XLSX_TYPE, Notes, download
from regions.access import scope
from regions.gates import require_everywhere


@require_safe
@login_not_required
def paper_list(request: HttpRequest) -> HttpResponse:
    papers = Paper.objects.visible_to(request.user).select_related("year")
    years = FiscalYear.objects.filter(papers__in=Paper.objects.visible_to(request.user)).distinct()
    form = PaperFilter(request.GET or None, years=years)
    table = PaperTable(form.apply(papers), request=request)
    if file := table.download(
        name="berichte", notes=Notes("Berichte des Jugendamtes", timezone.localdate(), __version__)
    ):
        return file
    may_write = scope(request.user, "edit_reports").everything
    return render(request, "committees/paper_list.html", {"table": table, "filter": form, "may_write": may_write})


@require_safe
@login_not_required
def paper_detail(request: HttpRequest, pk: int) -> HttpResponse:
    paper = _visible(request, pk)
    figures, problem = _figures_or_problem(paper)
    context = {
        "title": paper.subject,
        "paper": paper,
        "figures": figures,
        "problem": problem,
        "summary": summary(paper, figures) if figures else (),
        "example_data": example_sentence(figures) if figures else "",
        "continued_by": Paper.objects.visible_to(request.user).filter(continues=paper).first(),
        "may_write": scope(request.user, "edit_reports").everything,
    }
    return render(request, "committees/paper_detail.html", context)


@require_http_methods(["GET", "POST"])
def paper_write(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "edit_reports")
    initial = {
        "basis": request.GET.get("zu", ""),
        "date": timezone.localdate(),
        "department": settings.COUNTY.office,
        "responsible": "Jugendhilfeplanung",
        "products": [Product.FAMILY],
        "subject": f"Weiterentwicklung der sozialräumlichen Jugendhilfe im {settings.COUNTY.name}",
    }
    return _form_page(request, Paper(), "Bericht entwerfen", reverse("committees:paper_list"), initial)


@require_http_methods(["GET", "POST"])
def paper_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_reports")
    paper = _visible(request, pk)
    if not paper.is_draft:
        raise DomainError(
            "Dieser Bericht ist herausgegeben und ändert sich nicht mehr. Er kann fortgeschrieben werden."
        )
    return _form_page(request, paper, "Bericht bearbeiten", paper.get_absolute_url())


@require_http_methods(["GET", "POST"])
def paper_issue(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_reports")
    paper = _visible(request, pk)
    if request.method == "POST":
        services.issue_paper(paper=paper, actor=request.user)
        messages.success(request, f"{paper} ist herausgegeben.")
        return redirect(paper)
    readers = {
        Publicity.PUBLIC: "Alle können ihn lesen, auch ohne Anmeldung.",
        Publicity.NOT_PUBLIC: "Nur Angemeldete der Verwaltung und der Gremien können ihn lesen.",
    }
    context = {
        "title": "Bericht herausgeben",
        "question": "Diesen Bericht jetzt herausgeben?",
        "facts": [("Beratungsgegenstand", paper.subject), ("Vorlagennummer", paper.number or "noch ohne Nummer")],
        "warning": "" if paper.number else "Zum Herausgeben fehlt die Nummer aus dem Ratsinformationssystem.",
        "consequences": [
            "Die Zahlen werden mit einer Prüfsumme festgeschrieben, das PDF wird gespeichert.",
            "Danach ändert sich der Bericht nicht mehr. Er kann mit einer neuen Sachlage fortgeschrieben werden.",
            readers[Publicity(paper.publicity)],
        ],
        "button": "Herausgeben",
        "parents": [("Berichte", reverse("committees:paper_list")), (paper.subject, paper.get_absolute_url())],
        "cancel_url": paper.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


@require_POST
def paper_continue(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_reports")
    following = services.continue_paper(paper=_visible(request, pk), actor=request.user)
    messages.success(request, "Die Fortschreibung ist angelegt. Bitte ergänzen Sie die neue Sachlage.")
    return redirect("committees:paper_edit", following.pk)


@require_http_methods(["GET", "POST"])
def paper_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_reports")
    paper = _visible(request, pk)
    if request.method == "POST":
        services.discard_paper(paper=paper, actor=request.user)
        messages.success(request, "Der Entwurf ist verworfen.")
        return redirect("committees:paper_list")
    context = {
        "title": "Entwurf verwerfen",
        "question": "Diesen Entwurf endgültig verwerfen?",
        "facts": [("Beratungsgegenstand", paper.subject)],
        "button": "Verwerfen",
        "parents": [("Berichte", reverse("committees:paper_list")), (paper.subject, paper.get_absolute_url())],
        "cancel_url": paper.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


@require_safe
@login_not_required
def paper_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    paper = _visible(request, pk)
    pdf = render_report(paper, figures_of(paper)) if paper.is_draft else bytes(paper.issue.pdf)
    return download(pdf, f"{_file_name(paper)}.pdf", "application/pdf")


@require_safe
@login_not_required
def paper_excel(request: HttpRequest, pk: int) -> HttpResponse:
    paper = _visible(request, pk)
    fingerprint = "" if paper.is_draft else paper.issue.sha256
    book = workbook(_figures(paper), name=str(paper), date=paper.date, fingerprint=fingerprint)
    return download(book, f"{_file_name(paper)}-rechenweg.xlsx", XLSX_TYPE)


@require_safe
@login_not_required
def paper_figures(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes that the fingerprint of an issued paper is made of; a draft has none."""
    paper = _visible(request, pk)
    if paper.is_draft:
        raise Http404
    return download(paper.issue.figures.encode(), f"{_file_name(paper)}-zahlen.json", "application/json")


def _visible(request: HttpRequest, pk: int) -> Paper:
    return get_object_or_404(Paper.objects.visible_to(request.user).with_basis(), pk=pk)


def _figures(paper: Paper) -> Figures:
    """The frozen figures of an issued paper, the present ones of a draft."""
    return figures_of(paper) if paper.is_draft else from_json(Figures, paper.issue.figures)


def _figures_or_problem(paper: Paper) -> tuple[Figures | None, str]:
    try:
        return _figures(paper), ""
    except DomainError as error:
        return None, str(error)


def _file_name(paper: Paper) -> str:
    number = paper.number.replace("/", "-") or f"ohne-nummer-{paper.pk}"
    return f"bericht-{number}{'-entwurf' if paper.is_draft else ''}"


def _form_page(
    request: SignedInRequest, paper: Paper, title: str, cancel_url: str, initial: dict[str, object] | None = None
) -> HttpResponse:
    forms = PaperForms(request.POST or None, paper, initial)
    if request.method == "POST" and forms.is_valid():
        paper = services.write_paper(paper=forms.paper.save(commit=False), **forms.parts(), actor=request.user)
        messages.success(request, "Der Entwurf ist gespeichert.")
        return redirect(paper)
    earlier = paper.situations.filter(is_earlier=True) if paper.pk else ()
    context = {"title": title, "form": forms.paper, "forms": forms, "earlier": earlier, "cancel_url": cancel_url}
    return render(request, "committees/paper_form.html", context)
