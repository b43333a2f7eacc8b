"""From the agreed text to its performance, or no agreement."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import (
    OTHER_ROUTES,
    ConsentMatter,
    PartyKind,
    Status,
    TerminationReason,
)
from cases.models import Party
from mediation import checks
from mediation import services as mediation
from web.case.action_form import ActionForm
from web.case.agreement.check_rows import check_rows
from web.case.agreement.text import lines_of
from web.case.case_file import CaseFile
from web.case.fields import STAFF_HOW, party_label, promise_rows, served_fields
from web.case.rows import promise_words, state_of
from web.frame.fields import line, radios, select, text

UNSAID = ""


class DraftAgreement(ActionForm):
    name = "draft_agreement"
    lead = gettext_lazy("把谈妥的文本交给各方签署，各方有5个工作日。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        agreement = self.file.unsigned_text
        if agreement is None:
            return [(_("协议文本"), _("还没有。请先“起草协议”。"))]
        agreement.case = self.case
        found = checks.results_of(checks.stored(agreement))
        blocking = [p.sentence for result in found for p in result.problems if p.blocks]
        warning = [p.sentence for result in found for p in result.problems if not p.blocks]
        rows = [(_("全文"), "\n".join(lines_of(self.file, agreement)))]
        rows += [(_("必须先改正"), "\n".join(blocking))] if blocking else []
        return rows + ([(_("请您留意"), "\n".join(warning))] if warning else [])


class AgreementText(ActionForm):
    """The text of an agreement and its items, row by row; what stands against it is shown beside it."""

    template = "web/case/agreement/draft.html"
    oral = False

    def __init__(self, file: CaseFile, data: Any = None, files: Any = None, **more: Any) -> None:
        super().__init__(file, data, files, **more)
        self.rows = promise_rows(file, data, self.first_rows())
        self.results: list[checks.Result] = []
        self.unfinished = False

    def first_rows(self) -> list[dict[str, Any]]:
        """Begin with the items of the text that stands, else with what the parties have agreed to."""
        if self.file.agreement is not None:
            return [first_row(p, p.proof_wanted) for p in self.file.promises]
        return [first_row(term, term.proof) for term in mediation.accepted_terms(self.case)]

    def text_questions(self) -> dict[str, forms.Field]:
        stands = self.file.agreement
        facts = stands.facts_and_issues if stands else self.case.facts
        hint = _("双方争的是什么，哪些事实没有争议。")
        return {
            "facts_and_issues": text(_("主要事实和争议"), most=5000, initial=facts, help_text=hint),
            "content": text(_("协议内容"), rows=6, most=10000, initial=stands.content if stands else ""),
        }

    def given(self) -> dict[str, Any]:
        return super().given() | {"promises": [row.promise() for row in self.rows if not row.is_blank]}

    def look(self) -> None:
        """Run the checks on what is typed; an item that is not complete cannot be judged yet."""
        self.unfinished = not self.is_valid()
        cleaned = getattr(self, "cleaned_data", {})
        promises = [row.promise() for row in self.rows if not row.is_blank and not row.errors]
        given = cleaned | {"promises": promises, "oral": self.oral}
        self.results = checks.results_of(checks.typed(self.case, **given))

    @property
    def check_rows(self) -> list[dict[str, Any]]:
        """What the checks say: on what was typed where that was asked, else on the text that stands."""
        stands = self.file.unsigned_text
        if not self.results and stands is not None and not self.is_bound:
            stands.case = self.case
            return check_rows(checks.results_of(replace(checks.stored(stands), oral=self.oral)), self.file)
        return check_rows(self.results, self.file)


def first_row(item: Any, proof: str) -> dict[str, Any]:
    """Say an item as its row begins."""
    return {
        "doer": str(item.doer.pk), "receiver": str(item.receiver.pk) if item.receiver else "", "what": item.what,
        "amount": item.amount, "manner": item.manner, "place": item.place, "due": item.due, "proof_wanted": proof,
    }  # fmt: skip


class SettleOrally(AgreementText):
    name, oral = "settle_orally", True
    lead = gettext_lazy("小额、当场能办清的事，各方认为不需要书面协议的，登记口头协议，当天生效，进入履行。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            **self.text_questions(),
            **({"owners_decision_number": owners_decision()} if self._has_committee() else {}),
            **{self._name(party): self._how(party) for party in self.file.parties},
        }

    def _has_committee(self) -> bool:
        return any(party.kind == PartyKind.COMMITTEE for party in self.file.parties)

    @staticmethod
    def _name(party: Party) -> str:
        return f"how_{party.pk}"

    def _how(self, party: Party) -> forms.Field:
        """Ask for one party how it said that no written agreement is needed; nothing, where it has not said so."""
        said = self.file.consented(party, ConsentMatter.ORAL_FORM)
        nothing = _("已经表示过，不另记") if said else _("还没有表示")
        label = _("%(party)s认为不需要书面协议，是怎样表示的") % {"party": party_label(self.file, party)}
        return select(label, [(UNSAID, nothing), *STAFF_HOW], required=False)

    def given(self) -> dict[str, Any]:
        given = super().given()
        hows = {party.pk: given.pop(self._name(party)) for party in self.file.parties}
        agreed = [party for party in self.file.parties if hows[party.pk] != UNSAID]
        return given | {"agreed": agreed, "hows": {party.pk: hows[party.pk] for party in agreed}}


def owners_decision(number: str = "") -> forms.Field:
    """Ask for the number of the owners' decision."""
    hint = _("使用维修资金、公共收益等须业主共同决定的事项。")
    return line(_("业主大会决定文号"), most=60, required=False, initial=number, help_text=hint)


class TakeEffect(ActionForm):
    name = "take_effect"
    lead = gettext_lazy(
        "各方签名、调解员签名和印章齐全，协议在最后一个签名或者盖章的那天生效，开始履行；30日内可以共同申请司法确认。"
    )

    @property
    def shown(self) -> list[tuple[str, str]]:
        agreement = self.file.agreement
        if agreement is None:
            return []
        yes, no = _("已签"), _("还没有签")
        rows = [(party.get_side_display(), yes if party.pk in self.file.signed else no) for party in self.file.parties]
        mediator = yes if agreement.mediator_signed_at else no
        seal = _("已盖章") if agreement.sealed_at else _("还没有盖章")
        return [*rows, (_("调解员签名"), mediator), (_("调解组织印章"), seal)]


class ReopenTalks(ActionForm):
    name, danger = "reopen_talks", True
    lead = gettext_lazy("现在的协议文本停用，回到调解。已生效的协议，只有各方都要求变更或者法院未予确认时才能这样做。")

    def questions(self) -> dict[str, forms.Field]:
        choices = [
            ("REFUSED", _("有当事人不接受文本（还没有生效）")),
            ("ALL_ASK", _("各方都要求变更")),
            ("COURT_REFUSED", _("法院未予司法确认")),
        ]
        if self.case.status == Status.PERFORMING:
            choices = choices[1:]
        return {"cause": radios(_("属于哪一种情形"), choices), "reason": text(_("具体原因"), most=300)}

    @property
    def shown(self) -> list[tuple[str, str]]:
        return variation_words(self.file) if self.case.status == Status.PERFORMING else []


def variation_words(file: CaseFile) -> list[tuple[str, str]]:
    """Say of every party whether it asks to vary the agreement in force."""
    words = {True: _("要求变更"), False: _("不要求变更"), None: _("还没有表示")}
    return [
        (f"{party.get_side_display()} {file.name_of(party)}", words[file.consented(party, ConsentMatter.VARIATION)])
        for party in file.parties
    ]


class Fail(ActionForm):
    name, danger = "fail", True
    lead = gettext_lazy("调解不成，终止调解，告知各方其他途径，3个工作日内送达终止通知书，之后回访。")

    def questions(self) -> dict[str, forms.Field]:
        proposal = next((p for p in self.file.waiting_proposals if p.action == "fail"), None)
        proposed = proposal.input if proposal else {}
        choices = [(code, f"{code} {label}") for code, label in TerminationReason.choices]
        return {
            "reason_code": radios(_("原因"), choices, initial=proposed.get("reason_code")),
            "reason_text": text(_("说明"), required=False),
            **served_fields(self.file),
        }

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(_("同时告知当事人"), str(OTHER_ROUTES))]


class FinishPerformance(ActionForm):
    name = "finish_performance"
    lead = gettext_lazy("约定的事都履行了（有凭证），或者逾期后督促满两次；进入回访。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(_("履行事项"), "\n".join(promise_words(self.file, p) + " " + state_of(p) for p in self.file.promises))]


class ReportBreach(ActionForm):
    name = "report_breach"
    lead = gettext_lazy("回访发现协议没有履行，案件回到履行阶段，督促义务方履行。")

    def questions(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {}
        if self.file.promises:
            rows = {str(p.pk): p for p in self.file.promises}
            found["broken"] = forms.TypedMultipleChoiceField(
                label=_("哪些约定没有履行"),
                choices=[(key, f"{promise_words(self.file, p)} {state_of(p)}") for key, p in rows.items()],
                widget=forms.CheckboxSelectMultiple(), coerce=rows.get, empty_value=[],
                error_messages={"required": _("请至少选择一项。"), "invalid_choice": _("请从列表中选择一项。")},
            )  # fmt: skip
        return {**found, "note": text(_("怎样知道的"), most=300)}
