"""Codes by text message: whoever types the code back holds the phone.

A code is sent the same way to every number, known or not: nothing here looks an account up. It goes out at once and
leaves no row, because a row would keep it. What the browser's session keeps holds neither the number nor the code in
the clear.
"""

import hmac
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import structlog
from django.utils.translation import gettext as _

from accounts.crypto import blind_index, decrypt, decrypt_kept, encrypt
from accounts.errors import DomainError
from accounts.limits import CODE_GUESSES, PHONE_GUESSES, SMS_GAP, SMS_PER_ADDRESS, SMS_PER_PHONE, TooOftenError
from accounts.masking import mask_phone
from notifications.gateways import GatewayError, send_now
from notifications.messages import sign_in_code_message

DIGITS = 6
LIFETIME = timedelta(minutes=5)

log = structlog.get_logger(__name__)


class CodeNotSentError(DomainError):
    """The gateway did not take the message."""


class WrongCodeError(DomainError):
    """Not the code that was sent; another try is allowed."""


class CodeSpentError(DomainError):
    """The code has expired or was guessed at too often; a new one is needed."""


@dataclass(frozen=True)
class SentCode:
    """A code on its way, as the session keeps it."""

    phone_token: str
    digest: str
    sent_at: str
    doubtful: bool = False  # nobody knows whether it went out

    @classmethod
    def from_session(cls, kept: Any) -> Self | None:
        """Read what `to_session` wrote; anything else is no code."""
        try:
            sent = cls(**kept)
        except TypeError:
            return None
        return sent if decrypt_kept(sent.phone_token) else None

    def to_session(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def phone(self) -> str:
        return decrypt(self.phone_token)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)


def send_code(phone: str, *, address: str, language: str, at: datetime) -> SentCode:
    """Send a fresh code to a number (E.164) for a client at a network address.

    Raises TooOftenError and CodeNotSentError.
    """
    if not SMS_PER_ADDRESS.hit(address, at=at):
        raise TooOftenError(_("从您这里发送验证码的次数太多了，请一小时后再试，或打电话给我们。"))
    if not SMS_GAP.hit(phone, at=at):
        raise TooOftenError(_("刚刚已发送过验证码，请等一分钟再要新的。"))
    if not SMS_PER_PHONE.hit(phone, at=at):
        raise TooOftenError(_("今天发往这个号码的验证码太多了，请明天再试，或打电话给我们。"))
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    minutes = int(LIFETIME / timedelta(minutes=1))
    try:
        certain = send_now(sign_in_code_message(phone, code, minutes, language))
    except GatewayError as error:
        log.error("code_not_sent", error=error.code)
        for limit in (SMS_GAP, SMS_PER_PHONE):  # nothing went out: the next try is as good as this one
            limit.give_back(phone)
        raise CodeNotSentError(_("验证码没有发出去，请再试一次；还是不行，请打电话给我们。")) from error
    return SentCode(encrypt(phone), _digest(phone, code), at.isoformat(), doubtful=not certain)


def check_code(sent: SentCode, typed: str, *, at: datetime) -> str:
    """Return the number that the code was sent to; raises WrongCodeError and CodeSpentError."""
    phone = sent.phone
    if at > datetime.fromisoformat(sent.sent_at) + LIFETIME:
        raise CodeSpentError(_("验证码已过期，请重新获取。"))
    # Counted before comparing, and per code, so that parallel tries with one session cookie count too.
    if not (PHONE_GUESSES.hit(phone, at=at) and CODE_GUESSES.hit(sent.digest, at=at)):
        raise CodeSpentError(_("输错的次数太多了，请重新获取验证码。"))
    if not hmac.compare_digest(sent.digest, _digest(phone, _digits(typed))):
        raise WrongCodeError(_("验证码不对，请看最新一条短信里的6位数字。"))
    return phone


def _digits(typed: str) -> str:
    """Take full-width digits and spaces as people type them."""
    return "".join(str(int(sign)) for sign in typed if sign.isdecimal())


def _digest(phone: str, code: str) -> str:
    return blind_index(f"sign-in:{phone}:{code}")
