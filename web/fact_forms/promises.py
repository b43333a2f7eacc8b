"""Promises and call-backs."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import services
from cases.choices import (
    ConsentHow,
    ConsentMatter,
    Satisfaction,
    Solved,
)
from mediation import services as mediation
from web.action_forms import promise_words, state_of, variation_words
from web.case_file import CaseFile
from web.fact_forms.base import FactForm, S
from web.form_parts import (
    STAFF_HOW,
    BoundedDate,
    line,
    radios,
    select,
    text,
)


class PromiseFact(FactForm):
    """Something about one promise of the agreement in force."""

    statuses = frozenset({S.PERFORMING})

    @classmethod
    def rows_of(cls, file: CaseFile) -> list[Any]:
        return [p for p in file.promises if p.performed_on is None]

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        return super().open(file) and bool(cls.rows_of(file))

    def which(self) -> forms.TypedChoiceField:
        words = lambda p: promise_words(self.file, p) + " " + state_of(p)  # noqa: E731
        return self.one(_("哪一项"), self.rows_of(self.file), words)


class Performance(PromiseFact):
    name, label = "performance", gettext_lazy("记录已履行")
    permissions = ("case.record_performance",)
    lead = gettext_lazy("写明哪天、怎样做的，最好附上凭证（先上传转账回单、照片等材料）。")
    done = gettext_lazy("已记录履行。")

    def questions(self) -> dict[str, forms.Field]:
        proofs = [e for e in self.file.evidence if not self.file.as_party or e.provided_by_id == self.file.user.pk]
        found: dict[str, forms.Field] = {
            "obligation": self.which(),
            "on": BoundedDate(label=_("哪天做的"), initial=timezone.localdate),
            "note": line(_("怎样做的，凭证是什么"), most=300, required=False),
        }
        if proofs:
            rows = {str(e.pk): e for e in proofs}
            found["proof"] = forms.TypedChoiceField(
                label=_("凭证"), choices=[("", "—"), *((k, str(e)) for k, e in rows.items())],
                coerce=rows.get, empty_value=None, required=False,
                error_messages={"invalid_choice": _("请从列表中选择一项。")},
            )  # fmt: skip
        return found

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        mediation.record_performance(
            given["obligation"], on=given["on"], proof=given.get("proof"), note=given["note"], by=by, at=at
        )


class ConfirmPerformance(PromiseFact):
    name, label = "confirm-performance", gettext_lazy("确认对方已履行")
    permissions = ("case.confirm_performance",)
    lead = gettext_lazy("确认对方说做了的事确实做到了。")
    done = gettext_lazy("已确认。")

    @classmethod
    def rows_of(cls, file: CaseFile) -> list[Any]:
        own = {p.pk for p in file.mine}
        return [p for p in file.promises if p.performed_on and not p.confirmed_at and p.doer_id not in own]

    def questions(self) -> dict[str, forms.Field]:
        return {"obligation": self.which()}

    def save(self, *, by: User, at: datetime) -> None:
        mediation.confirm_performance(self.cleaned_data["obligation"], by=by, at=at)


class Urge(PromiseFact):
    name, label = "urge", gettext_lazy("督促履行")
    permissions = ("case.urge",)
    lead = gettext_lazy("记录一次督促；逾期且督促满两次，可以结束履行阶段，告知申请人可以起诉。")
    done = gettext_lazy("已记录督促。")

    @classmethod
    def rows_of(cls, file: CaseFile) -> list[Any]:
        return [p for p in file.promises if p.performed_on is None and p.due < file.today]

    def questions(self) -> dict[str, forms.Field]:
        return {
            "obligation": self.which(),
            "how": select(_("怎样督促的"), STAFF_HOW, initial=ConsentHow.PHONE),
            "note": line(_("说明"), most=300, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        mediation.urge(given["obligation"], how=given["how"], note=given["note"], by=by, at=at)


class AskVariation(FactForm):
    name, label = "ask-variation", gettext_lazy("要求变更协议")
    permissions = ("case.consent",)
    statuses = frozenset({S.PERFORMING})
    lead = gettext_lazy(
        "协议已经生效，各方都要照着做。只有每一方都要求变更，才能回到调解重新商量；在那以前，原协议继续有效。"
    )
    done = gettext_lazy("已记录您的意见。")
    whom = gettext_lazy("中心的工作人员会马上看到。")

    def questions(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {}
        if len(self.file.mine) > 1:
            found["party"] = self.party_named(self.file.mine, _("代表哪一方"))
        choices = [("yes", _("我要求变更协议")), ("no", _("我不要求变更（或者收回以前的要求）"))]
        return {
            **found,
            "answer": radios(_("您的意见"), choices),
            "note": line(_("想怎样变更"), most=300, required=False),
        }

    @property
    def shown(self) -> list[tuple[str, str]]:
        return variation_words(self.file)

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        services.record_consent(
            given.get("party") or self.file.mine[0],
            matter=ConsentMatter.VARIATION,
            given=given["answer"] == "yes",
            how=ConsentHow.ONLINE,
            note=given["note"],
            by=by,
            at=at,
        )


class FollowUpForm(FactForm):
    name, label = "follow-up", gettext_lazy("记录回访")
    permissions = ("case.follow_up",)
    statuses = frozenset({S.FOLLOWUP})
    lead = gettext_lazy("回访人不能是本案的调解员。联系不上的也要记录，满三次可以结案。")
    done = gettext_lazy("已记录回访。")

    def questions(self) -> dict[str, forms.Field]:
        blank = [("", _("—"))]
        return {
            "how": select(_("怎样回访"), STAFF_HOW, initial=ConsentHow.PHONE),
            "reached": radios(_("联系上了吗"), [("yes", _("联系上了")), ("no", _("没有联系上"))], row=True),
            "solved": select(_("申请人认为是否解决"), [*blank, *Solved.choices], required=False),
            "satisfaction": select(_("满意度"), [*blank, *Satisfaction.choices], required=False),
            "performance": line(_("协议履行情况"), most=200, required=False),
            "note": text(_("说明"), most=500, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        reached = given["reached"] == "yes"
        heard = {name: given[name] if reached or name == "note" else "" for name in HEARD}
        mediation.follow_up(self.case, how=given["how"], reached=reached, by=by, at=at, **heard)


HEARD = ("solved", "satisfaction", "performance", "note")
