"""The first line of a view: 404 where a row is not mine, 403 where it is but the task is not."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from regions.access import Scope, Visitor, scope
from regions.models import Region


def require(user: Visitor, permission: str) -> Scope:
    """For tasks on some rows: 403 for everybody who has the permission nowhere."""
    reach = scope(user, permission)
    if not reach:
        raise PermissionDenied
    return reach


def require_everywhere(user: Visitor, permission: str) -> None:
    """For tasks of the whole county: 403 for everybody else."""
    if not scope(user, permission).everything:
        raise PermissionDenied


def get_region_or_404(user: Visitor, number: int, permission: str = "view_region") -> Region:
    """The region with this number, if the user may open its working pages and do this task there."""
    region = get_object_or_404(Region.objects.visible_to(user), number=number)
    reach = scope(user, permission)
    if permission != "view_region" and not (reach.everything or region.pk in reach.regions):
        raise PermissionDenied
    return region
