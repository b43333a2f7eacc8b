"""Telephone numbers as people write them: what is no number of that kind is refused, never guessed."""

import re
import unicodedata

import phonenumbers
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.folding import clean_line

# What people write between the digits, and before an extension.
_BETWEEN = re.compile(r"[\s.()\-·‐‑–—−]")
_EXTENSION = re.compile(
    r"^(?P<number>.*?[0-9)])\s*(?:转|分机|;?ext\.?|x|#)+\s*[:=\-]?\s*(?P<extension>[0-9]{1,6})$", re.IGNORECASE
)
_TAIL = re.compile(r"^(?P<number>\(?0[0-9]{2,3}[\s)\-]+[0-9]{7,8})\s*-\s*(?P<extension>[0-9]{1,6})$")

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
# Behind 010 and 02x stand eight digits, behind the other area codes seven or eight.
_LANDLINE = re.compile(r"0(?:(?:10|2[0-9])[1-9][0-9]{7}|[3-9][0-9]{2}[1-9][0-9]{6,7})")
_SERVICE = re.compile(r"[48]00[0-9]{7}")
_STORED = re.compile(r"\+86(?:([48]00)([0-9]{3})([0-9]{4})|(10|2[0-9]|[3-9][0-9]{2})([0-9]+))(?:;ext=([0-9]+))?")


class PhoneError(DomainError):
    """This is not a telephone number that can be called."""


class LettersError(PhoneError):
    """Letters stand where digits belong."""


def normalise_phone(text: str) -> str:
    """Return a mobile, a landline with its area code or a 400 number in E.164 form (RFC 3966 with an extension).

    `138 1234 5678` → `+8613812345678`, `0551-62345678转801` → `+8655162345678;ext=801`. Raises PhoneError.
    """
    written = unicodedata.normalize("NFKC", clean_line(text))
    number, extension = _parted(written)
    _refuse_letters(number)
    digits = _national(number)
    if _MOBILE.fullmatch(digits) and not extension:
        return f"+86{digits}"
    if _LANDLINE.fullmatch(digits):
        return f"+86{digits[1:]}" + (f";ext={extension}" if extension else "")
    if _SERVICE.fullmatch(digits):
        return f"+86{digits}" + (f";ext={extension}" if extension else "")
    return _abroad(number) or _refuse()


def normalise_mobile(text: str) -> str:
    """Return a mobile number of the mainland, which gets text messages, in E.164 form; raises PhoneError."""
    try:
        phone = normalise_phone(text)
    except LettersError:
        raise
    except PhoneError:
        raise _mobile_needed() from None
    if not is_mobile(phone):
        raise _mobile_needed()
    return phone


def national_phone(phone: str) -> str:
    """Show a stored number as it is dialled at home: 13812345678, 0551-62345678转801, 400-820-8820."""
    found = _STORED.fullmatch(phone)
    if found is None or is_mobile(phone):
        return phone.removeprefix("+86")
    service, middle, last, area, rest, extension = found.groups()
    number = f"{service}-{middle}-{last}" if service else f"0{area}-{rest}"
    return number + (_("转%(extension)s") % {"extension": extension} if extension else "")


def is_mobile(phone: str) -> bool:
    """Say whether a number in E.164 form is a mobile of the mainland, which can receive text messages."""
    return phone.startswith("+861") and len(phone) == 14


def _parted(written: str) -> tuple[str, str]:
    found = _EXTENSION.match(written) or _TAIL.match(written)
    return (found["number"], found["extension"]) if found else (written, "")


def _national(number: str) -> str:
    """Return the digits as dialled at home; whatever stands in them that is no digit stays and is refused."""
    digits = _BETWEEN.sub("", number)
    if digits.startswith(("+86", "0086")):
        home = digits.partition("86")[2]
        return home if home.startswith("0") or _MOBILE.fullmatch(home) or _SERVICE.fullmatch(home) else f"0{home}"
    return digits[2:] if len(digits) == 13 and _MOBILE.fullmatch(digits[2:]) and digits.startswith("86") else digits


def _abroad(number: str) -> str:
    """Return a number of another country, written with + or 00 and the country's code, or nothing."""
    digits = _BETWEEN.sub("", number)
    if not re.fullmatch(r"(\+|00)[1-9][0-9]{6,14}", digits) or digits.startswith(("+86", "0086")):
        return ""
    try:
        parsed = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _refuse_letters(number: str) -> None:
    """Name letters in what is a number otherwise; only somebody who looks again knows which digits they stand for."""
    letters = "".join(sign for sign in number if sign.isalpha())
    if 0 < len(letters) < sum(sign.isdecimal() for sign in number):
        raise LettersError(_("电话号码里有字母“%(letters)s”，请改成数字。") % {"letters": letters})


def _refuse() -> str:
    raise PhoneError(_("这个电话号码不对，请填11位手机号，或带区号的座机号。"))


def _mobile_needed() -> PhoneError:
    return PhoneError(_("这个手机号不对，请填11位手机号。"))
