"""Promises."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from cases import services
from cases.choices import (
    ConsentHow,
    ConsentMatter,
)
from cases.evidence import add_evidence
from web.case.agreement.actions import variation_words
from web.case.fact_form import FactForm
from web.case.fields import how
from web.case.rows import performance_words, promise_words, state_of
from web.frame.fields import AmountField, BoundedDate, line, radios, text
from web.frame.inputs import EvidenceField
from workflows import promises


class PromiseFact(FactForm):
    """Something about one promise of the agreement in force."""

    def which(self) -> forms.TypedChoiceField:
        words = lambda p: promise_words(self.file, p) + " " + state_of(p)  # noqa: E731
        return self.one(_("哪一项"), self.rows_of(self.file), words)


class Performance(PromiseFact):
    name, label = "performance", gettext_lazy("我已履行")
    fact = declared.agreement.PERFORMANCE
    lead = gettext_lazy("写明哪天、做了多少、怎样做的，最好拍一张转账回单、收条或者完工照片。做了一部分也可以记。")
    done = gettext_lazy("已记录。对方会收到通知，请对方确认收到。")
    multipart = True

    @property
    def title(self) -> str:
        return _("记录履行")

    def questions(self) -> dict[str, forms.Field]:
        rows = self.rows_of(self.file)
        found: dict[str, forms.Field] = {"obligation": self.which()}
        chosen = [p for p in rows if str(p.pk) == self.of] or rows
        if any(p.is_money for p in chosen):
            rest = chosen[0].rest() if len(chosen) == 1 else None
            words = _("还差%(rest)s元。这次全部付清的不用填；付了一部分的，只填这次付的。")
            hint = words % {"rest": f"{rest:,.2f}"} if rest else ""
            found["amount"] = AmountField(label=_("这次付了多少元"), required=False, help_text=hint)
        if not all(p.is_money for p in chosen):
            choices = [("all", _("全部做完了")), ("part", _("只做了一部分"))]
            found["extent"] = radios(_("做到哪一步（付款的不用选）"), choices, required=False, row=True)
        found["on"] = BoundedDate(label=_("哪天做的"), initial=timezone.localdate)
        found["note"] = line(_("怎样做的"), most=300, required=False, help_text=_("例如：微信转账，尾号1234。"))
        if self.file.may("case.add_evidence"):
            found["photo"] = EvidenceField(label=_("拍照或者选一个凭证文件"), required=False, allow_empty_file=True)
        proofs = [e for e in self.file.evidence if not self.file.as_party or e.provided_by_id == self.file.user.pk]
        if proofs:
            known = {str(e.pk): e for e in proofs}
            found["proof"] = forms.TypedChoiceField(
                label=_("或者用以前上传的材料"), choices=[("", "—"), *((k, str(e)) for k, e in known.items())],
                coerce=known.get, empty_value=None, required=False,
                error_messages={"invalid_choice": _("请从列表中选择一项。")},
            )  # fmt: skip
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        promise = given.get("obligation")
        if promise is not None and not promise.is_money and not given.get("extent"):
            self.add_error("extent", _("请选择做到哪一步。"))
        return given

    def save(self, *, by: User, at: datetime) -> None:
        """Keep the photo and the performance together, or neither."""
        given = self.cleaned_data
        proof = given.get("proof")
        if given.get("photo"):
            doer = self.file.party(given["obligation"].doer_id)
            purpose = _("履行凭证：%(what)s") % {"what": given["obligation"].what[:200]}
            proof = add_evidence(self.case, given["photo"], by=by, at=at, purpose=purpose, party=doer)
        promises.record_performance(
            given["obligation"],
            on=given["on"],
            proof=proof,
            note=given["note"],
            amount=given.get("amount") if given["obligation"].is_money else None,
            completes=given.get("extent") != "part",
            by=by,
            at=at,
        )


class PerformanceFact(FactForm):
    """Something about one performance that waits for the word of the other side, or is disputed."""

    def which(self) -> forms.TypedChoiceField:
        return self.one(_("哪一笔"), self.rows_of(self.file), self.words)

    def words(self, row: Any) -> str:
        promise = next(p for p in self.file.promises if p.pk == row.obligation_id)
        return f"{promise.what} · {performance_words(row)}"


class ConfirmPerformance(PerformanceFact):
    name, label, button = "confirm-performance", gettext_lazy("我已收到"), gettext_lazy("确认收到")
    fact = declared.agreement.CONFIRM_PERFORMANCE
    lead = gettext_lazy("请核对以后再确认；确认以后不能收回。")
    done = gettext_lazy("已确认收到。")

    def questions(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {"performance": self.which()}
        if not self.file.as_party:
            found["reason"] = line(_("怎样听到或者核实的"), most=300)
        return found

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        promises.answer_performance(given["performance"], received=True, reason=given.get("reason", ""), by=by, at=at)


class DisputePerformance(PerformanceFact):
    name, label, button = "dispute-performance", gettext_lazy("还没收到"), gettext_lazy("提出异议")
    fact = declared.agreement.DISPUTE_PERFORMANCE
    lead = gettext_lazy("对方说做了，您没有收到或者没有做好的，写明情况。这一笔先不算履行，调解员会来核实。")
    done = gettext_lazy("已记录。调解员和对方会收到通知。")

    def questions(self) -> dict[str, forms.Field]:
        return {"performance": self.which(), "reason": text(_("没有收到什么，或者哪里没有做好"), most=300)}

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        promises.answer_performance(given["performance"], received=False, reason=given["reason"], by=by, at=at)


class ReportMissing(PromiseFact):
    name, label, button = "report-missing", gettext_lazy("到期了还没收到"), gettext_lazy("告诉中心")
    fact = declared.agreement.REPORT_MISSING
    lead = gettext_lazy("约定的日期到了，对方也没有记录履行的，告诉我们；我们会督促对方。")
    done = gettext_lazy("已告诉调解员和对方。")

    def questions(self) -> dict[str, forms.Field]:
        return {"obligation": self.which(), "note": line(_("说明"), most=300, required=False)}

    def save(self, *, by: User, at: datetime) -> None:
        promises.report_missing(self.cleaned_data["obligation"], note=self.cleaned_data["note"], by=by, at=at)


class Urge(PromiseFact):
    name, label = "urge", gettext_lazy("督促履行")
    fact = declared.agreement.URGE
    lead = gettext_lazy(
        "逾期后3个、10个工作日各督促一次，每次制发督促履行函。督促满两次，可以结束履行阶段，告知对方可以起诉或者申请执行。"
    )
    done = gettext_lazy("已记录督促，制发了督促履行函（在“文书”里），并通知了义务方。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "obligation": self.which(),
            "how": how(_("怎样督促的")),
            "note": line(_("说明"), most=300, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        promises.urge(given["obligation"], how=given["how"], note=given["note"], by=by, at=at)


class AskVariation(FactForm):
    name, label = "ask-variation", gettext_lazy("要求变更协议")
    fact = declared.agreement.ASK_VARIATION
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
