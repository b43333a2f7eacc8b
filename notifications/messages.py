"""Make what a gateway is given: one text, and the same in parts for providers that keep the texts themselves."""

from collections.abc import Mapping

from django.conf import settings

from accounts.models import User
from notifications import texts
from notifications.gateways import Message
from notifications.gateways.templates import NEWS, SIGN_IN_CODE, SIGNING_CODE, TEST
from notifications.models import Channel, Delivery
from notifications.senders import signature_for, telephone_for

TEST_TEXT = texts.Text("这是一条测试消息，收到即说明设置正确。", "This is a test message: if you read it, it works.")


def notice_message(delivery: Delivery, to: str) -> Message:
    """Return what tells somebody of a notice, in the recipient's language and signed by the centre of its subject."""
    notice, language = delivery.notice, delivery.notice.recipient.language
    if is_unconfirmed(notice.recipient):
        return bare_message(delivery, to)
    sign = signature_for((notice.subject_kind, notice.subject_id))
    name = sign or texts.in_language(texts.SIGNATURE, language)
    subject = texts.in_language(texts.MAIL_SUBJECT, language).format(sign=name)
    params = {
        "sentence": texts.sentence(notice.kind, {}, language or settings.LANGUAGE_CODE),
        "number": str(notice.params.get("number", "")),
        "url": f"{settings.SITE_URL}{notice.url}",
        "path": notice.url.removeprefix("/"),
    }
    content = texts.notice_text(notice.kind, notice.params, notice.url, language)
    return _message(
        to,
        content,
        language=language,
        sign=sign,
        kind=notice.kind,
        params=params,
        subject=subject if delivery.channel == Channel.EMAIL else "",
        key=delivery.key,
    )


def is_unconfirmed(recipient: User) -> bool:
    """Say whether nobody has shown yet that the number and address left with a case pass are that person's own."""
    return recipient.is_guest and not recipient.phone_verified


def bare_message(delivery: Delivery, to: str) -> Message:
    """Return what says only that there is news and whom to call: it may reach a stranger."""
    notice, language = delivery.notice, delivery.notice.recipient.language
    subject = (notice.subject_kind, notice.subject_id)
    sign = signature_for(subject)
    content = texts.bare_text(notice.kind, telephone_for(subject), language)
    mail = texts.in_language(texts.MAIL_SUBJECT, language).format(
        sign=sign or texts.in_language(texts.SIGNATURE, language)
    )
    return _message(
        to,
        content,
        language=language,
        sign=sign,
        kind=NEWS,
        params={"sentence": content, "number": "", "url": "", "path": ""},
        subject=mail if delivery.channel == Channel.EMAIL else "",
        key=delivery.key,
    )


def sign_in_code_message(to: str, code: str, minutes: int, language: str) -> Message:
    """Return what carries a code for signing in; before it nobody knows whose centre it will be."""
    content = texts.code_text(code, minutes, language)
    params = {"code": code, "minutes": str(minutes)}
    return _message(to, content, language=language, sign=signature_for(), kind=SIGN_IN_CODE, params=params)


def signing_code_message(to: str, code: str, minutes: int, language: str, *, subject: tuple[str, int]) -> Message:
    """Return what carries a code for signing, from the centre of the case."""
    content = texts.signing_code_text(code, minutes, language)
    params = {"code": code, "minutes": str(minutes)}
    return _message(to, content, language=language, sign=signature_for(subject), kind=SIGNING_CODE, params=params)


def trial_message(to: str, language: str, *, sign: str = "", mail: bool = False) -> Message:
    """Return what shows that a gateway works."""
    content = texts.in_language(TEST_TEXT, language)
    subject = content if mail else ""
    return _message(to, content, language=language, sign=sign, kind=TEST, params={"sentence": content}, subject=subject)


def _message(
    to: str, content: str, *, language: str, sign: str, kind: str, params: Mapping[str, str], **more: str
) -> Message:
    return Message(
        to=to,
        text=texts.signed(content, sign, language),
        content=content,
        sign=sign or texts.SIGNATURE.zh,
        kind=kind,
        params=params,
        **more,
    )
