"""Tables: addresses that keep the filter, heads that say how they are sorted, cells that cannot break out."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from jugendhilfe.accounts.models import User
from jugendhilfe.lib import tables
from jugendhilfe.lib.exports import Notes

SPACES: list[dict[str, Any]] = [
    {"name": "Dahlenburg", "region": "Region 1", "budget": Decimal(148000), "status": "adopted"},
    {"name": "Bardowick", "region": "Region 2", "budget": Decimal(268000), "status": "draft"},
    {"name": "Amt Neuhaus", "region": "Region 1", "budget": None, "status": "overdue"},
]


class SpaceTable(tables.Table):
    caption = "Budgets je Sozialraum"

    name = tables.LinkColumn(verbose_name="Sozialraum", url=lambda space: f"/{space['name']}/", footer="Summe")
    region = tables.Column(verbose_name="Region", orderable=False)
    budget = tables.EuroColumn(verbose_name="Budget", footer="416.000,00 €")
    status = tables.BadgeColumn(verbose_name="Stand")


class PersonTable(tables.Table):
    caption = "Personen"

    name = tables.Column(verbose_name="Name")

    class Meta:
        per_page = 2


def draw(table: tables.Table) -> str:
    return render_to_string("components/table.html", {"table": table})


def spaces(address: str = "/", data: list[dict[str, Any]] = SPACES) -> SpaceTable:
    return SpaceTable(data, request=RequestFactory().get(address))


def test_sort_links_keep_filters_and_leave_the_page() -> None:
    html = draw(spaces("/?region=1&q=a%26b&page=3"))
    assert 'href="?region=1&amp;q=a%26b&amp;sort=budget"' in html


def test_the_sorted_head_says_its_direction_and_links_to_the_other() -> None:
    html = draw(spaces("/?sort=-budget&region=1"))
    assert html.count("aria-sort") == 1
    assert 'aria-sort="descending"' in html
    assert 'href="?region=1&amp;sort=budget"' in html


def test_rows_follow_the_address() -> None:
    html = draw(spaces("/?sort=name"))
    assert html.index("Amt Neuhaus") < html.index("Bardowick") < html.index("Dahlenburg")


@pytest.mark.parametrize(
    "address", ["/?sort=secret", "/?sort=", "/?sort=--name", "/?page=x", "/?page=99&per_page=1000000"]
)
def test_nonsense_in_the_address_is_ignored(address: str) -> None:
    assert "Dahlenburg" in draw(spaces(address))


def test_a_column_that_cannot_be_sorted_has_no_link() -> None:
    assert "sort=region" not in draw(spaces())


def test_a_table_without_request_has_plain_heads() -> None:
    assert "sort=" not in draw(SpaceTable(SPACES))


def test_caption_names_table_and_scroll_region() -> None:
    html = draw(spaces())
    assert 'role="region" aria-labelledby="budgets-je-sozialraum" tabindex="0"' in html
    assert 'id="budgets-je-sozialraum"><span>Budgets je Sozialraum</span>' in html


def test_the_first_column_heads_its_row() -> None:
    assert draw(spaces()).count('scope="row"') == len(SPACES) + 1


def test_numbers_stand_right_in_german_and_missing_ones_as_a_dash() -> None:
    html = draw(spaces())
    assert '<td class="kern-table__cell app-num">148.000,00\u00a0€</td>' in html
    assert '<td class="kern-table__cell app-num">–</td>' in html


def test_totals_stand_in_the_foot() -> None:
    foot = draw(spaces()).split("<tfoot")[1]
    assert "Summe" in foot
    assert "416.000,00 €" in foot


def test_a_state_is_never_colour_alone() -> None:
    html = draw(spaces())
    assert "kern-badge--success" in html
    assert '<span class="kern-label">adopted</span>' in html


def test_what_people_typed_is_escaped() -> None:
    html = draw(spaces(data=[{"name": "<script>", "region": "<b>", "budget": Decimal(1), "status": "<i>"}]))
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;" in html


def test_an_empty_table_says_so() -> None:
    assert "Noch keine Einträge." in draw(spaces(data=[]))


def test_a_subclass_with_a_meta_of_its_own_keeps_the_house_template() -> None:
    assert PersonTable([]).template_name == "components/table.html"
    assert "Noch keine Einträge." in draw(PersonTable([]))


def test_groups_stand_above_their_rows_once() -> None:
    class Grouped(SpaceTable):
        def group_of(self, record: Any) -> str:
            return str(record["region"])

    html = draw(Grouped(sorted(SPACES, key=lambda space: str(space["region"]))))
    assert html.count('scope="rowgroup"') == 2


def test_rows_and_cells_take_classes_from_the_table() -> None:
    class Heated(SpaceTable):
        def row_class(self, record: Any) -> str:
            return "is-own" if record["name"] == "Bardowick" else ""

        def cell_class_budget(self, value: Any, record: Any) -> str:
            return "app-heat-4" if value and value > 200000 else ""

    html = draw(Heated(SPACES))
    assert html.count("is-own") == 1
    assert html.count("app-num app-heat-4") == 1


def test_render_methods_of_the_table_win() -> None:
    class Shouting(SpaceTable):
        def render_region(self, value: Any, record: Any) -> str:
            return f"{value} ({record['name']})"

    assert "Region 1 (Dahlenburg)" in draw(Shouting(SPACES))


def test_exports_get_the_values_themselves() -> None:
    head, first, *_ = spaces().as_values()
    assert head == ["Sozialraum", "Region", "Budget", "Stand"]
    assert first == ["Dahlenburg", "Region 1", Decimal(148000), "adopted"]


def test_dates_and_shares_are_shown_in_german() -> None:
    class Mixed(tables.Table):
        day = tables.DateColumn()
        share = tables.PercentColumn()
        factor = tables.FactorColumn()
        change = tables.EuroChangeColumn()

    row = {"day": dt.date(2024, 6, 19), "share": Decimal("12.75"), "factor": Decimal("1.287"), "change": Decimal(-12)}
    html = draw(Mixed([row]))
    for text in ("19.06.2024", "12,8\u00a0%", "1,29", "\u221212,00\u00a0€"):
        assert text in html


def test_a_point_in_time_is_the_day_it_was_in_the_county() -> None:
    class Adopted(tables.Table):
        caption = "Festlegungen"
        adopted_at = tables.DateColumn()

    late = dt.datetime(2026, 1, 31, 23, 30, tzinfo=dt.UTC)
    request = RequestFactory().get("/?format=xlsx")
    table = Adopted([{"adopted_at": late}], request=request)
    assert "01.02.2026" in draw(table)
    assert table.sheet.rows == [[dt.date(2026, 2, 1)]]
    assert table.download(name="Festlegungen", notes=Notes("Test", dt.date(2026, 2, 1), "1")) is not None


@pytest.fixture
def people(db: None) -> list[User]:
    return User.objects.bulk_create(User(name="Gleicher Name", email=f"p{n}@example.org") for n in range(5))


def test_pages_keep_the_filter_and_say_where_one_is(people: list[User]) -> None:
    html = draw(PersonTable(User.objects.all(), request=RequestFactory().get("/?q=gleich&page=2")))
    assert "3 bis 4 von 5 Einträgen" in html
    assert 'href="?q=gleich&amp;page=3" rel="next"' in html
    assert html.count("aria-current") == 1


def test_rows_with_equal_keys_keep_their_page_when_one_is_saved_meanwhile(people: list[User]) -> None:
    seen = []
    for page in (1, 2, 3):
        table = PersonTable(User.objects.all(), request=RequestFactory().get(f"/?sort=name&page={page}"))
        seen += [person.pk for person in table.page.object_list]
        # PostgreSQL writes a changed row anew, behind all others.
        User.objects.filter(pk=seen[0]).update(email=f"neu{page}@example.org")
    assert seen == sorted(person.pk for person in people)


@pytest.mark.parametrize(("asked", "shown"), [("1000000", 25), ("50", 50), ("-1", 25)])
def test_the_address_may_ask_for_the_offered_page_sizes_only(asked: str, shown: int) -> None:
    many = [{**SPACES[0], "name": f"Raum {n}"} for n in range(60)]
    assert len(spaces(f"/?per_page={asked}", many).body) == shown


def test_a_table_asks_as_often_for_one_row_as_for_many(people: list[User]) -> None:
    class AllPeople(PersonTable):
        class Meta:
            per_page = 25

    def queries(people: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            draw(AllPeople(people, request=RequestFactory().get("/?sort=-name")))
        return len(captured)

    one = User.objects.filter(pk=people[0].pk)
    assert queries(one) == queries(User.objects.all()) == 2


NOTES = Notes("Bericht 2024/012", dt.date(2026, 11, 15), "1.0")


def test_a_download_holds_all_pages_in_the_order_of_the_address() -> None:
    people = [{"name": name} for name in ("Adendorf", "Bleckede", "Scharnebeck")]
    table = PersonTable(people, request=RequestFactory().get("/?sort=-name&page=2&format=csv"))
    answer = table.download(name="personen", notes=NOTES)
    assert answer is not None
    assert answer.content.decode("utf-8-sig").splitlines() == ["Name", "Scharnebeck", "Bleckede", "Adendorf"]


def test_a_download_holds_numbers_and_words_where_the_page_shows_links_and_badges() -> None:
    sheet = spaces().sheet
    assert [(column.header, column.kind) for column in sheet.columns] == [
        ("Sozialraum", "text"),
        ("Region", "text"),
        ("Budget", "euro"),
        ("Stand", "text"),
    ]
    assert list(sheet.rows[0]) == ["Dahlenburg", "Region 1", Decimal(148000), "adopted"]
    assert sheet.rows[2][2] is None


def test_a_page_is_no_download_and_links_to_both_with_its_filter() -> None:
    table = spaces("/?region=1")
    assert table.download(name="räume", notes=NOTES) is None
    assert table.downloads == [("Excel", "?region=1&format=xlsx"), ("CSV", "?region=1&format=csv")]
    excel = spaces("/?format=xlsx").download(name="räume", notes=NOTES)
    assert excel is not None
    assert excel.content.startswith(b"PK")
