"""Fields that only the forms of a case ask: its parties, who mediates, what is promised, how something was said."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import ConsentHow, Side
from cases.models import Ending, Party
from mediation.services import Candidate, Promise
from web.case.case_file import CaseFile
from web.frame.fields import PICK, AmountField, BoundedDate, line, radios, select
from web.frame.inputs import Hinted

STAFF_HOW = [c for c in ConsentHow.choices if c[0] != ConsentHow.ONLINE]
FEWEST_ROWS, MOST_ROWS = 5, 30


def how(label: Any, **more: Any) -> forms.ChoiceField:
    """Ask how somebody said something; whoever heard it says so."""
    return select(label, STAFF_HOW, **more)


def how_they_agreed(form: forms.Form, given: dict[str, Any]) -> dict[str, Any]:
    """Ask how those agreed who are said to agree now; who said so on the site is not asked again."""
    if given.get("agreed") and not given.get("how"):
        form.add_error("how", _("请选择他们是怎样表示同意的。"))
    return given


class OneParty(forms.TypedChoiceField):
    """One of the parties of the case; cleans to the party."""

    def __init__(self, file: CaseFile, parties: Sequence[Party], *, label: Any, **more: Any) -> None:
        self.found = {str(party.pk): party for party in parties}
        required = more.get("required", True)
        choices = [(str(p.pk), party_label(file, p)) for p in parties]
        widget = forms.RadioSelect()
        if not required:
            choices, widget = [("", _("（不填）")), *choices], forms.RadioSelect()
        initial = more.pop("initial", choices[0][0] if len(parties) == 1 and required else None)
        super().__init__(
            label=label,
            choices=choices,
            widget=widget,
            coerce=self.found.get,
            empty_value=None,
            initial=initial,
            error_messages={"required": PICK, "invalid_choice": PICK},
            **more,
        )


class SeveralParties(forms.TypedMultipleChoiceField):
    """Any of the parties of the case; cleans to a list of parties."""

    def __init__(self, file: CaseFile, parties: Sequence[Party], *, label: Any, **more: Any) -> None:
        self.found = {str(party.pk): party for party in parties}
        super().__init__(
            label=label,
            choices=[(str(p.pk), party_label(file, p)) for p in parties],
            widget=forms.CheckboxSelectMultiple(),
            coerce=self.found.get,
            empty_value=[],
            error_messages={"required": _("请至少选择一方。"), "invalid_choice": PICK},
            **more,
        )


def party_label(file: CaseFile, party: Party) -> str:
    return f"{party.get_side_display()} {file.name_of(party)}"


class MediatorField(forms.TypedChoiceField):
    """Mediators of the roster as ranked cards, each with what speaks for and against it; cleans to the candidate."""

    def __init__(
        self,
        ranked: Sequence[Candidate],
        *,
        label: Any,
        to_public: bool = False,
        also: Sequence[tuple[str, Any]] = (),
        **more: Any,
    ) -> None:
        self.found = {str(c.mediator.pk): c for c in ranked}
        words = public_hint if to_public else mediator_hint
        super().__init__(
            label=label,
            choices=[*((str(c.mediator.pk), Hinted(mediator_name(c), words(c))) for c in ranked), *also],
            widget=forms.RadioSelect(),
            coerce=self.found.get,
            empty_value=None,
            error_messages={"required": _("请选择调解员。"), "invalid_choice": PICK},
            **more,
        )


def mediator_name(found: Candidate) -> str:
    mark = "" if found.fits else _("（不能选）")
    return f"{found.mediator}{mark}"


def public_hint(found: Candidate) -> str:
    """What the parties read of a mediator: neither load nor interests."""
    return " · ".join(part for part in (found.mediator.profession, found.mediator.introduction) if part)


def mediator_hint(found: Candidate) -> str:
    parts = [found.mediator.profession, found.mediator.introduction, _("、").join(found.reasons)]
    parts += [_("上限 %(limit)d 件") % {"limit": found.limit}]
    parts += [_("不能选：%(why)s") % {"why": _("；").join(found.obstacles)}] if found.obstacles else []
    return " · ".join(part for part in parts if part)


def served_fields(file: CaseFile) -> dict[str, forms.Field]:
    """How and when the notice reaches the parties; not every applicant reads what stands online."""
    online = all(party.reachable_online for party in file.side(Side.APPLICANT))
    hint = "" if online else _("有申请人没有网上账号，看不到网上的通知。")
    return {
        "served_how": radios(_("怎样送达"), Ending.Served.choices, row=True, help_text=hint),
        "served_on": BoundedDate(label=_("送达日期"), initial=timezone.localdate),
    }


class PromiseRow(forms.Form):
    """One promise: who, for whom, what, how much, how, where, by when."""

    doer = forms.ChoiceField(label=gettext_lazy("谁来做"), required=False)
    receiver = forms.ChoiceField(label=gettext_lazy("向谁做"), required=False)
    what = line(gettext_lazy("做什么"), most=500, required=False)
    amount = AmountField(label=gettext_lazy("金额（元）"), required=False)
    manner = line(gettext_lazy("怎么做"), most=200, required=False)
    place = line(gettext_lazy("在哪里"), most=200, required=False)
    due = BoundedDate(label=gettext_lazy("什么时候以前"), required=False)
    proof_wanted = line(gettext_lazy("做到了以什么为凭"), most=200, required=False)

    def __init__(self, file: CaseFile, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.file = file
        choices = [("", "—"), *((str(p.pk), party_label(file, p)) for p in file.parties)]
        self.fields["doer"].choices = self.fields["receiver"].choices = choices  # type: ignore[attr-defined]

    @property
    def is_blank(self) -> bool:
        return not any(str(self.data.get(self.add_prefix(name), "")).strip() for name in self.fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.is_blank:
            return cleaned
        for name, sentence in {
            "doer": _("请选择谁来做。"),
            "what": _("请写明做什么。"),
            "manner": _("请写明怎么做，例如银行转账。"),
            "due": _("请填写什么时候以前。"),
        }.items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        if cleaned.get("doer") and cleaned.get("doer") == cleaned.get("receiver"):
            self.add_error("receiver", _("不能向自己履行，请选择另一方。"))
        return cleaned

    def promise(self) -> Promise:
        given = self.cleaned_data
        doer = self.file.party(int(given["doer"]))
        if doer is None:
            raise LookupError("the choices of the field are the parties of the case")
        return Promise(
            doer=doer,
            receiver=self.file.party(int(given["receiver"])) if given["receiver"] else None,
            what=given["what"],
            manner=given["manner"],
            place=given["place"],
            proof_wanted=given["proof_wanted"],
            due=given["due"],
            amount=given["amount"] if isinstance(given["amount"], Decimal) else None,
        )


def promise_rows(file: CaseFile, data: Any, initial: Sequence[dict[str, Any]] = ()) -> list[PromiseRow]:
    """Return the rows as typed, one more where "add a row" was pressed, or fresh ones; never fewer than five."""
    if data is None:
        count = max(FEWEST_ROWS, len(initial) + 1)
        first = [*initial, *({} for _i in range(count))]
        return [PromiseRow(file, prefix=f"p{i}", initial=first[i]) for i in range(min(count, MOST_ROWS))]
    typed = str(data.get("rows", ""))
    count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else FEWEST_ROWS
    count += "add_row" in data
    return [PromiseRow(file, data, prefix=f"p{i}") for i in range(min(max(count, FEWEST_ROWS), MOST_ROWS))]
