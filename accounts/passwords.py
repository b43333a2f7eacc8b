"""What a password must be besides long and uncommon."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User


class NotTheGivenPassword:
    """Refuse to keep the password that somebody else gave, where it is to be changed."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is not None and user.pk and user.must_change_password and user.check_password(password):
            raise ValidationError(_("新密码要和别人给您的密码不一样。"))

    def get_help_text(self) -> str:
        return ""
