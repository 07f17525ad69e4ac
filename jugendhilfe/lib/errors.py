"""The family of refusals: a rule of the domain says no, in a German sentence with the numbers in it."""


class DomainError(Exception):
    """A rule refuses what was asked; the message is for the person at the screen."""


class NotAllowed(DomainError):
    """The actor may not do this, although the object may be seen."""


class FourEyesRequired(DomainError):
    """Who submitted may not approve."""
