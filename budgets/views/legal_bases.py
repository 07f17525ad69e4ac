"""Legal bases: what carries a decision about money. Public, written where a distribution is adopted."""

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from budgets.models import FiscalYear, LegalBasis
from budgets.views.years import notes
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib import tables


class BasisTable(tables.Table):
    caption = "Rechtsgrundlagen"
    number = tables.LinkColumn(
        verbose_name="Nummer", url=lambda basis: reverse("budgets:legal_basis_detail", args=[basis.pk])
    )
    kind = tables.Column(verbose_name="Art")
    date = tables.DateColumn(verbose_name="Datum")
    body = tables.Column(verbose_name="Gremium oder Stelle")
    carried = tables.NumberColumn(verbose_name="festgelegte Verteilungen")

    class Meta:
        order_by = "-date"
        empty_text = "Noch keine Rechtsgrundlage. Sie entsteht, wenn eine Verteilung festgelegt wird."


@require_safe
def legal_basis_list(request: SignedInRequest) -> HttpResponse:
    table = BasisTable(LegalBasis.objects.annotate(carried=Count("distributions")), request=request)
    if file := table.download(name="Rechtsgrundlagen", notes=notes("alle Rechtsgrundlagen")):
        return file
    return render(request, "budgets/legal_basis_list.html", {"table": table})


@require_safe
def legal_basis_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    basis = get_object_or_404(LegalBasis, pk=pk)
    visible = set(FiscalYear.objects.visible_to(request.user).values_list("pk", flat=True))
    distributions = [
        (distribution, distribution.year_id in visible)
        for distribution in basis.distributions.select_related("year", "replaced_by").order_by("year__year")
    ]
    return render(request, "budgets/legal_basis_detail.html", {"basis": basis, "distributions": distributions})
