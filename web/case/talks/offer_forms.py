"""The forms of bargaining: offers with their terms, sealed figures, answers, issues."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts.models import User
from cases import facts as declared
from cases.models import Party
from mediation import services as mediation
from mediation.models import Issue, Offer
from mediation.offer_table import Seen
from web.case.fact_form import AreaForm
from web.case.fields import OneParty
from web.case.talks.offer_parts import Table, TermRow, as_typed, last_day, offer_name, term_words
from web.frame.fields import AmountField, BoundedDate, BoundedMoment, line, radios, select, text
from workflows import talks

Mode = Offer.Mode
MOST_TERMS = 20


class OfferForm(AreaForm):
    """What the forms of bargaining share: they are open while talks go on, and know the table."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self._table: Table | None = None
        super().__init__(*args, **more)

    @property
    def table(self) -> Table:
        if self._table is None:
            self._table = Table(self.file)
        return self._table

    def own_party(self, label: Any) -> dict[str, forms.Field]:
        """Ask for which party, where this person acts for several."""
        return {"party": OneParty(self.file, self.file.mine, label=label)} if len(self.file.mine) > 1 else {}

    def chosen_party(self) -> Party | None:
        return self.cleaned_data.get("party") or next(iter(self.file.mine), None)

    @property
    def obstacle(self) -> str:
        return "" if self.open(self.file) else _("现在不在调解中，不能提出或答复方案。")


class MakeOffer(OfferForm):
    """A new offer; `of` names the one that it answers with another."""

    name, label, button = "offer", gettext_lazy("提出方案"), gettext_lazy("提出这个方案")
    fact = declared.talks.MAKE_OFFER
    done = gettext_lazy("方案已提出，各方和调解员都能看到。")
    whom = gettext_lazy("会通知各方和调解员有新的方案。")
    rows_label = gettext_lazy("方案内容（一项一项写；不用的留空）")

    @property
    def explanation(self) -> str:
        if not self.file.as_party:
            return _("写明谁、为谁、做什么、什么时候。各方都同意的事项可以直接写进协议。")
        left = min(self.table.limit.values(), default=0)
        return _("写明谁、为谁、做什么、什么时候。对方同意就算谈妥；没同意以前可以撤回。您还可以提出%(n)d次。") % {
            "n": left
        }

    @property
    def title(self) -> str:
        if self.countered is not None:
            return _("对方案%(n)d提出另一个方案") % {"n": self.countered.offer.number}
        return str(self.label) if self.file.as_party else _("提出调解建议方案")

    @property
    def obstacle(self) -> str:
        if not super().obstacle and not self.table.may_offer:
            return _("本轮调解中您这一方提出的方案已达上限；接下来请由调解员提出方案。")
        return super().obstacle

    def questions(self) -> dict[str, forms.Field]:
        self.countered = self.table.offer(self.of) if self.of else None
        if self.of and (self.countered is None or self.countered.offer.mode != Mode.OPEN):
            raise Http404
        self.rows = self._rows()
        found = self.own_party(_("代表哪一方"))
        if not self.file.as_party:
            choices = [
                (Mode.OPEN, _("公开：谁同意、谁不同意，各方都看得到")),
                (Mode.BLIND, _("各自答复：各方都同意才公开；没有都同意，谁答了什么都不公开")),
            ]
            found["mode"] = radios(_("怎样答复"), choices)
        found["text"] = text(_("为什么这样提"), rows=3, most=1000, required=False)
        found["expires_at"] = BoundedMoment(label=_("有效到什么时候"), initial=last_day)
        return found

    def _rows(self) -> list[TermRow]:
        issues = self.table.open_issues()
        if self.is_bound:
            typed = str(self.data.get("rows", ""))
            count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 3 else 1
            count = min(max(count, 1) + ("add_row" in self.data), MOST_TERMS)
            return [TermRow(self.file, issues, self.data, prefix=f"t{i}") for i in range(count)]
        first: list[dict[str, Any]] = [as_typed(term) for term in self.countered.terms] if self.countered else []
        agreed = self.table.agreed
        if not first:
            open_ones = [one for one in issues if one.pk not in agreed][:2]
            first = [{"issue": str(one.number)} for one in open_ones] or [{}]
        return [TermRow(self.file, issues, prefix=f"t{i}", initial=row) for i, row in enumerate(first[:MOST_TERMS])]

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        talks.propose(
            self.case,
            terms=[row.term() for row in self.rows if not row.is_blank],
            expires_at=given["expires_at"],
            mode=given.get("mode", Mode.OPEN),
            party=self.chosen_party(),
            text=given["text"],
            answers_to=self.countered.offer if self.countered else None,
            by=by,
            at=at,
        )


class SealOffer(OfferForm):
    """A sealed figure: at most for whoever pays, at least for whoever is paid."""

    name, label, button = "seal", gettext_lazy("密封报价"), gettext_lazy("密封这个报价")
    fact = declared.talks.SEAL_OFFER
    done = gettext_lazy("报价已密封，只有您这一方看得到。")
    lead = gettext_lazy(
        "写下您最多愿意付多少，或者最少要收多少。对方看不到，也不知道您报过价，中心也看不到；只有双方的报价碰上了"
        "（付的不少于收的，付款日期不晚于要求的日期），才按两个数的正中间谈妥，并且对双方都算数。每次报价算一次方案。"
    )
    whom = gettext_lazy("不会通知任何人。")

    @property
    def obstacle(self) -> str:
        if not super().obstacle and not self.table.may_offer:
            return _("本轮调解中您这一方提出的方案已达上限；接下来请由调解员提出方案。")
        return super().obstacle

    def questions(self) -> dict[str, forms.Field]:
        issues = self.table.open_issues()
        others = [party for party in self.file.parties if party not in self.file.mine]
        choices = [(str(issue.number), f"{issue.number}. {issue.title}"[:60]) for issue in issues]
        return {
            **self.own_party(_("代表哪一方")),
            "issue": select(_("哪个争议事项"), choices),
            "pays": radios(_("谁付钱"), [("me", _("我方付给对方")), ("other", _("对方付给我方"))]),
            "other": OneParty(self.file, others, label=_("对方是谁")),
            "amount": AmountField(label=_("金额（元）"), help_text=_("我方付：最多付这么多。对方付：最少要这么多。")),
            "due": BoundedDate(label=_("最晚哪一天付"), help_text=_("我方付：这一天前付清。对方付：最晚等到这一天。")),
            "manner": line(_("怎么付"), most=200, help_text=_("例如：银行转账")),
            "expires_at": BoundedMoment(label=_("有效到什么时候"), initial=last_day),
            "shown_to_mediator": forms.BooleanField(label=_("让调解员看到我的报价（对方仍然看不到）"), required=False),
        }

    def clean_amount(self) -> Decimal:
        amount = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(_("请填写金额，例如 18600。"))
        return Decimal(amount)

    def save(self, *, by: User, at: datetime) -> None:
        given, me = self.cleaned_data, self.chosen_party()
        if me is None:
            raise mediation.MediationError(_("密封报价由当事人自己提出。"))
        issue = next(one for one in self.table.issues if str(one.number) == given["issue"])
        doer, receiver = (me, given["other"]) if given["pays"] == "me" else (given["other"], me)
        term = mediation.Term(
            issue=issue,
            doer=doer,
            receiver=receiver,
            what=gettext_noop("就“%(issue)s”付款") % {"issue": issue.title[:200]},
            amount=given["amount"],
            manner=given["manner"],
            due=given["due"],
        )
        talks.seal(
            self.case,
            term=term,
            party=me,
            expires_at=given["expires_at"],
            shown_to_mediator=given["shown_to_mediator"],
            by=by,
            at=at,
        )


class AboutOffer(OfferForm):
    """A form about one offer, named by its key."""

    @property
    def seen(self) -> Seen:
        seen = self.table.offer(self.of) if _is_key(self.of) else None
        if seen is None:
            raise Http404
        return seen

    @property
    def shown(self) -> list[tuple[str, str]]:
        words = "\n".join(f"{term.issue.number}. {term_words(self.file, term)}" for term in self.seen.terms)
        return [
            (_("方案"), offer_name(self.file, self.seen.offer)),
            (_("内容"), words),
            (_("说明"), self.seen.offer.text),
        ]


class AnswerOffer(AboutOffer):
    """Yes or no, issue by issue; to a blind offer, to the whole."""

    name, label, button = "answer", gettext_lazy("答复方案"), gettext_lazy("就这样答复")
    fact = declared.talks.ANSWER_OFFER
    done = gettext_lazy("答复已记下。")

    @property
    def blind(self) -> bool:
        return self.seen.offer.mode == Mode.BLIND

    @property
    def explanation(self) -> str:
        if self.blind:
            return _(
                "各方都同意才公开；没有都同意，谁答了什么都不公开，调解员也不知道。到期以前可以改，以最后一次为准。"
            )
        return _("逐项选择。各方都同意的事项就谈妥了，可以写进协议；答复以后不能改。")

    @property
    def told(self) -> str:
        return _("只有各方都同意了才会通知。") if self.blind else _("会通知对方和调解员。")

    @property
    def obstacle(self) -> str:
        if super().obstacle:
            return super().obstacle
        if self.seen.state:
            return _("这个方案已经有了结果，不能再答复，请看最新情况。")
        return ""

    def questions(self) -> dict[str, forms.Field]:
        answers = [("yes", _("同意")), ("no", _("不同意"))]
        found = self.own_party(_("代表哪一方"))
        if self.blind:
            return found | {"whole": radios(_("对整个方案"), answers)}
        mine = next(iter(self.file.mine), None)
        issues = {term.issue_id: term.issue for term in self.seen.terms}
        wanted = self.seen.unanswered(mine.pk) if mine and not found else list(issues)
        for key in wanted or issues:
            issue = issues[key]
            found[f"issue_{issue.number}"] = radios(f"{issue.number}. {issue.title}", answers, row=True)
        found["words"] = text(_("想说明的（对方看得到）"), rows=2, most=300, required=False)
        return found

    def save(self, *, by: User, at: datetime) -> None:
        party = self.chosen_party()
        if party is None:
            raise mediation.MediationError(_("只能代表自己这一方答复。"))
        if self.blind:
            talks.answer_blind(self.seen.offer, party=party, yes=self.cleaned_data["whole"] == "yes", by=by, at=at)
            return
        keys = {f"issue_{term.issue.number}": term.issue_id for term in self.seen.terms}
        answers = {keys[name]: value == "yes" for name, value in self.cleaned_data.items() if name in keys}
        talks.answer(self.seen.offer, party=party, answers=answers, words=self.cleaned_data["words"], by=by, at=at)


class WithdrawOffer(AboutOffer):
    name, label = "withdraw", gettext_lazy("撤回方案")
    fact = declared.talks.WITHDRAW_OFFER
    lead = gettext_lazy("撤回以后各方不能再答复这个方案；已经谈妥的事项不受影响。")
    done = gettext_lazy("方案已撤回。")
    danger = True

    @property
    def told(self) -> str:
        return "" if self.seen.offer.mode == Mode.SEALED else _("会通知各方和调解员。")

    def save(self, *, by: User, at: datetime) -> None:
        talks.withdraw(self.seen.offer, by=by, at=at)


class AddIssue(OfferForm):
    name, label = "issue", gettext_lazy("添加争议事项")
    fact = declared.talks.ADD_ISSUE
    lead = gettext_lazy("申请人的每一项请求已经在列；谈的时候出现的新问题可以加上。")
    done = gettext_lazy("已添加。")

    def questions(self) -> dict[str, forms.Field]:
        return {"issue": line(_("争议的是什么"), most=500)}

    def save(self, *, by: User, at: datetime) -> None:
        mediation.add_issue(self.case, title=self.cleaned_data["issue"], by=by, at=at)


class AboutIssue(OfferForm):
    """A form about one issue, named by its number."""

    @property
    def issue(self) -> Issue:
        found = next((one for one in self.table.issues if str(one.number) == self.of), None)
        if found is None:
            raise Http404
        return found

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(_("争议事项"), self.issue.title)]


class EndIssue(AboutIssue):
    name, label = "end-issue", gettext_lazy("不再协商这一项")
    fact = declared.talks.END_ISSUE
    lead = gettext_lazy("这一项不再谈，其余的可以继续谈、先签协议。")
    done = gettext_lazy("已停止协商这一项。")
    whom = gettext_lazy("会通知各方。")

    def questions(self) -> dict[str, forms.Field]:
        return {"reason": text(_("为什么不再谈"), rows=2, most=300)}

    def save(self, *, by: User, at: datetime) -> None:
        talks.end_issue(self.issue, reason=self.cleaned_data["reason"], by=by, at=at)


class ResumeIssue(AboutIssue):
    name, label = "resume-issue", gettext_lazy("恢复协商这一项")
    fact = declared.talks.RESUME_ISSUE
    lead = gettext_lazy("这一项可以再提出方案。")
    done = gettext_lazy("已恢复协商这一项。")

    def save(self, *, by: User, at: datetime) -> None:
        mediation.resume_issue(self.issue, by=by, at=at)


def _is_key(text_: str) -> bool:
    try:
        UUID(text_)
    except ValueError:
        return False
    return True


OFFER_FORMS: dict[str, type[AreaForm]] = {
    form.name: form for form in (MakeOffer, SealOffer, AnswerOffer, WithdrawOffer, AddIssue, EndIssue, ResumeIssue)
}
