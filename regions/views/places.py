"""Regions, social spaces and offices: public pages to see them, pages of the office to keep them."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.views.decorators.http import require_http_methods, require_safe

from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib import charts, tables
from jugendhilfe.lib.formats import format_number
from regions import imports
from regions.access import Visitor
from regions.forms.places import MembersForm, OfficeFilter, OfficeForm, RegionForm, SpaceFilter, SpaceForm
from regions.forms.reasons import LastDayForm
from regions.gates import require_everywhere
from regions.models import (
    Office,
    OfficeContract,
    PopulationKind,
    ReferencePopulation,
    ReferencePopulationCount,
    Region,
    SocialSpace,
)
from regions.services.places import close_office, keep_members, keep_office, keep_region, keep_space
from regions.views.master_data import attempt, edit_page, history, may_edit, may_see_history, notes, parents, tabs
from regions.views.uploads import Upload, check_table, choose_table, template

LINK = '<a class="kern-link kern-link--no-visited-state" href="{}">{}</a>'


class SpaceTable(tables.Table):
    caption = "Sozialräume"
    paginated = False
    name = tables.LinkColumn(
        verbose_name="Sozialraum", url=lambda space: reverse("regions:space_detail", args=[space.key])
    )
    kind = tables.Column(verbose_name="Art")
    region = tables.Column(verbose_name="Region", order_by=("region__number", "name"))
    key = tables.Column(verbose_name="Schlüssel")
    population = tables.NumberColumn(verbose_name="Bevölkerung")
    area_km2 = tables.NumberColumn(verbose_name="Fläche in km²", places=2)
    offices = tables.Column(verbose_name="Sozialraumbüros", accessor="open_offices", orderable=False)

    class Meta:
        empty_text = "Kein Sozialraum passt zur Suche."

    def render_offices(self, value: list[Office]) -> str:
        links = ((reverse("regions:office_detail", args=[office.pk]), office.name) for office in value)
        return format_html_join(", ", LINK, links)

    def value_offices(self, value: list[Office]) -> str:
        return ", ".join(office.name for office in value)


class OfficeTable(tables.Table):
    caption = "Sozialraumbüros"
    paginated = False
    name = tables.Column(verbose_name="Name")
    space = tables.Column(verbose_name="Sozialraum", order_by=("space__name", "name"))
    region = tables.Column(verbose_name="Region", accessor="space__region", order_by=("space__region__number", "name"))
    street = tables.Column(verbose_name="Straße und Hausnummer")
    town = tables.Column(verbose_name="Postleitzahl und Ort")
    phone = tables.Column(verbose_name="Telefon")
    email = tables.Column(verbose_name="E-Mail-Adresse")
    opening_hours = tables.Column(verbose_name="Öffnungszeiten")
    languages = tables.Column(verbose_name="Sprachen")
    carrier = tables.Column(verbose_name="Träger", accessor="running", orderable=False)
    valid_from = tables.DateColumn(verbose_name="besteht seit")
    valid_to = tables.DateColumn(verbose_name="besteht bis")

    def value_carrier(self, value: list[OfficeContract]) -> str:
        return ", ".join(contract.carrier_name or "freiberuflich" for contract in value)  # type: ignore[attr-defined]


def offices_for(user: Visitor, *, today_only: bool = False) -> QuerySet[Office]:
    """Offices with the contracts in force today; a freelancer's name only for those who may see it."""
    today = timezone.localdate()
    running = OfficeContract.objects.valid_on(today).with_carrier_name(user)
    offices = Office.objects.valid_on(today) if today_only else Office.objects.all()
    return offices.select_related("space__region").prefetch_related(Prefetch("contracts", running, to_attr="running"))


def newest_population() -> ReferencePopulation | None:
    return ReferencePopulation.objects.filter(kind=PopulationKind.INHABITANTS).first()


def spaces_with(population: ReferencePopulation | None, offices: QuerySet[Office]) -> QuerySet[SocialSpace]:
    """Spaces with their count in `population` and those of `offices` that are theirs, as `open_offices`."""
    counts = ReferencePopulationCount.objects.filter(population=population, space=OuterRef("pk"))
    return (
        SocialSpace.objects.select_related("region")
        .annotate(population=Subquery(counts.values("count")))
        .prefetch_related(Prefetch("offices", offices, to_attr="open_offices"))
    )


def tile_map(spaces: list[SocialSpace]) -> charts.HexMap | None:
    """The map of the regions; None while no space has its place on it."""
    places = [
        charts.Place(
            space.name,
            space.hex_column,
            space.hex_row,
            note=space.region.name,
            href=reverse("regions:space_detail", args=[space.key]),
        )
        for space in spaces
        if space.hex_column is not None and space.hex_row is not None
    ]
    outside = [charts.Place(name, column, row) for name, column, row in settings.COUNTY.outside]
    return charts.group_map(id="karte", title="Regionen und Sozialräume", places=places + outside) if places else None


def region_cards(regions: QuerySet[Region], spaces: list[Any]) -> list[dict[str, Any]]:
    """Cards for components/card.html from spaces as `spaces_with` gives them."""
    cards = []
    for region in regions:
        own = [space for space in spaces if space.region_id == region.pk]
        people = sum(space.population or 0 for space in own)
        cards.append(
            {
                "title": region.name,
                "text": ", ".join(space.name for space in own) or "Noch kein Sozialraum.",
                "items": [
                    ("Bevölkerung", format_number(people) if people else "–"),
                    ("Sozialraumbüros", sum(len(space.open_offices) for space in own)),
                ],
                "url": reverse("regions:region_detail", args=[region.number]),
                "link_text": f"{region.name} ansehen",
            }
        )
    return cards


@require_safe
@login_not_required
def region_list(request: HttpRequest) -> HttpResponse:
    population = newest_population()
    every_space = list(spaces_with(population, Office.objects.valid_on(timezone.localdate())))
    form = SpaceFilter(request.GET)
    found = set(form.apply(SocialSpace.objects.all()).values_list("pk", flat=True))
    table = SpaceTable([space for space in every_space if space.pk in found], request=request)
    if file := table.download(name="sozialraeume", notes=notes("Stammdaten des Jugendamtes")):
        return file
    context = {
        "tabs": tabs(request.user, "regions:region_list"),
        "chart": tile_map(every_space),
        "cards": region_cards(Region.objects.all(), every_space),
        "population": population,
        "form": form,
        "table": table,
        "may_edit": may_edit(request.user),
    }
    return render(request, "regions/region_list.html", context)


@require_safe
@login_not_required
def region_detail(request: HttpRequest, number: int) -> HttpResponse:
    region = get_object_or_404(Region, number=number)
    population = newest_population()
    spaces: list[Any] = list(spaces_with(population, offices_for(request.user, today_only=True)).filter(region=region))
    table = SpaceTable(spaces, request=request, caption=f"Sozialräume in {region}")
    if file := table.download(name=f"region-{number}", notes=notes("Stammdaten des Jugendamtes")):
        return file
    context = {
        "region": region,
        "population": population,
        "table": table,
        "offices": [office for space in spaces for office in space.open_offices],
        "may_edit": may_edit(request.user),
        "may_see_history": may_see_history(request.user),
    }
    return render(request, "regions/region_detail.html", context)


@require_safe
@login_not_required
def space_detail(request: HttpRequest, key: str) -> HttpResponse:
    space = get_object_or_404(SocialSpace.objects.select_related("region"), key=key)
    context = {
        "space": space,
        "members": space.members.all(),
        "offices": offices_for(request.user, today_only=True).filter(space=space),
        "counts": ReferencePopulationCount.objects.filter(space=space)
        .select_related("population")
        .order_by("-population__date", "population__kind", "population__age_from"),
        "may_edit": may_edit(request.user),
        "may_see_history": may_see_history(request.user),
    }
    return render(request, "regions/space_detail.html", context)


@require_safe
@login_not_required
def office_list(request: HttpRequest) -> HttpResponse:
    form = OfficeFilter(request.GET)
    table = OfficeTable(form.apply(offices_for(request.user)), request=request)
    if file := table.download(name="sozialraumbueros", notes=notes("Stammdaten des Jugendamtes")):
        return file
    context = {
        "tabs": tabs(request.user, "regions:office_list"),
        "form": form,
        "table": table,
        "offices": table.data.data,
        "may_edit": may_edit(request.user),
    }
    return render(request, "regions/office_list.html", context)


@require_safe
@login_not_required
def office_detail(request: HttpRequest, pk: int) -> HttpResponse:
    office = get_object_or_404(offices_for(request.user), pk=pk)
    visible = OfficeContract.objects.visible_to(request.user).with_carrier_name(request.user)
    context = {
        "office": office,
        "today": timezone.localdate(),
        "contracts": visible.filter(office=office).select_related("office"),
        "new_contract_url": f"{reverse('regions:contract_new')}?buero={pk}",
        "may_edit": may_edit(request.user),
        "may_see_history": may_see_history(request.user),
    }
    return render(request, "regions/office_detail.html", context)


# Keeping them


@require_http_methods(["GET", "POST"])
def region_edit(request: SignedInRequest, number: int | None = None) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    region = get_object_or_404(Region, number=number) if number is not None else Region()
    return edit_page(
        request,
        RegionForm(request.POST or None, instance=region),
        keep=lambda row, reason: keep_region(region=row, actor=request.user, reason=reason),
        new="Region anlegen",
        page=lambda row: reverse("regions:region_detail", args=[row.number]),
        listing="regions:region_list",
    )


@require_http_methods(["GET", "POST"])
def space_edit(request: SignedInRequest, key: str = "") -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    space = get_object_or_404(SocialSpace, key=key) if key else SocialSpace()
    return edit_page(
        request,
        SpaceForm(request.POST or None, instance=space),
        keep=lambda row, reason: keep_space(space=row, actor=request.user, reason=reason),
        new="Sozialraum anlegen",
        page=lambda row: reverse("regions:space_detail", args=[row.key]),
        listing="regions:region_list",
    )


@require_http_methods(["GET", "POST"])
def space_members(request: SignedInRequest, key: str) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    space = get_object_or_404(SocialSpace, key=key)
    lines = "\n".join(f"{member.key} {member.name}" for member in space.members.all())
    form = MembersForm(request.POST or None, initial={"members": lines})
    url = reverse("regions:space_detail", args=[key])
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: keep_members(space=space, actor=request.user, **form.cleaned_data))
        if done is not None:
            messages.success(request, f"Die Mitgliedsgemeinden von {space} sind gespeichert.")
            return redirect(url)
    context = {
        "title": f"Mitgliedsgemeinden: {space.full_name}",
        "form": form,
        "cancel_url": url,
        "parents": parents("regions:region_list", space, url),
    }
    return render(request, "components/form_page.html", context)


@require_http_methods(["GET", "POST"])
def office_edit(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    office = get_object_or_404(Office, pk=pk) if pk is not None else Office()
    initial = {} if pk else {"space": request.GET.get("sozialraum")}
    return edit_page(
        request,
        OfficeForm(request.POST or None, instance=office, initial=initial),
        keep=lambda row, reason: keep_office(office=row, actor=request.user, reason=reason),
        new="Sozialraumbüro anlegen",
        page=lambda row: reverse("regions:office_detail", args=[row.pk]),
        listing="regions:office_list",
    )


@require_http_methods(["GET", "POST"])
def office_close(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    office = get_object_or_404(Office, pk=pk)
    form = LastDayForm(request.POST or None)
    url = reverse("regions:office_detail", args=[pk])
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: close_office(office=office, actor=request.user, **form.cleaned_data))
        if done is not None:
            messages.success(request, f"„{office}“ schließt am {form.cleaned_data['last_day']:%d.%m.%Y}.")
            return redirect(url)
    context = {
        "title": f"{office} schließen",
        "question": f"Zu welchem Tag schließt „{office}“?",
        "consequences": [
            "Danach steht das Büro nicht mehr in der öffentlichen Liste.",
            "Das Büro und seine Verträge bleiben gespeichert.",
        ],
        "form": form,
        "button": "Büro schließen",
        "cancel_url": url,
        "parents": parents("regions:office_list", office, url),
    }
    return render(request, "components/confirm.html", context)


# Reading them from tables


def _space_upload() -> Upload:
    return Upload(
        title="Sozialräume einlesen",
        intro="Neue Sozialräume und Regionen werden angelegt, vorhandene am Schlüssel erkannt und geändert. "
        "Was nicht in der Tabelle steht, bleibt, wie es ist.",
        columns=imports.SPACE_TEMPLATE,
        heads=("Schlüssel", "Sozialraum", "Region"),
        check=imports.check_spaces,
        take_over=imports.take_over_spaces,
        start_url=reverse("regions:space_upload"),
        check_url=lambda draft: reverse("regions:space_upload_check", args=[draft]),
        template_url=reverse("regions:space_template"),
        done_url=reverse("regions:region_list"),
    )


def _member_upload() -> Upload:
    return Upload(
        title="Mitgliedsgemeinden einlesen",
        intro="Neue Gemeinden kommen hinzu, vorhandene werden am Schlüssel erkannt und umgezogen oder umbenannt. "
        "Was nicht in der Tabelle steht, bleibt, wie es ist.",
        columns=imports.MEMBER_TEMPLATE,
        heads=("Gemeindeschlüssel", "Gemeinde", "Sozialraum"),
        check=imports.check_members,
        take_over=imports.take_over_members,
        start_url=reverse("regions:member_upload"),
        check_url=lambda draft: reverse("regions:member_upload_check", args=[draft]),
        template_url=reverse("regions:member_template"),
        done_url=reverse("regions:region_list"),
    )


@require_http_methods(["GET", "POST"])
def space_upload(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    return choose_table(request, _space_upload())


@require_http_methods(["GET", "POST"])
def space_upload_check(request: SignedInRequest, draft: str) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    return check_table(request, _space_upload(), draft)


@require_safe
def space_template(request: SignedInRequest) -> HttpResponse:
    """Filled in with what is there already."""
    require_everywhere(request.user, "edit_master_data")
    rows = [
        (s.region.number, s.key, s.name, s.get_kind_display(), s.area_km2, s.hex_column, s.hex_row)
        for s in SocialSpace.objects.select_related("region")
    ]
    return template(_space_upload(), "vorlage-sozialraeume", rows)


@require_http_methods(["GET", "POST"])
def member_upload(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    return choose_table(request, _member_upload())


@require_http_methods(["GET", "POST"])
def member_upload_check(request: SignedInRequest, draft: str) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    return check_table(request, _member_upload(), draft)


@require_safe
def member_template(request: SignedInRequest) -> HttpResponse:
    """Filled in with what is there already."""
    require_everywhere(request.user, "edit_master_data")
    spaces = SocialSpace.objects.prefetch_related("members")
    rows = [(member.key, member.name, space.name) for space in spaces for member in space.members.all()]
    return template(_member_upload(), "vorlage-mitgliedsgemeinden", rows)


place_urls = [
    path("regionen/", region_list, name="region_list"),
    path("regionen/neu/", region_edit, name="region_new"),
    path("regionen/<int:number>/", region_detail, name="region_detail"),
    path("regionen/<int:number>/bearbeiten/", region_edit, name="region_edit"),
    path("regionen/<int:number>/verlauf/", history, {"model": Region, "noun": "region"}, name="region_history"),
    path("sozialraeume/neu/", space_edit, name="space_new"),
    path("sozialraeume/einlesen/", space_upload, name="space_upload"),
    path("sozialraeume/einlesen/<slug:draft>/", space_upload_check, name="space_upload_check"),
    path("sozialraeume/vorlage/", space_template, name="space_template"),
    path("sozialraeume/<slug:key>/", space_detail, name="space_detail"),
    path("sozialraeume/<slug:key>/bearbeiten/", space_edit, name="space_edit"),
    path("sozialraeume/<slug:key>/mitgliedsgemeinden/", space_members, name="space_members"),
    path("sozialraeume/<slug:key>/verlauf/", history, {"model": SocialSpace, "noun": "space"}, name="space_history"),
    path("mitgliedsgemeinden/einlesen/", member_upload, name="member_upload"),
    path("mitgliedsgemeinden/einlesen/<slug:draft>/", member_upload_check, name="member_upload_check"),
    path("mitgliedsgemeinden/vorlage/", member_template, name="member_template"),
    path("bueros/", office_list, name="office_list"),
    path("bueros/neu/", office_edit, name="office_new"),
    path("bueros/<int:pk>/", office_detail, name="office_detail"),
    path("bueros/<int:pk>/bearbeiten/", office_edit, name="office_edit"),
    path("bueros/<int:pk>/schliessen/", office_close, name="office_close"),
    path("bueros/<int:pk>/verlauf/", history, {"model": Office, "noun": "office"}, name="office_history"),
]
