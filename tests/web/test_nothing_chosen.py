"""No form of the product chooses for anybody what that person has to decide.

Every form is opened empty, on cases in every state and for everybody, and looked at as a browser shows it: a list
without a blank line at its head shows its first line as if it had been chosen.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.db import transaction
from django.utils import timezone

import web
from accounts.models import User
from cases.choices import Side, Status, Track
from cases.models import Case
from tests.cast import World
from tests.journeys import case_in, draft
from tests.web.test_consents import ask
from web.case.agreement.confirmation_forms import CONFIRMATION_FORMS, PackForm
from web.case.agreement.pages import SignForm
from web.case.case_file import CaseFile
from web.case.fields import PromiseRow
from web.case.matter.consent_forms import CONSENT_FORMS
from web.case.page.registry import FACTS, FORMS
from web.case.papers.document_forms import IssueForm
from web.case.papers.document_forms import ReasonForm as DocumentReasonForm
from web.case.papers.service import LetterForm
from web.case.papers.service_forms import SERVICE_FORMS
from web.case.talks.offer_forms import OFFER_FORMS
from web.case.talks.offer_parts import TermRow
from web.case.talks.session_forms import SESSION_FORMS
from web.desks.region import PeriodForm
from web.desks.unreachable import ReachedForm
from web.entrance.notices import WaysForm
from web.filing.caller_form import EntryForm
from web.filing.forms import CheckForm, StepForm
from web.filing.place_forms import PlaceForm
from web.filing.steps import ORDER
from web.register.account_forms import CentreForm, PersonForm, RoleForm
from web.register.mediator_forms import MediatorForm
from web.register.member_forms import CommitteeForm, CompanyForm, EstateForm, ImportForm, ServiceForm

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

RECORDED = "what is recorded of it now, to be changed"
# form, field → why something may stand there already.
ALLOWED: dict[tuple[str, str], str] = {
    ("Classify", "category"): RECORDED,
    ("Classify", "track"): RECORDED,
    ("Classify", "estate"): RECORDED,
    ("Classify", "flags"): RECORDED,
    ("DraftText", "wants_confirmation"): RECORDED,
    ("StartMediation", "rights_told"): "ticked only where it is recorded of every party",
    ("StartMediation", "identities_checked"): "ticked only where it is recorded of every party",
    ("CategoryForm", "group"): RECORDED,
    ("DetailForm", "category"): RECORDED,
    ("EstateForm", "estate"): RECORDED,
    ("DistrictForm", "district"): RECORDED,
    ("OtherSideForm", "who"): RECORDED,
    ("WayForm", "way"): RECORDED,
    ("YouForm", "acting_for"): RECORDED,
    ("YouForm", "relation"): RECORDED,
    ("PromiseRow", "doer"): "what stands in the text or was agreed, to be changed",
    ("PromiseRow", "receiver"): "what stands in the text or was agreed, to be changed",
    ("MakeOffer", "issue"): "the row of an issue, not what is offered for it",
    ("TermRow", "issue"): "the row of an issue, not what is offered for it",
    ("IssueForm", "about"): "the words below are about this one; another is chosen by its own page",
    ("PersonForm", "must_enrol_totp"): "the safer setting; nobody is bound by it but the account",
    ("PeriodForm", "span"): "which days a page of figures shows",
    ("WaysForm", "channel"): RECORDED,
    ("WaysForm", "language"): RECORDED,
    ("CentreForm", "honours_challenges"): RECORDED,
    ("ChooseMediator", "mediator"): RECORDED,
    ("AnswerSlots", "slot"): RECORDED,
}


def chosen(field: Any) -> bool:
    """Say whether a field, opened empty, shows an answer where there is more than one."""
    widget, value = field.field.widget, field.value()
    if isinstance(widget, forms.HiddenInput):
        return False
    if isinstance(widget, forms.CheckboxInput):
        return bool(value)
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.SelectMultiple):
        return bool(value)
    if not isinstance(widget, forms.RadioSelect | forms.Select):
        return False
    keys = [str(key) for key, _label in flat(widget.choices)]
    if len([key for key in keys if key]) < 2:
        return False  # the only choice
    picked = "" if value is None else str(value)
    if isinstance(widget, forms.RadioSelect):
        return bool(picked) and picked in keys
    return (picked or keys[0]) != "" and "" not in [picked if picked in keys else keys[0]]


def flat(choices: Any) -> Iterator[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label


def offending(form: Any) -> set[tuple[str, str]]:
    """The fields of a form that choose for somebody, without a written reason."""
    forms_here = [form, *getattr(form, "rows", [])]
    found = set()
    for one in forms_here:
        for field in one.visible_fields():
            name = type(one).__name__
            known = {(name, field.name), (type(form).__name__, field.name), (name, field.name.rpartition("_")[0])}
            if chosen(field) and not known & set(ALLOWED):
                found.add((name, field.name))
    return found


def on_cases(world: World) -> Iterator[tuple[Case, User]]:
    """A case in every state, one after the other, read by everybody who is in it."""
    for status in Status:
        before = transaction.savepoint()
        case = case_in(status, world)
        if status == Status.MEDIATING:
            ask(case, world)
        for user in world.people().values():
            if Case.objects.visible_to(user).filter(pk=case.pk).exists():
                yield Case.objects.get(pk=case.pk), user
        transaction.savepoint_rollback(before)


AREAS = (SESSION_FORMS, SERVICE_FORMS, OFFER_FORMS, CONFIRMATION_FORMS, CONSENT_FORMS)


def forms_of_cases(world: World) -> Iterator[Any]:
    for case, user in on_cases(world):
        file = CaseFile(case, user)
        for name, action in FORMS.items():
            if file.may(f"case.{name}"):
                yield action(file)
        for fact in FACTS.values():
            if fact.allowed(file) and fact.open(file):
                yield fact(file)
        for area in AREAS:
            yield from area_forms(area, file)
        if file.case.number and file.parties and file.may("case.issue_document"):
            yield from documents(file)
        agreement = file.unsigned_text
        if agreement is not None and file.mine and case.status == Status.SIGNING:
            yield SignForm(file, agreement, file.mine[0])


def area_forms(area: Any, file: CaseFile) -> Iterator[Any]:
    """The forms of an area, each about the first thing that it can be about."""
    from django.http import Http404

    number = "1"
    abouts = ["", number, *[str(row.pk) for row in file.case.services.all()[:1]]]
    abouts += [f"record-{number}", *[str(offer.key) for offer in file.case.offers.all()[:1]]]
    for kind in area.values():
        if not (kind.allowed(file) and kind.open(file)):
            continue
        for of in abouts:
            try:
                form = kind(file, of=of)
                form.visible_fields()
            except (Http404, IndexError):
                continue
            yield form
            break


def documents(file: CaseFile) -> Iterator[Any]:
    from documents.kinds import KINDS

    for kind in KINDS.values():
        yield IssueForm(file, kind)


def other_forms(world: World) -> Iterator[Any]:
    case = draft(world, timezone.now())
    Case.objects.filter(pk=case.pk).update(track=Track.COMPLAINT)
    case.parties.filter(side=Side.RESPONDENT).delete()
    case.refresh_from_db()
    yield EntryForm(centre=world.centre)
    yield PlaceForm()
    yield CheckForm(case=case)
    for step in ORDER:
        if isinstance(step.form, type) and issubclass(step.form, StepForm):
            yield step.form(case=case, user=world.resident)
    file = CaseFile(case_in(Status.MEDIATING, world, at=timezone.now()), world.mediator)
    yield PromiseRow(file, prefix="p0")
    yield TermRow(file, list(file.case.issues.all()), prefix="t0")
    yield RoleForm([world.centre, world.other_centre])
    yield from (PersonForm(), CentreForm(instance=world.centre), MediatorForm(None, [world.centre]))
    yield from (
        CompanyForm(centres=[world.centre]),
        EstateForm(centres=[world.centre]),
        CommitteeForm(),
        ServiceForm(),
        LetterForm(),
        ReachedForm(),
    )
    yield from (WaysForm(), PeriodForm(), PackForm(), ImportForm())
    yield from (DocumentReasonForm("mark"), DocumentReasonForm("revoke"))


def test_nothing_is_chosen_in_any_form_of_a_case(world: World) -> None:
    found: set[tuple[str, str]] = set()
    names: set[str] = set()
    for form in forms_of_cases(world):
        names.add(type(form).__name__)
        found |= offending(form)
    assert sorted(found) == []
    assert " ".join(sorted(without_a_look(names))) == ""


def test_nothing_is_chosen_in_any_other_form(world: World) -> None:
    found: set[tuple[str, str]] = set()
    names: set[str] = set()
    for form in other_forms(world):
        names.add(type(form).__name__)
        found |= offending(form)
    assert found == set()
    of_cases = {form.__name__ for group in (FORMS, FACTS, *AREAS) for form in group.values()}
    with_choices = {kind.__name__ for kind in every_form() if asks_to_choose(kind)}
    assert with_choices - names - of_cases - set(BUTTONS) == set()


# Forms that no page shows as fields.
BUTTONS = {"LeaveForm": "two buttons, one for each answer"}


def asks_to_choose(kind: type[forms.BaseForm]) -> bool:
    """Say whether a form declares a choice; those that make their fields when opened are named in `other_forms`."""
    fields = getattr(kind, "base_fields", {}).values()
    return any(isinstance(field, forms.ChoiceField | forms.BooleanField) for field in fields)


def every_form() -> set[type[forms.BaseForm]]:
    for module in pkgutil.walk_packages(web.__path__, "web."):
        importlib.import_module(module.name)
    found: set[type[forms.BaseForm]] = set()
    waiting: list[type[forms.BaseForm]] = [forms.Form, forms.ModelForm]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind not in found:
                found.add(kind)
                waiting.append(kind)
    return {kind for kind in found if kind.__module__.startswith("web.")}


# Forms that cannot be opened on the cases above, with what is asked in them.
ELSEWHERE = {
    "AnswerOffer": "an offer that stands: yes and no for each issue",
    "AnswerSlots": "times that are proposed",
    "FixSlot": "times that are proposed",
    "AnswerSupervision": "what the director asked",
    "DecideProposal": "a proposal that waits",
    "DecideChallenge": "a challenge that waits",
    "CorrectAgentPhone": "which agent",
    "DismissAgent": "which agent",
    "WithdrawEvidence": "which file",
    "Lapse": "no choice, and nobody's but the clock's",
}


# Facts that wait for something particular: opened where `test_fact_forms` brings them about.
IN_THEIR_OWN_CASE = (
    "decide-proposal", "decide-challenge", "waive", "say-solved", "confirm-performance", "dispute-performance",
    "report-missing", "urge", "meet-duty", "record-disclosure", "revoke-pass", "explain-overdue", "withdraw-message",
    "legal-check", "legal-return",
)  # fmt: skip


def without_a_look(names: set[str]) -> set[str]:
    """The forms of a case that nobody has opened here and that are not named with a reason."""
    known = {form.__name__ for group in (FORMS, FACTS, *AREAS) for form in group.values()}
    return known - names - set(ELSEWHERE) - {FACTS[name].__name__ for name in IN_THEIR_OWN_CASE}


def test_what_is_proposed_or_challenged_is_decided_with_nothing_chosen(world: World) -> None:
    from tests.web.test_fact_forms import TABLE

    for name in IN_THEIR_OWN_CASE:
        build, who, _given, _wrong = TABLE[name]
        before = transaction.savepoint()
        file = CaseFile(build(world), getattr(world, who))
        assert offending(FACTS[name](file)) == set()
        transaction.savepoint_rollback(before)


def test_a_list_without_a_blank_line_would_be_found() -> None:
    class Bad(forms.Form):
        kind = forms.ChoiceField(choices=[("a", "甲"), ("b", "乙")])
        tick = forms.BooleanField(initial=True)
        way = forms.ChoiceField(choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect, initial="b")
        good = forms.ChoiceField(choices=[("", "—"), ("a", "甲"), ("b", "乙")])
        only = forms.ChoiceField(choices=[("a", "甲")])

    assert offending(Bad()) == {("Bad", "kind"), ("Bad", "tick"), ("Bad", "way")}
