"""Who can sign in. What somebody may do is no business of this app: see regions.roles and regions.access."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a user; without a password the account waits for its invitation to be accepted."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. `name` is what others see: an office or a person, as the county decides."""

    email = models.EmailField("E-Mail-Adresse", unique=True)
    name = models.CharField("Anzeigename", max_length=120)
    organisation = models.CharField("Stelle oder Einrichtung", max_length=160, blank=True)
    is_active = models.BooleanField("aktiv", default=True)
    created_at = models.DateTimeField("angelegt am", auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = "Person mit Konto"
        verbose_name_plural = "Personen mit Konto"
        ordering = ("name", "email")
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message="Diese E-Mail-Adresse hat schon ein Konto.",
            ),
            # A superuser would pass every check; rights come from role assignments alone.
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="user_is_never_superuser"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        """The log holds no names: the key alone."""
        return f"Konto {self.pk}"

    @property
    def is_staff(self) -> bool:
        """No Django admin here; some libraries ask."""
        return False
