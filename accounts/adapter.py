"""How allauth is fitted to our accounts."""

import time

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest

from accounts.crypto import decrypt, encrypt
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Staff accounts are made by the centre; residents get theirs by confirming a phone code."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Let somebody who has just signed in set up their first second factor without a second password."""
        if app == "allauth.mfa" and self._just_signed_in_without_second_factor():
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def _just_signed_in_without_second_factor(self) -> bool:
        user = self.request.user
        if is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            return False
        records = get_authentication_records(self.request, user)
        return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keep TOTP secrets and recovery seeds encrypted like personal data."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def get_totp_label(self, user: User) -> str:
        return user.username

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not (authenticator.type == Authenticator.Type.TOTP and authenticator.user.must_enrol_totp)
