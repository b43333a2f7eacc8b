"""What the pages and forms of bargaining share: the table of issues and offers, a row of terms, offers in words."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Role
from cases.models import Party
from mediation import services as mediation
from mediation.models import Issue, Offer
from mediation.offer_table import Seen, seen_offers
from web.case.case_file import CaseFile
from web.case.fields import PromiseRow, party_label
from web.templatetags.look import due_day

Mode = Offer.Mode
DAYS = 7


class Table:
    """The issues and offers of one case as one person may see them, read once for a page."""

    def __init__(self, file: CaseFile) -> None:
        self.file, self.now = file, timezone.now()
        mine = [party.pk for party in file.mine]
        self.offers = seen_offers(file.case, mine=mine, mediator=file.has(Role.MEDIATOR), at=self.now)
        self.issues = list(file.case.issues.all())
        self.agreed = mediation.agreed_issues(file.case)
        self.limit = {party.pk: mediation.offers_left(file.case, party) for party in file.mine}

    @property
    def may_offer(self) -> bool:
        """Say whether this person may still make an offer in this round; the mediator always."""
        return not self.file.as_party or any(self.limit.values())

    def open_issues(self) -> list[Issue]:
        return [issue for issue in self.issues if issue.ended_at is None]

    def offer(self, key: str) -> Seen | None:
        return next((seen for seen in self.offers if str(seen.offer.key) == key), None)


def last_day() -> datetime:
    return datetime.combine(timezone.localdate() + timedelta(days=DAYS), time(18))


NEEDED = {
    "issue": gettext_lazy("请选择是哪个争议事项。"),
    "doer": gettext_lazy("请选择谁来做。"),
    "what": gettext_lazy("请写明做什么。"),
    "manner": gettext_lazy("请写明怎么做，例如银行转账。"),
    "due": gettext_lazy("请填写什么时候以前。"),
}


class TermRow(PromiseRow):
    """One thing that an offer says: for which issue, and everything that a promise says, and how it is proved."""

    issue = forms.ChoiceField(label=gettext_lazy("哪个争议事项"), required=False)
    field_order = ("issue", "doer", "receiver", "what", "amount", "manner", "place", "due", "proof_wanted")

    def __init__(self, file: CaseFile, issues: Sequence[Issue], *args: Any, **more: Any) -> None:
        self.issues = {str(issue.number): issue for issue in issues}
        super().__init__(file, *args, **more)
        choices = [(key, f"{key}. {issue.title}"[:60]) for key, issue in self.issues.items()]
        self.fields["issue"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]
        for name, sentence in NEEDED.items():  # a row that is left blank is not asked
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = sentence

    @property
    def is_blank(self) -> bool:
        typed = ("what", "amount", "manner", "place", "due", "proof_wanted")
        return not any(str(self.data.get(self.add_prefix(name), "")).strip() for name in typed)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("amount") == 0 and "amount" not in self.errors:
            self.add_error("amount", _("金额要大于零；没有金额的请留空。"))
        return cleaned

    def term(self) -> mediation.Term:
        promise = self.promise()
        return mediation.Term(
            issue=self.issues[self.cleaned_data["issue"]],
            doer=promise.doer,
            receiver=promise.receiver,
            what=promise.what,
            amount=promise.amount,
            manner=promise.manner,
            place=promise.place,
            due=promise.due,
            proof=promise.proof_wanted,
        )


def as_typed(term: Any) -> dict[str, Any]:
    return {
        "issue": str(term.issue.number),
        "doer": term.doer_id,
        "receiver": term.receiver_id or "",
        "what": term.what,
        "amount": f"{term.amount:.2f}" if term.amount is not None else "",
        "manner": term.manner,
        "place": term.place,
        "due": term.due,
        "proof_wanted": term.proof,
    }


def term_words(file: CaseFile, term: Any) -> str:
    """Say one term in a line: who, for whom, what, how much, how, where, by when, how proved."""
    who = party_label(file, term.doer)
    parts = [
        _("%(who)s向%(whom)s：") % {"who": who, "whom": party_label(file, term.receiver)}
        if term.receiver
        else f"{who}：",
        term.what,
        _("，%(amount)s元") % {"amount": f"{term.amount:,.2f}"} if term.amount is not None else "",
        _("，%(manner)s") % {"manner": term.manner},
        _("，地点：%(place)s") % {"place": term.place} if term.place else "",
        _("，%(due)s前") % {"due": due_day(term.due)},
        _("；以%(proof)s为证") % {"proof": term.proof} if term.proof else "",
    ]
    return "".join(parts)


def offer_name(file: CaseFile, offer: Offer) -> str:
    if offer.mode == Mode.SEALED:
        mine = offer.party_id in {party.pk for party in file.mine}
        return _("我方的密封报价") if mine else _("%(who)s的密封报价") % {"who": party_label(file, _of(file, offer))}
    if offer.mode == Mode.MET:
        return _("方案%(n)d（双方的密封报价碰上了）") % {"n": offer.number}
    if offer.party_id is None:
        return _("方案%(n)d（调解员的建议）") % {"n": offer.number}
    if offer.party_id in {party.pk for party in file.mine}:
        return _("方案%(n)d（我方提出）") % {"n": offer.number}
    return _("方案%(n)d（%(who)s提出）") % {"n": offer.number, "who": party_label(file, _of(file, offer))}


def _of(file: CaseFile, offer: Offer) -> Party:
    return next((party for party in file.case.parties.all() if party.pk == offer.party_id), offer.party)  # type: ignore[return-value]
