"""The request of a view behind the sign-in."""

from django.http import HttpRequest

from jugendhilfe.accounts.models import User


class SignedInRequest(HttpRequest):
    """LoginRequiredMiddleware lets nobody else through, so the user is a User."""

    user: User
