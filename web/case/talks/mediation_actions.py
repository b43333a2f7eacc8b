"""Assign, begin, extend, suspend, resume."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.asking import days_agreed
from cases.choices import ConsentHow, SuspensionReason
from cases.clocks import MAX_EXTENSION_DAYS
from mediation.models import Challenge, Session
from mediation.services import candidates, is_ready
from web.case.action_form import ActionForm
from web.case.case_file import CaseFile
from web.case.fields import MediatorField, OneParty, SeveralParties, how, how_they_agreed
from web.frame.fields import BoundedMoment, line, radios, text, tick


class Assign(ActionForm):
    name = "assign"
    lead = gettext_lazy(
        "调解员已经在纸质披露声明上签名、声明没有需要披露的关系的，可以直接指派；其他情形先请调解员答复。"
    )

    @property
    def title(self) -> str:
        return _("指派调解员（已有纸质披露）")

    def questions(self) -> dict[str, forms.Field]:
        if is_ready(self.file.nomination):
            return {}
        ranked = candidates(self.case)
        signed = _("调解员本人已在纸质披露声明上签名，声明没有需要披露的关系，原件入卷")
        missing = _("披露声明要由调解员本人签署；还没有签的，请先请他答复。")
        return {
            "mediator": MediatorField(ranked, label=_("调解员")),
            "on_paper": tick(signed, error_messages={"required": missing}),
        }

    @property
    def shown(self) -> list[tuple[str, str]]:
        found = self.file.nomination
        return [(_("已接受并披露的调解员"), str(found.mediator))] if found and is_ready(found) else []

    def given(self) -> dict[str, Any]:
        found = super().given()
        if "mediator" in found:
            found["mediator"] = found["mediator"].mediator.user
        return found


class Reassign(Assign):
    name = "reassign"
    lead = gettext_lazy("更换调解员，案件回到“已指派”，由新调解员准备第一次调解会；原调解员不再能查看本案。")

    @property
    def title(self) -> str:
        return _("更换调解员（已有纸质披露）")

    def questions(self) -> dict[str, forms.Field]:
        found = self.file.nomination
        hint = _("例如：当事人要求、调解员患病或者本人要求。")
        first = found.reason if found else ""
        return {"reason": text(_("更换的原因"), most=500, help_text=hint, initial=first), **super().questions()}


class StartMediation(ActionForm):
    name = "start_mediation"
    lead = gettext_lazy("正式开始调解：先向每一方告知权利义务，核对身份，安排第一次调解会。")

    def questions(self) -> dict[str, forms.Field]:
        told = all(p.rights_told_at for p in self.file.parties)
        checked = all(p.identity_checked_at for p in self.file.parties)
        scheduled = bool([s for s in self.file.sessions if s.round == self.case.round])
        tomorrow = datetime.combine(self.file.today + timedelta(days=1), time(9, 30))
        return {
            "rights_told": tick(_("已向每一方告知调解的权利义务"), required=False, initial=told),
            "how": how(_("怎样告知的"), required=False),
            "identities_checked": tick(_("已核对每一方的身份"), required=False, initial=checked),
            "starts_at": BoundedMoment(
                label=_("第一次调解会的时间"), required=False, initial=None if scheduled else tomorrow,
                help_text=_("已经安排过的可以留空。") if scheduled else "",
            ),
            "place": line(_("地点或线上方式"), most=200, required=False),
            "notice": radios(_("通知"), Session.Notice.choices, row=True, required=False),
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Whoever calls the session or says that rights were told says how."""
        given = super().clean() or self.cleaned_data
        if given.get("starts_at") and not given.get("notice"):
            self.add_error("notice", _("请选择各方怎样知道这次调解会。"))
        told = all(party.rights_told_at for party in self.file.parties)
        if given.get("rights_told") and not told and not given.get("how"):
            self.add_error("how", _("请选择是怎样告知的。"))
        return given

    def given(self) -> dict[str, Any]:
        found = super().given()
        found["how"] = found["how"] or ConsentHow.ORAL
        found["notice"] = found["notice"] or Session.Notice.SERVED
        return found


class Extend(ActionForm):
    name = "extend"
    lead = gettext_lazy("每一方都同意，调解期限才能延长；最多延长两次，每次不超过30日，须在期限届满前办。")

    def questions(self) -> dict[str, forms.Field]:
        label = _("现在记录：哪些当事人同意延长")
        return {
            "days": forms.IntegerField(
                label=_("延长多少日"), min_value=1, max_value=MAX_EXTENSION_DAYS,
                initial=days_agreed(self.case, self.file.parties),
                error_messages={
                    "min_value": _("每次延长1到%(n)d日。") % {"n": MAX_EXTENSION_DAYS},
                    "max_value": _("每次延长1到%(n)d日。") % {"n": MAX_EXTENSION_DAYS},
                },
            ),
            "agreed": SeveralParties(self.file, self.file.parties, label=label, required=False),
            "how": how(_("同意的方式"), required=False),
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        return how_they_agreed(self, super().clean() or self.cleaned_data)

    def given(self) -> dict[str, Any]:
        found = super().given()
        return found if found["agreed"] else {name: value for name, value in found.items() if name != "how"}


class Suspend(ActionForm):
    name = "suspend"

    @property
    def title(self) -> str:
        return _("申请调解员回避") if self.file.as_party else super().title

    @classmethod
    def lead_on(cls, file: CaseFile) -> str:
        if not file.as_party:
            return _("暂时停止调解，停下的日子不计入调解期限。")
        if file.case.centre.honours_challenges:
            return _("您提出后，调解先停下，中心另请一位调解员。")
        return _("您提出后，调解先停下，由中心主任（不是被申请的人）决定换不换人，并告诉您理由。")

    def questions(self) -> dict[str, forms.Field]:
        grounds = radios(_("您认为调解员"), Challenge.Grounds.choices)
        if self.file.as_party:
            hint = _("写明是什么关系、您怎么知道的。选“不说明理由”的可以不写。")
            found = {"grounds": grounds, "reason": text(_("具体情况"), most=500, required=False, help_text=hint)}
            if len(self.file.mine) > 1:
                found["challenger"] = OneParty(self.file, self.file.mine, label=_("代表哪一方"))
            return found
        grounds.required, grounds.label = False, _("申请回避的，理由是调解员")
        who = _("申请回避的，是哪一方提出的")
        return {
            "reason_code": radios(_("原因"), list(SuspensionReason.choices)),
            "reason": text(_("具体情况"), most=500),
            "grounds": grounds,
            "challenger": OneParty(self.file, self.file.parties, label=who, required=False),
        }

    def given(self) -> dict[str, Any]:
        found = super().given()
        return {"reason_code": SuspensionReason.S01, **found} if self.file.as_party else found


class Resume(ActionForm):
    name = "resume"
    lead = gettext_lazy("恢复调解；停下的日子补回到调解期限里。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        found = self.file.nomination
        return [(_("接手的调解员"), str(found.mediator))] if found and is_ready(found) else []

    def questions(self) -> dict[str, forms.Field]:
        return {} if is_ready(self.file.nomination) else {"reason": text(_("恢复的原因"), most=500)}
