"""Bezugsgrößen: whose number counts in factor and money. Public to see; kept while no calculation rests on them."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, DecimalField, ExpressionWrapper, QuerySet, Sum
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib import tables
from jugendhilfe.lib.formats import format_number, format_percent
from regions import imports
from regions.forms.people import ReasonForm
from regions.forms.populations import CountsForm, PopulationFilter, PopulationForm
from regions.gates import require_everywhere
from regions.models import ReferencePopulation, ReferencePopulationCount, SocialSpace
from regions.services.populations import delete_population, is_in_use, keep_counts, keep_population
from regions.views.master_data import (
    ExampleColumn,
    attempt,
    edit_page,
    history,
    may_edit,
    may_see_history,
    notes,
    parents,
    tabs,
)
from regions.views.uploads import Upload, check_table, choose_table, template


class PopulationTable(tables.Table):
    caption = "Bezugsgrößen"
    label = tables.LinkColumn(
        verbose_name="Bezugsgröße",
        order_by=("kind", "age_from"),
        url=lambda population: reverse("regions:population_detail", args=[population.pk]),
    )
    date = tables.DateColumn(verbose_name="Stichtag")
    total = tables.NumberColumn(verbose_name="Summe")
    space_count = tables.NumberColumn(verbose_name="Sozialräume")
    source = tables.Column(verbose_name="Quelle")
    is_example = ExampleColumn()

    class Meta:
        empty_text = "Keine Bezugsgröße passt zur Suche."


class CountTable(tables.Table):
    paginated = False
    key = tables.Column(verbose_name="Schlüssel", accessor="space__key")
    space = tables.LinkColumn(
        verbose_name="Sozialraum",
        footer=lambda table: settings.COUNTY.whole_area,
        accessor="space__name",
        url=lambda count: reverse("regions:space_detail", args=[count.space.key]),
    )
    region = tables.Column(verbose_name="Region", accessor="space__region__name")
    count = tables.NumberColumn(verbose_name="Anzahl", footer=lambda table: format_number(table.total))
    share = tables.PercentColumn(verbose_name="Anteil", places=2, footer=lambda table: format_percent(100, 2))

    def __init__(self, *args: Any, total: int, **kwargs: Any) -> None:
        self.total = total
        super().__init__(*args, **kwargs)

    class Meta:
        sequence = ("space", "key", "region", "count", "share")
        order_by = ("space",)


def counts_with_share(population: ReferencePopulation, total: int) -> QuerySet[ReferencePopulationCount]:
    """Counts with their share of the total in percent."""
    exact = DecimalField(max_digits=20, decimal_places=8)
    share = ExpressionWrapper(Cast("count", exact) * 100 / (total or 1), exact)
    return population.counts.select_related("space__region").annotate(share=share)


@require_safe
@login_not_required
def population_list(request: HttpRequest) -> HttpResponse:
    form = PopulationFilter(request.GET)
    populations = ReferencePopulation.objects.annotate(total=Sum("counts__count"), space_count=Count("counts"))
    table = PopulationTable(form.apply(populations), request=request)
    if file := table.download(name="bezugsgroessen", notes=notes("Quelle je Zeile")):
        return file
    context = {
        "tabs": tabs(request.user, "regions:population_list"),
        "form": form,
        "table": table,
        "may_edit": may_edit(request.user),
    }
    return render(request, "regions/population_list.html", context)


@require_safe
@login_not_required
def population_detail(request: HttpRequest, pk: int) -> HttpResponse:
    population = get_object_or_404(ReferencePopulation, pk=pk)
    total: int = population.counts.aggregate(total=Sum("count"))["total"] or 0
    table = CountTable(
        counts_with_share(population, total), request=request, total=total, caption=f"{population.label} je Sozialraum"
    )
    if file := table.download(name=f"bezugsgroesse-{population.date}", notes=notes(population.source)):
        return file
    editor = may_edit(request.user)
    context = {
        "population": population,
        "total": total,
        "table": table,
        "may_edit": editor,
        "in_use": editor and is_in_use(population),
        "may_see_history": may_see_history(request.user),
    }
    return render(request, "regions/population_detail.html", context)


# Keeping them


@require_http_methods(["GET", "POST"])
def population_edit(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    population = get_object_or_404(ReferencePopulation, pk=pk) if pk is not None else ReferencePopulation()
    return edit_page(
        request,
        PopulationForm(request.POST or None, instance=population),
        keep=lambda row, reason: keep_population(population=row, actor=request.user, reason=reason),
        new="Bezugsgröße anlegen",
        page=lambda row: reverse("regions:population_detail", args=[row.pk]),
        listing="regions:population_list",
    )


@require_http_methods(["GET", "POST"])
def population_counts(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    population = get_object_or_404(ReferencePopulation, pk=pk)
    before = {count.space.key: count.count for count in population.counts.select_related("space")}
    form = CountsForm(list(SocialSpace.objects.select_related("region")), request.POST or None, initial=before)
    url = reverse("regions:population_detail", args=[pk])
    if request.method == "POST" and form.is_valid():
        facts = {"counts": form.counts, "reason": form.cleaned_data["reason"]}
        done = attempt(form, lambda: keep_counts(population=population, actor=request.user, **facts))
        if done is not None:
            messages.success(request, "Die Zahlen sind gespeichert.")
            return redirect(url)
    context = {
        "title": f"Zahlen eintragen: {population}",
        "form": form,
        "cancel_url": url,
        "parents": parents("regions:population_list", population, url),
    }
    return render(request, "components/form_page.html", context)


@require_http_methods(["GET", "POST"])
def population_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    population = get_object_or_404(ReferencePopulation, pk=pk)
    title, form = str(population), ReasonForm(request.POST or None)
    url = reverse("regions:population_detail", args=[pk])
    if request.method == "POST" and form.is_valid():
        delete_population(population=population, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"„{title}“ ist gelöscht.")
        return redirect("regions:population_list")
    context = {
        "title": f"Bezugsgröße löschen: {title}",
        "question": f"Möchten Sie „{title}“ mit allen Zahlen löschen?",
        "consequences": ["Was gelöscht wurde, bleibt im Protokoll stehen."],
        "form": form,
        "button": "Löschen",
        "cancel_url": url,
        "parents": parents("regions:population_list", population, url),
    }
    return render(request, "components/confirm.html", context)


def _count_upload(population: ReferencePopulation) -> Upload:
    return Upload(
        title=f"Zahlen einlesen: {population}",
        intro="Die Tabelle nennt für jeden Sozialraum eine Anzahl.",
        columns=imports.COUNT_TEMPLATE,
        heads=("Schlüssel", "Sozialraum", "Anzahl"),
        check=partial(imports.check_counts, population=population),
        take_over=partial(imports.take_over_counts, population=population),
        start_url=reverse("regions:population_upload", args=[population.pk]),
        check_url=lambda draft: reverse("regions:population_upload_check", args=[population.pk, draft]),
        template_url=reverse("regions:population_template", args=[population.pk]),
        done_url=reverse("regions:population_detail", args=[population.pk]),
    )


@require_http_methods(["GET", "POST"])
def population_upload(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    return choose_table(request, _count_upload(get_object_or_404(ReferencePopulation, pk=pk)))


@require_http_methods(["GET", "POST"])
def population_upload_check(request: SignedInRequest, pk: int, draft: str) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    return check_table(request, _count_upload(get_object_or_404(ReferencePopulation, pk=pk)), draft)


@require_safe
def population_template(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every space with its number, as far as there is one."""
    require_everywhere(request.user, "edit_master_data")
    population = get_object_or_404(ReferencePopulation, pk=pk)
    counts = {count.space_id: count.count for count in population.counts.all()}
    rows = [(space.key, space.name, counts.get(space.pk)) for space in SocialSpace.objects.all()]
    return template(_count_upload(population), "vorlage-bezugsgroesse", rows)


population_urls = [
    path("bezugsgroessen/", population_list, name="population_list"),
    path("bezugsgroessen/neu/", population_edit, name="population_new"),
    path("bezugsgroessen/<int:pk>/", population_detail, name="population_detail"),
    path("bezugsgroessen/<int:pk>/bearbeiten/", population_edit, name="population_edit"),
    path("bezugsgroessen/<int:pk>/zahlen/", population_counts, name="population_counts"),
    path("bezugsgroessen/<int:pk>/loeschen/", population_delete, name="population_delete"),
    path("bezugsgroessen/<int:pk>/einlesen/", population_upload, name="population_upload"),
    path("bezugsgroessen/<int:pk>/einlesen/<slug:draft>/", population_upload_check, name="population_upload_check"),
    path("bezugsgroessen/<int:pk>/vorlage/", population_template, name="population_template"),
    path(
        "bezugsgroessen/<int:pk>/verlauf/",
        history,
        {"model": ReferencePopulation, "noun": "population"},
        name="population_history",
    ),
]
