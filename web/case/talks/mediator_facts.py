"""Who mediates: proposed by a party, named by the director, accepted or declined, challenged and decided."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from cases.choices import Status
from mediation import services as mediation
from mediation.models import Challenge
from web.case.case_file import CaseFile
from web.case.fact_form import FactForm
from web.case.fields import MediatorField, party_label
from web.frame.fields import radios, text
from workflows import mediators

CENTRE = "centre"  # "whoever the centre names", among the mediators to choose from


class ChooseMediator(FactForm):
    name, label, button = "choose-mediator", gettext_lazy("选定调解员"), gettext_lazy("就选这一位")
    fact = declared.talks.CHOOSE_MEDIATOR
    lead = gettext_lazy("双方选同一位，就请这一位调解；选得不同或者没有选，期限到了由中心主任指派。")
    done = gettext_lazy("已记录您的选择。")
    whom = gettext_lazy("中心会看到您的选择，对方看不到；双方选了同一位才会生效。")

    def questions(self) -> dict[str, forms.Field]:
        # In the order of the roster: the ranking would tell of load and of earlier cases.
        fitting = sorted((c for c in mediation.candidates(self.case) if c.fits), key=lambda c: c.mediator.pk)
        mine = next((self.file.choices[p.pk] for p in self.file.mine if p.pk in self.file.choices), None)
        first = (str(mine.mediator_id) if mine.mediator_id else CENTRE) if mine else None
        leave = (CENTRE, _("都可以，由中心指派"))
        return {"mediator": MediatorField(fitting, label=_("调解员"), initial=first, to_public=True, also=[leave])}

    def save(self, *, by: User, at: datetime) -> None:
        found = self.cleaned_data["mediator"]
        mediators.choose(self.case, found.mediator if found else None, by=by, at=at)


class Nominate(FactForm):
    name, label, button = "nominate", gettext_lazy("指派调解员"), gettext_lazy("请这一位调解员答复")
    fact = declared.talks.NOMINATE
    done = gettext_lazy("已请这位调解员在期限内答复。")
    whom = gettext_lazy("会通知这位调解员；他接受并签署披露声明以后，再通知各方。")

    @property
    def title(self) -> str:
        return _("指派调解员") if self.case.status == Status.ACCEPTED else _("更换调解员")

    @classmethod
    def lead_on(cls, file: CaseFile) -> str:
        if file.case.status == Status.ACCEPTED:
            return _("按专长、地区、与企业的案件数和在办件数排列。双方共同选定的，以选定的为准。")
        if mediation.is_taken_over(file.case):
            return _("新调解员接受并签署披露声明以后接手，案件从现在的步骤继续；原调解员不再能查看本案。")
        return _("新调解员接受并签署披露声明以后接手，从第一次调解会重新准备；原调解员不再能查看本案。")

    def questions(self) -> dict[str, forms.Field]:
        ranked = [c for c in mediation.candidates(self.case) if c.mediator.user_id != self.case.mediator_id]
        joint = mediation.joint_choice(self.case) if self.case.status == Status.ACCEPTED else None
        field = MediatorField(ranked, label=_("调解员"), help_text=choice_words(self.file, joint))
        if self.case.status == Status.ACCEPTED:
            return {"mediator": field}
        hint = _("例如：回避成立、当事人要求、调解员患病或者本人要求。")
        return {"reason": text(_("更换的原因"), most=500, help_text=hint), "mediator": field}

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        mediators.nominate(self.case, given["mediator"].mediator.user, by=by, at=at, reason=given.get("reason", ""))


def choice_words(file: CaseFile, joint: Any) -> str:
    """Say for the director whom the parties want."""
    names = {
        file.name_of(p): file.choices[p.pk].mediator or _("由中心指派") for p in file.parties if p.pk in file.choices
    }
    if not names:
        return _("双方还没有选。") if file.case.status == Status.ACCEPTED else ""
    words = _("；").join(name + _("：") + str(mediator) for name, mediator in names.items())
    return (_("双方共同选定：%(words)s") if joint else _("当事人的选择：%(words)s")) % {"words": words}


class Answer(FactForm):
    """What the nominated mediator answers, or the director records of it."""

    def disclosure_questions(self) -> dict[str, forms.Field]:
        choices = [
            ("no", _("没有需要披露的关系")),
            ("yes", _("有关系，写明如下，请各方表示意见")),
        ]
        hint = _("近亲属、任职或兼职、经济往来、曾经代理、同住一个小区等，可能让人怀疑不公正的，都要写。")
        return {
            "has_interest": radios(_("与各方当事人、代理人和本案的关系"), choices),
            "statement": text(_("是什么关系"), most=1000, required=False, help_text=hint),
        }

    @property
    def disclosed(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"statement": given["statement"], "has_interest": given["has_interest"] == "yes"}


class RecordDisclosure(Answer):
    name, label = "record-disclosure", gettext_lazy("登记调解员的纸质披露声明")
    fact = declared.talks.RECORD_DISCLOSURE
    lead = gettext_lazy("调解员已经在纸质披露声明上亲笔签名的，照原件登记，原件入卷。")
    done = gettext_lazy("已登记披露声明。")

    def questions(self) -> dict[str, forms.Field]:
        return self.disclosure_questions()

    def save(self, *, by: User, at: datetime) -> None:
        mediators.record_acceptance(self.case, by=by, at=at, **self.disclosed)


class Waive(FactForm):
    """What a party says to the disclosed interest."""

    name, label, button = "waive", gettext_lazy("对调解员的披露表示意见"), gettext_lazy("确定")
    fact = declared.talks.WAIVE
    done = gettext_lazy("已记录对披露的意见。")
    whom = gettext_lazy("中心会看到。")

    @property
    def title(self) -> str:
        return super().title if self.file.as_party else _("登记当事人对披露的书面意见")

    @classmethod
    def lead_on(cls, file: CaseFile) -> str:
        if file.as_party:
            return _("拟任调解员告诉大家他有下面的关系。您不介意，就请他调解；您介意，中心另请一位。不用说明理由。")
        return _("照当事人签名的纸质意见登记，原件入卷；不能代替当事人表示。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        found = self.file.nomination
        if found is None or found.disclosure is None:
            return []
        return [(_("拟任调解员"), str(found.mediator)), (_("披露的内容"), found.disclosure.statement)]

    def questions(self) -> dict[str, forms.Field]:
        rows = self.rows_of(self.file)
        choices = [("yes", _("我知道了，不提异议")), ("no", _("我有异议，请另换一位"))]
        if not self.file.as_party:
            choices = [("yes", _("不提异议")), ("no", _("有异议"))]
        found: dict[str, forms.Field] = {}
        if len(rows) > 1 or not self.file.as_party:
            found["party"] = self.party_named(rows)
        return {**found, "given": radios(_("意见"), choices)}

    def save(self, *, by: User, at: datetime) -> None:
        party = self.cleaned_data.get("party") or self.rows_of(self.file)[0]
        given = self.cleaned_data["given"] == "yes"
        mediators.waive(self.case, party, given=given, by=by, at=at, on_paper=not self.file.as_party)


class DecideChallenge(FactForm):
    name, label, button = "decide-challenge", gettext_lazy("决定回避申请"), gettext_lazy("作出决定")
    fact = declared.talks.DECIDE_CHALLENGE
    lead = gettext_lazy("回避成立的，另行指派调解员；不成立的，恢复调解。决定和理由都会告诉各方。")
    done = gettext_lazy("已作出决定。")
    whom = gettext_lazy("会通知各方和被申请回避的调解员。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        return challenge_words(self.file, self.file.challenge) if self.file.challenge else []

    def questions(self) -> dict[str, forms.Field]:
        choices = [("yes", _("回避成立，换调解员")), ("no", _("回避不成立，恢复调解"))]
        return {"upheld": radios(_("决定"), choices), "reason": text(_("理由"), most=500)}

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        mediators.decide(self.case, upheld=given["upheld"] == "yes", reason=given["reason"], by=by, at=at)


def challenge_words(file: CaseFile, challenge: Challenge) -> list[tuple[str, str]]:
    """Return a challenge as label and text."""
    who = party_label(file, challenge.party) if challenge.party else str(challenge.by)
    return [
        (_("谁申请"), who),
        (_("被申请回避的调解员"), str(challenge.mediator)),
        (_("理由"), str(challenge.get_grounds_display())),
        (_("具体情况"), challenge.text),
    ]
