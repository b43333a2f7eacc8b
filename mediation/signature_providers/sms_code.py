"""The built-in way of signing: six digits sent to the signer's own phone for this one text.

What it proves: that whoever signed held that phone, when, and which text (by its hash). What it does not: it is no
reliable electronic signature certified by a licensed authority (ESL 13, 16). Nothing here says otherwise.
"""

import hmac
import secrets
from datetime import datetime, timedelta

import structlog
from django.utils.translation import gettext as _

from accounts.crypto import blind_index
from accounts.limits import CODE_GUESSES, PHONE_GUESSES, SMS_GAP, SMS_PER_ADDRESS, SMS_PER_PHONE, TooOftenError
from accounts.masking import mask_phone
from mediation.errors import MediationError
from mediation.models import Agreement, SigningCode
from mediation.signature_providers import Proof, Signing, Started
from notifications.gateways import GatewayError, send_now
from notifications.messages import signing_code_message

DIGITS = 6
LIFETIME = timedelta(minutes=10)
MINUTES = int(LIFETIME / timedelta(minutes=1))

log = structlog.get_logger(__name__)


class SmsCode:
    """Codes by text message, bound to one text, one party and one person, good once and for ten minutes."""

    name = "sms-code"

    def start(self, signing: Signing, *, address: str, at: datetime) -> Started:
        """Send a fresh code; raises TooOftenError, MediationError."""
        if not SMS_PER_ADDRESS.hit(address, at=at):
            raise TooOftenError(_("从您这里发送验证码的次数太多了，请一小时后再试，或打电话给我们。"))
        if not SMS_GAP.hit(signing.phone, at=at):
            raise TooOftenError(_("刚刚已发送过验证码，请等一分钟再要新的。"))
        if not SMS_PER_PHONE.hit(signing.phone, at=at):
            raise TooOftenError(_("今天发往这个号码的验证码太多了，请明天再试，或打电话给我们。"))
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        certain = self._send(signing, code)
        row = SigningCode.objects.create(
            agreement_id=signing.agreement_id,
            party_id=signing.party_id,
            user_id=signing.user_id,
            text_hash=signing.text_hash,
            phone_index=blind_index(signing.phone),
            masked_phone=mask_phone(signing.phone),
            digest=_digest(signing, code),
            sent_at=at,
            doubtful=not certain,
        )
        return _started(row)

    def _send(self, signing: Signing, code: str) -> bool:
        """Send it; return False where nobody knows whether it went out. Raises MediationError where it did not."""
        case = Agreement.objects.values_list("case", flat=True).get(pk=signing.agreement_id)
        message = signing_code_message(signing.phone, code, MINUTES, signing.language, subject=("case", case))
        try:
            return send_now(message)
        except GatewayError as error:
            log.error("signing_code_not_sent", error=error.code)
            for limit in (SMS_GAP, SMS_PER_PHONE):  # nothing went out: the next try is as good as this one
                limit.give_back(signing.phone)
            raise MediationError(
                _("验证码没有发出去，您填的内容还在，请再试一次；还是不行，请打电话给我们。")
            ) from error

    def sent(self, signing: Signing, *, at: datetime) -> Started | None:
        row = self._latest(signing)
        if row is None or row.used_at is not None or at > row.sent_at + LIFETIME:
            return None
        return _started(row)

    def verify(self, signing: Signing, answer: str, *, at: datetime) -> Proof:
        """Judge the digits; every try is counted before it is compared. Raises MediationError."""
        row = self._latest(signing)
        if row is None:
            raise MediationError(_("请先获取短信验证码。文本换过的，以前的验证码不能用。"))
        if row.used_at is not None:
            raise MediationError(_("这个验证码已经用过，请重新获取。"))
        if at > row.sent_at + LIFETIME:
            raise MediationError(_("验证码已过期，请重新获取。"))
        if not (PHONE_GUESSES.hit(signing.phone, at=at) and CODE_GUESSES.hit(row.digest, at=at)):
            raise MediationError(_("输错的次数太多了，请重新获取验证码。"))
        digits = "".join(str(int(sign)) for sign in answer if sign.isdecimal())
        if not hmac.compare_digest(row.digest, _digest(signing, digits)):
            raise MediationError(_("验证码不对，请看最新一条短信里的6位数字。"))
        if not SigningCode.objects.filter(pk=row.pk, used_at__isnull=True).update(used_at=at):
            raise MediationError(_("这个验证码已经用过，请重新获取。"))
        return Proof(
            self.name,
            {
                "masked_phone": row.masked_phone,
                "phone_index": row.phone_index,
                "code_sent_at": row.sent_at.isoformat(),
                "code_entered_at": at.isoformat(),
                "text_hash": row.text_hash,
            },
        )

    def _latest(self, signing: Signing) -> SigningCode | None:
        return SigningCode.objects.filter(
            agreement=signing.agreement_id,
            party=signing.party_id,
            user=signing.user_id,
            text_hash=signing.text_hash,
            phone_index=blind_index(signing.phone),
        ).last()


def _started(row: SigningCode) -> Started:
    return Started(row.masked_phone, row.sent_at, MINUTES, doubtful=row.doubtful)


def _digest(signing: Signing, code: str) -> str:
    bound = (signing.agreement_id, signing.text_hash, signing.party_id, signing.user_id, signing.phone, code)
    return blind_index("sign:" + ":".join(str(part) for part in bound))
