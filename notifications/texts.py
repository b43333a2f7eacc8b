"""Every sentence that we send, in both languages: that something happened and where to look, never what.

A message may be read by whoever holds the phone, so no sentence names a person, a company, an estate or a matter.
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import get_language

from notifications.models import Kind


class Text(NamedTuple):
    """One sentence in Chinese and in English, whether it is worth a text message, and whether it serves somebody.

    What serves somebody (送达) starts a period or tells a decision: it goes out whatever the reader prefers.
    """

    zh: str
    en: str
    sms: bool = True
    legal: bool = False


TEXTS: dict[Kind, Text] = {
    Kind.CASE_FILED: Text(
        "我们已收到您的申请，可以随时查看进度。", "We have received your application; you can follow it at any time."
    ),
    Kind.SUPPLEMENT_NEEDED: Text(
        "您的申请还缺材料，请查看要补什么、何时前补齐。",
        "Your application needs more papers; please see which and by when.",
        legal=True,
    ),
    Kind.COMPANY_ASKED: Text(
        "有一件投诉请贵单位先行答复，请查看内容和期限。",
        "A complaint awaits your answer; please see it and the time you have.",
        legal=True,
    ),
    Kind.INVITATION: Text(
        "有一件纠纷征询您是否同意调解，请查看并答复。",
        "You are asked whether you agree to mediation; please look and answer.",
        legal=True,
    ),
    Kind.CONSENT_REMINDER: Text(
        "您还没有答复是否同意调解，请在期限前答复。",
        "You have not yet said whether you agree to mediation; please answer in time.",
    ),
    Kind.CONSENT_ASKED: Text(
        "调处中心请您对一件事表示是否同意，请查看内容和期限。",
        "The centre asks whether you agree to something; please see what it is and by when.",
    ),
    Kind.CONSENT_WITHDRAWN: Text(
        "调处中心撤回了请您表示的一项意见，不用再答复。",
        "The centre has taken back something it asked you; no answer is needed.",
        sms=False,
    ),
    Kind.CONSENT_ANSWERED: Text(
        "您向当事人征求的意见有了答复，请查看。",
        "A party has answered what you asked; please have a look.",
        sms=False,
    ),
    Kind.ACCEPTED: Text(
        "案件已受理，请查看接下来的安排。", "The case has been accepted; please see what comes next.", legal=True
    ),
    Kind.MEDIATOR_ASSIGNED: Text("案件已安排调解员，请查看。", "A mediator has been assigned; please have a look."),
    Kind.MEDIATOR_NOMINATED: Text(
        "有一件案件拟请您调解，请在期限前答复是否接受并作披露。",
        "You are asked to mediate a case; please answer in time and make your disclosure.",
    ),
    Kind.MEDIATOR_DISCLOSED: Text(
        "拟任调解员作了披露，请查看并表示是否有异议。",
        "The proposed mediator has made a disclosure; please look and say whether you object.",
    ),
    Kind.MEDIATOR_RELEASED: Text(
        "有一件案件不再由您调解，您不能再查看。",
        "A case is no longer yours to mediate; you can no longer open it.",
        sms=False,
    ),
    Kind.CHALLENGE_DECIDED: Text(
        "对回避申请已有决定，请查看。", "The challenge of the mediator has been decided; please have a look."
    ),
    Kind.SESSION_SCHEDULED: Text(
        "调解会的时间已定，请查看时间和地点。",
        "A mediation session has been arranged; please see when and where.",
        legal=True,
    ),
    Kind.SLOTS_PROPOSED: Text(
        "请选一选哪些时间方便来参加调解会。", "Please say which of the proposed times for a session suit you."
    ),
    Kind.SLOTS_ANSWERED: Text(
        "各方都说了哪些时间方便，请定下调解会的时间。",
        "Everybody has said which times suit; please fix one.",
        sms=False,
    ),
    Kind.SESSION_CHANGED: Text(
        "调解会的安排有变动，请查看最新的时间和地点。",
        "The mediation session has been changed; please see when and where, and whether it takes place.",
        legal=True,
    ),
    Kind.RECORD_READY: Text(
        "有一份记录等您核对签名，请查看。", "A record awaits your review and signature; please have a look."
    ),
    Kind.OFFER_MADE: Text("有一个新的方案，请查看并答复。", "There is a new offer; please look and answer."),
    Kind.OFFER_MOVED: Text("一个方案有了进展，请查看。", "An offer has moved on; please have a look."),
    Kind.SUSPENDED: Text(
        "案件的调解已中止，请查看原因和何时恢复。",
        "Mediation has been suspended; please see why and until when.",
        legal=True,
    ),
    Kind.RESUMED: Text(
        "案件的调解已恢复，请查看接下来的安排。", "Mediation has resumed; please see what comes next.", legal=True
    ),
    Kind.AGREEMENT_READY: Text(
        "有一份文书等您核对和签署，请查看。",
        "A document awaits your review and signature; please have a look.",
        legal=True,
    ),
    Kind.AGREEMENT_CHANGED: Text(
        "等您签署的文书换了新的一版，以前的签署都不算数了，请从头看过再签。",
        "The document that awaits your signature has been replaced; earlier signatures no longer count."
        " Please read it again before signing.",
        legal=True,
    ),
    Kind.AGREEMENT_IN_FORCE: Text(
        "有一份文书已生效，请查看要做的事和日期。",
        "A document is now in force; please see what is to be done and when.",
        legal=True,
    ),
    Kind.PERFORMANCE_DUE: Text(
        "有一项约定快到日期了，请查看。", "Something that was agreed will soon be due; please have a look."
    ),
    Kind.PERFORMANCE_OVERDUE: Text(
        "有一项约定已过日期，请查看并说明情况。",
        "Something that was agreed is overdue; please look and tell us how it stands.",
    ),
    Kind.PERFORMANCE_REPORTED: Text(
        "对方说有一项约定已经做了，请查看并确认是否收到。",
        "The other side says that something agreed was done; please look and say whether you received it.",
    ),
    Kind.PERFORMANCE_ANSWERED: Text(
        "您记录的履行有了回应，请查看。", "There is an answer to what you recorded as done; please have a look."
    ),
    Kind.PERFORMANCE_URGED: Text(
        "有一项约定已过日期，现督促您履行，请查看。",
        "Something you agreed to do is overdue and you are urged to do it; please have a look.",
        legal=True,
    ),
    Kind.CONFIRMATION_MOVED: Text(
        "司法确认有新的进展，请查看接下来要做什么。",
        "There is news on the judicial confirmation; please see what comes next.",
    ),
    Kind.ENDED: Text(
        "案件的调解已终止，请查看原因和其他解决办法。",
        "Mediation has ended; please see why and what other ways there are.",
        legal=True,
    ),
    Kind.REJECTED: Text(
        "您的申请有了审查结果，请查看理由和可以怎样办。",
        "Your application has been reviewed; please see the result and what you can do.",
        legal=True,
    ),
    Kind.REFERRED: Text(
        "您的申请已转给有权处理的单位，请查看转到哪里。",
        "Your application has been passed to the body in charge; please see to which.",
        legal=True,
    ),
    Kind.WITHDRAWN: Text("有一件案件已撤回，请查看。", "A case has been withdrawn; please have a look.", legal=True),
    Kind.FOLLOWUP_DUE: Text(
        "我们想回访您对处理结果的看法，请查看。", "We would like to hear how things stand now; please have a look."
    ),
    Kind.CLOSED: Text("案件已结案，请查看结果。", "The case has been closed; please see the result."),
    Kind.ARCHIVED: Text("案件已归档。", "The case has been archived.", sms=False),
    Kind.MERGED: Text(
        "有一件事项已并入另一件案件一起办理，请查看。",
        "A matter has been merged into another case and goes on there; please have a look.",
    ),
    Kind.LEAD_MOVED: Text(
        "您那件事并入的案件有新进展，请查看办到哪一步、有没有结果。",
        "The case into which yours was merged has moved on; please see how far it is and whether there is an outcome.",
    ),
    Kind.MESSAGE_RECEIVED: Text("您有一条新留言，请查看。", "You have a new message; please have a look."),
    Kind.OVERDUE_STAFF: Text(
        "有一个期限已超过，请尽快处理并说明原因。", "A deadline has passed; please act and give the reason.", sms=False
    ),
    Kind.TASK_ASSIGNED: Text(
        "有一项新任务交给您，请查看。", "A new task has been assigned to you; please have a look.", sms=False
    ),
    Kind.PROPOSAL_WAITING: Text(
        "有一件事项等您审批，请查看。", "Something awaits your decision; please have a look.", sms=False
    ),
    Kind.CONFIRMATION_DUE: Text(
        "共同向法院申请司法确认的期限快到了，请查看最后一天和要准备的材料。",
        "The time for asking the court to confirm will soon be over; please see the last day and the papers needed.",
    ),
    Kind.SUPERVISED: Text(
        "有一个期限被督办，请查看并答复。", "You are asked about a deadline; please look and answer.", sms=False
    ),
    Kind.DEADLINE_MOVED: Text(
        "有一个期限有变动，请查看新的日期和原因。",
        "A deadline has been moved; please see the new date and why.",
        legal=True,
    ),
    Kind.SURVEY: Text(
        "请花一分钟说一说对处理结果的看法，只有两个问题。",
        "Please take a minute to tell us how it went: two questions.",
    ),
    Kind.DOCUMENT_SERVED: Text(
        "有一份文书送达给您，请查看并确认收到。",
        "A document has been served on you; please look and confirm that you have received it.",
        legal=True,
    ),
    Kind.CANNOT_REACH: Text(
        "有一位当事人各种渠道都没有通知到，请设法联系。",
        "Somebody could not be reached in any way; please find a way.",
        sms=False,
    ),
    Kind.ACCOUNT_CHANGED: Text(
        "管理员更改了您的账户资料，请核对；有不对的，请打电话给我们。",
        "The administrator has changed your account's particulars; please check them and call us if they are wrong.",
        legal=True,
    ),
    Kind.PHONE_CHANGED: Text(
        "这里登记的手机号刚刚换成了别的号码。如果不是您要求的，请马上打电话给我们。",
        "The telephone number registered here has just been replaced by another. If you did not ask for it,"
        " please call us at once.",
        legal=True,
    ),
    Kind.PHONE_ENTERED: Text(
        "这个号码已登记为联系电话，请查看此前的通知。",
        "This number is now registered for contact; please look at the earlier notices.",
        legal=True,
    ),
    Kind.DAILY_DIGEST: Text("您有新的通知，请查看。", "You have new notices; please have a look."),
}

SIGN_IN_CODE = Text(
    "验证码{code}，{minutes}分钟内有效。工作人员不会向您索要验证码，请勿告诉他人。",
    "Your code is {code}, valid for {minutes} minutes. Our staff will never ask for it; tell nobody.",
)
SIGNING_CODE = Text(
    "签署文书的验证码{code}，{minutes}分钟内有效。填写即表示您签署，请看完全文再填；工作人员不会向您索要，请勿告诉他人。",
    "Code for signing a document: {code}, valid for {minutes} minutes. Entering it means that you sign: read"
    " the whole text first. Our staff will never ask for it; tell nobody.",
)
# To a number that nobody has confirmed by a code: it may be a stranger's.
BARE = Text(
    "您联系我们的事有新进展，请打电话{phone}询问，或者凭案件通行码查看。不是您的事，请不用理会。",
    "There is news on a matter about which this number was left with us: please call {phone}, or look with your case"
    " pass. If it is not yours, please ignore this.",
)
BARE_WITHOUT_PHONE = Text(
    "您联系我们的事有新进展，请凭案件通行码查看。不是您的事，请不用理会。",
    "There is news on a matter about which this number was left with us: please look with your case pass."
    " If it is not yours, please ignore this.",
)
# Who writes where the centre has settled no signature of its own.
SIGNATURE = Text("调处", "Tiaochu")
MAIL_SUBJECT = Text("{sign}：您有一条新通知", "{sign}: you have a new notice")


def in_language(text: Text, language: str) -> str:
    """Choose the language; anything but English is Chinese."""
    return text.en if language.startswith("en") else text.zh


def sentence(kind: str, params: Mapping[str, str | int], language: str | None = None) -> str:
    """Return the sentence for a notice, led by the case's number where there is one, in the page's language."""
    language = language or get_language() or settings.LANGUAGE_CODE
    text = in_language(TEXTS[Kind(kind)], language)
    number = params.get("number")
    if not number:
        return text
    return f"{number}: {text}" if language.startswith("en") else f"{number}：{text}"


def message_text(kind: str, params: Mapping[str, str | int], url: str, language: str, sign: str = "") -> str:
    """Return the whole message: who writes, the sentence, where to look."""
    return signed(notice_text(kind, params, url, language), sign, language)


def notice_text(kind: str, params: Mapping[str, str | int], url: str, language: str) -> str:
    """Return the sentence and where to look."""
    return f"{sentence(kind, params, language)} {settings.SITE_URL}{url}"


def bare_text(kind: str, phone: str, language: str) -> str:
    """Return what says only that there is news and whom to call; neither a case nor an address.

    What is said of the number itself is told as it is: it says nothing of a matter.
    """
    if kind in {Kind.PHONE_CHANGED, Kind.PHONE_ENTERED}:
        return sentence(kind, {}, language or settings.LANGUAGE_CODE)
    return in_language(BARE if phone else BARE_WITHOUT_PHONE, language).format(phone=phone)


def code_text(code: str, minutes: int, language: str) -> str:
    """Return the text that carries a sign-in code, without who writes."""
    return in_language(SIGN_IN_CODE, language).format(code=code, minutes=minutes)


def signing_code_text(code: str, minutes: int, language: str) -> str:
    """Return the text that carries a code for signing, without who writes."""
    return in_language(SIGNING_CODE, language).format(code=code, minutes=minutes)


def signed(text: str, sign: str, language: str) -> str:
    """Put who writes in front; a signature that is filed with a provider stands in its own brackets in any language."""
    if sign or not language.startswith("en"):
        return f"【{sign or SIGNATURE.zh}】{text}"
    return f"[{SIGNATURE.en}] {text}"
