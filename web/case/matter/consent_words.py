"""What is asked for each consent, in plain words: the question, what follows from yes, what follows from no."""

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import ConsentMatter
from cases.models import ConsentRequest
from web.templatetags.look import due_day, moment


class Words(NamedTuple):
    """A question and what each answer leads to."""

    question: object
    yes: object
    no: object


WORDS: dict[str, Words] = {
    ConsentMatter.MEDIATION: Words(
        gettext_lazy("您是否同意由中心调解这件事？"),
        gettext_lazy("各方都同意，中心就受理并安排调解员；谈不谈得成、签不签协议仍由您决定，随时可以要求终止。"),
        gettext_lazy("不调解。您仍可以起诉或者向主管部门投诉，不会因此对您不利。"),
    ),
    ConsentMatter.FORWARD: Words(
        gettext_lazy("您是否同意把这件事先转给物业企业处理？"),
        gettext_lazy("企业会看到您写的事实和诉求，在期限内答复；看不到您的电话和住址。"),
        gettext_lazy("不转给企业，这件事照样办理。"),
    ),
    ConsentMatter.SHARE: Words(
        gettext_lazy("您是否同意把您的信息提供给别的单位？"),
        gettext_lazy("中心只把办这件事用得着的信息提供给下面写的单位。"),
        gettext_lazy("不提供，法律规定应当移送或者报告的除外。"),
    ),
    ConsentMatter.EXTENSION: Words(
        gettext_lazy("您是否同意延长调解期限？"),
        gettext_lazy("每一方都同意，期限才延长；延长以后您仍可以随时要求终止调解。"),
        gettext_lazy("期限不延长，照原来的日子届满。您仍可以起诉或者向主管部门投诉，不会因此对您不利。"),
    ),
    ConsentMatter.ORAL_FORM: Words(
        gettext_lazy("您是否同意不签书面协议，只登记口头协议？"),
        gettext_lazy("各方都同意，谈妥的事登记为口头协议，自达成之日起生效，和书面协议一样有约束力。"),
        gettext_lazy("谈妥的事要写成书面协议，由各方签名。"),
    ),
    ConsentMatter.ATTENDANCE: Words(
        gettext_lazy("您是否同意其他人旁听或者参加调解？"),
        gettext_lazy("下面写的人可以到场。"),
        gettext_lazy("他们不到场，调解照样进行。"),
    ),
    ConsentMatter.RECORDING: Words(
        gettext_lazy("您是否同意对调解会录音录像？"),
        gettext_lazy("各方都同意才录；录下的内容存入本案卷宗。"),
        gettext_lazy("不录音录像，调解照样进行。"),
    ),
    ConsentMatter.PUBLICITY: Words(
        gettext_lazy("您是否同意公开调解？"),
        gettext_lazy("各方都同意才公开，其他人可以旁听。"),
        gettext_lazy("不公开调解，调解照样进行。"),
    ),
    ConsentMatter.REMEDIATION: Words(
        gettext_lazy("您是否同意重新调解？"),
        gettext_lazy("每一方都同意，才能重新调解一次；原来的协议在新协议生效以前继续有效。"),
        gettext_lazy("这件事保持结案，原来的结果不变。"),
    ),
}  # fmt: skip


def question_of(row: ConsentRequest) -> str:
    """Return the question, with what makes it precise."""
    if row.days:
        return _("您是否同意把调解期限延长%(n)d日？") % {"n": row.days}
    return str(WORDS[row.matter].question)


def matter_of(row: ConsentRequest) -> str:
    """Name a question for a list."""
    if row.days:
        return _("%(matter)s（%(n)d日）") % {"matter": row.get_matter_display(), "n": row.days}
    return str(row.get_matter_display())


def asked_rows(row: ConsentRequest) -> list[tuple[str, str]]:
    """Return who asks, why, what exactly, until when, and what each answer leads to."""
    words = WORDS[row.matter]
    who = _("%(who)s，%(at)s") % {"who": row.asked_by or _("调处中心"), "at": moment(row.at)}
    rows = [
        (_("谁问的"), who),
        (_("为什么"), row.reason),
        (_("具体内容"), row.what),
        (_("请在这一天以前答复"), due_day(row.answer_by) if row.answer_by else ""),
        (_("同意的话"), str(words.yes)),
        (_("不同意的话"), str(words.no)),
    ]
    return [(label, text) for label, text in rows if text]
