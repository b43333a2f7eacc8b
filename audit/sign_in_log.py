"""Journal who came in, who went out and who was refused: by account, without any personal data.

Receivers of other packages' signals; the application connects them once, in AuditConfig.ready.
"""

from typing import Any

import structlog
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.accounts import AccountAction
from audit.services import record

log = structlog.get_logger(__name__)


def connect() -> None:
    """Start listening."""
    user_logged_in.connect(signed_in, dispatch_uid="journal-sign-in")
    user_logged_out.connect(signed_out, dispatch_uid="journal-sign-out")
    user_login_failed.connect(refused, dispatch_uid="journal-refused")
    password_changed.connect(changed_password, dispatch_uid="journal-password-changed")
    password_reset.connect(changed_password, dispatch_uid="journal-password-reset")
    password_set.connect(changed_password, dispatch_uid="journal-password-set")
    authenticator_added.connect(second_factor_on, dispatch_uid="journal-factor-on")
    authentication_failed.connect(wrong_second_factor, dispatch_uid="journal-factor-wrong")
    authenticator_removed.connect(second_factor_off, dispatch_uid="journal-factor-off")


def signed_in(sender: type[User], request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    _journal(user, AccountAction.SIGN_IN, {"guest": user.is_guest})


def signed_out(sender: type[User], request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        _journal(user, AccountAction.SIGN_OUT)


def refused(sender: str, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Journal a refusal on the account it was tried on; a name that nobody has is only counted in the log."""
    user = User.objects.filter(username__iexact=credentials.get("username") or "").first()
    if user is None:
        log.warning("sign_in_refused", known=False)
        return
    with transaction.atomic():
        record(("account", user.pk), AccountAction.SIGN_IN_REFUSED, by=None, at=timezone.now())


def changed_password(sender: type[User], request: HttpRequest, user: User, **kwargs: Any) -> None:
    User.objects.filter(pk=user.pk, must_change_password=True).update(must_change_password=False)
    _journal(user, AccountAction.CHANGE_PASSWORD)


def wrong_second_factor(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    with transaction.atomic():
        record(("account", user.pk), AccountAction.SIGN_IN_REFUSED, by=None, at=timezone.now())


def second_factor_on(sender: Any, request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    _journal(user, AccountAction.SECOND_FACTOR_ON, {"type": authenticator.type})


def second_factor_off(sender: Any, request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    _journal(user, AccountAction.SECOND_FACTOR_OFF, {"type": authenticator.type})


def _journal(user: User, action: AccountAction, after: dict[str, object] | None = None) -> None:
    with transaction.atomic():
        record(("account", user.pk), action, by=user, after=after, at=timezone.now())
