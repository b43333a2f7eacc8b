"""Telephone numbers as people write them."""

import phonenumbers
from django.utils.translation import gettext as _

from accounts.errors import DomainError


class PhoneError(DomainError):
    """This is not a telephone number that can be called."""


def normalise_phone(text: str) -> str:
    """Return a number in E.164 form (+8613812345678); raises PhoneError."""
    try:
        number = phonenumbers.parse(text.strip(), "CN")
    except phonenumbers.NumberParseException:
        raise PhoneError(_("这个电话号码不对，请填11位手机号，或带区号的座机号。")) from None
    if not phonenumbers.is_possible_number(number):
        raise PhoneError(_("这个电话号码不对，请填11位手机号，或带区号的座机号。"))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national_phone(phone: str) -> str:
    """Show a stored number as it is dialled at home: +8613812345678 → 13812345678."""
    return phone.removeprefix("+86") if phone.startswith("+861") else phone.replace("+86", "0", 1)


def is_mobile(phone: str) -> bool:
    """Say whether a number in E.164 form is a mobile of the mainland, which can receive text messages."""
    return phone.startswith("+861") and len(phone) == 14
