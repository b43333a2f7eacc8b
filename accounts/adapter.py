"""How allauth is fitted to our accounts."""

import time

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from accounts.crypto import decrypt, encrypt
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Staff accounts are made by the centre; residents get theirs by confirming a phone code."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Take a sign-in of the last few minutes as good as a second password for setting up a second factor."""
        if app == "allauth.mfa" and self._just_signed_in():
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def _just_signed_in(self) -> bool:
        records = get_authentication_records(self.request, self.request.user)
        return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT


class MFAAdapter(DefaultMFAAdapter):
    """Keep TOTP secrets and recovery seeds encrypted like personal data."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def get_totp_label(self, user: User) -> str:
        return user.username

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not (authenticator.type == Authenticator.Type.TOTP and authenticator.user.must_enrol_totp)
