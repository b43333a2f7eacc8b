"""Assign, begin, extend, suspend, resume."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import (
    ConsentHow,
    SuspensionReason,
)
from cases.clocks import MAX_EXTENSION_DAYS
from mediation.models import Session
from mediation.services import candidates
from web.action_forms.base import ActionForm
from web.form_parts import (
    BoundedMoment,
    MediatorField,
    SeveralParties,
    how,
    line,
    radios,
    text,
    tick,
)


class Assign(ActionForm):
    name = "assign"
    lead = gettext_lazy("指定调解员并记录其披露声明；双方和调解员都会知道。")

    def questions(self) -> dict[str, forms.Field]:
        if self.file.as_party:
            return {}
        ranked = candidates(self.case)
        chosen = {c.mediator_id for c in self.file.choices.values()}
        joint = len(chosen) == 1 and set(self.file.choices) >= {p.pk for p in self.file.parties}
        fitting = [str(c.mediator.pk) for c in ranked if c.fits and c.mediator.user_id != self.case.mediator_id]
        first = str(next(iter(chosen))) if joint else next(iter(fitting), None)
        return {
            "mediator": MediatorField(ranked, label=_("调解员"), initial=first, help_text=self._choice_hint(joint)),
            "has_interest": tick(_("有需要披露的关系（亲属、任职、利益往来等）"), required=False),
            "statement": text(
                _("披露内容"),
                most=1000,
                required=False,
                help_text=_("没有需要披露的关系时留空，记为“没有需要披露的关系”。"),
            ),
            "waived": tick(_("双方知情后书面表示不提异议"), required=False),
            "disclosed_how": how(_("披露声明的方式")),
        }

    def _choice_hint(self, joint: bool) -> str:
        names = {
            self.file.name_of(p): self.file.choices[p.pk].mediator
            for p in self.file.parties
            if p.pk in self.file.choices
        }
        if not names:
            return _("按专长、地区和在办件数排列。双方还没有选。")
        words = _("；").join(name + _("：") + str(mediator) for name, mediator in names.items())
        return (_("双方共同选定：%(words)s") if joint else _("当事人的选择：%(words)s")) % {"words": words}

    @property
    def shown(self) -> list[tuple[str, str]]:
        if not self.file.as_party:
            return []
        chosen = next(iter(self.file.choices.values()), None)
        return [(_("双方共同选定的调解员"), str(chosen.mediator))] if chosen else []

    def given(self) -> dict[str, Any]:
        found = super().given()
        if "mediator" in found:
            found["mediator"] = found["mediator"].mediator.user
        return found


class Reassign(Assign):
    name = "reassign"
    lead = gettext_lazy("更换调解员，案件回到“已指派”，由新调解员准备第一次调解会。")

    def questions(self) -> dict[str, forms.Field]:
        reason = text(_("更换的原因"), most=500, help_text=_("例如：回避成立、当事人要求、调解员患病或者本人要求。"))
        return {"reason": reason, **super().questions()}


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
            "notice": radios(_("通知"), Session.Notice.choices, row=True, initial="SERVED", required=False),
        }  # fmt: skip

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
                label=_("延长多少日"), min_value=1, max_value=MAX_EXTENSION_DAYS, initial=15,
                error_messages={
                    "min_value": _("每次延长1到%(n)d日。") % {"n": MAX_EXTENSION_DAYS},
                    "max_value": _("每次延长1到%(n)d日。") % {"n": MAX_EXTENSION_DAYS},
                },
            ),
            "agreed": SeveralParties(self.file, self.file.parties, label=label, required=False),
            "how": how(_("同意的方式")),
        }  # fmt: skip


class Suspend(ActionForm):
    name = "suspend"
    lead = gettext_lazy("暂时停止调解，停下的日子不计入调解期限。")

    def questions(self) -> dict[str, forms.Field]:
        choices = list(SuspensionReason.choices)
        if self.file.as_party:
            choices = [c for c in choices if c[0] == SuspensionReason.S01]
        first = choices[0][0] if len(choices) == 1 else None
        hint = _("您认为调解员与对方有亲属、利益等关系，可能影响公正的，写明是什么关系。") if self.file.as_party else ""
        return {
            "reason_code": radios(_("原因"), choices, initial=first),
            "reason": text(_("具体情况"), most=500, help_text=hint),
        }

    @property
    def title(self) -> str:
        return _("申请调解员回避") if self.file.as_party else super().title


class Resume(ActionForm):
    name = "resume"
    lead = gettext_lazy("恢复调解；停下的日子补回到调解期限里。")

    def questions(self) -> dict[str, forms.Field]:
        return {"reason": text(_("恢复的原因"), most=500)}
