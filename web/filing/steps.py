"""The order of the questions: which page follows which, what is still missing, what to say in between."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.phones import national_phone
from cases.choices import Flag, ReferralTarget, Side, Status, Track
from cases.models import Case, Party
from cases.recognition import Referral, suggest_flags, suggest_referral
from cases.related import same_place
from members.selectors import serving_company
from web.filing import matter_forms, people_forms, place_forms
from web.filing.categories import is_settled, name_of
from web.filing.forms import StepForm
from web.filing.place_forms import districts, matching_estates


@dataclass(frozen=True)
class Step:
    """One page: its name in the address, its place in the count, its question."""

    slug: str
    number: int
    form: type[StepForm] | None = None


ORDER = (
    Step("place", 1),
    Step("estate", 1, place_forms.EstateForm),
    Step("district", 1, place_forms.DistrictForm),
    Step("category", 2, matter_forms.CategoryForm),
    Step("detail", 2, matter_forms.DetailForm),
    Step("facts", 3, matter_forms.FactsForm),
    Step("other-side", 4, people_forms.OtherSideForm),
    Step("way", 5, matter_forms.WayForm),
    Step("wish", 6, matter_forms.WishForm),
    Step("you", 7, people_forms.YouForm),
    Step("files", 8),
    Step("check", 9),
)
STEPS = {step.slug: step for step in ORDER}
COUNT = ORDER[-1].number


def url(case: Case, slug: str, *, checking: bool = False) -> str:
    return reverse("filing_step", args=[case.key, slug]) + ("?check=1" if checking else "")


def party(case: Case, side: str) -> Party | None:
    return next((one for one in case.parties.all() if one.side == side), None)


# --- what is missing ------------------------------------------------------------------------------------------


def first_missing(case: Case) -> str:
    """Return the first page that has no answer yet, or the last page."""
    missing = {
        _place_page(case): case.estate_id is not None or not _districts_open(case),
        "detail" if case.category_id else "category": is_settled(case.category),
        "facts": bool(case.facts),
        "other-side": party(case, Side.RESPONDENT) is not None,
        "way": bool(case.requests),
        "you": party(case, Side.APPLICANT) is not None,
    }
    return next((slug for slug, answered in missing.items() if not answered), "check")


def _districts_open(case: Case) -> bool:
    """Say whether the district is still to be chosen: only the city is known, and it has districts."""
    return case.region_id == case.region.city_code and bool(districts(case.region))


def _place_page(case: Case) -> str:
    return "estate" if matching_estates(case.region_id, case.estate_name) else "district"


def may_open(case: Case, slug: str) -> bool:
    """Say whether everything that comes before a page has its answer."""
    missing = first_missing(case)
    if slug == "detail" and case.category_id is None:
        return False
    return STEPS[slug].number <= STEPS[missing].number or (slug == "wish" and missing == "way")


# --- which page follows -----------------------------------------------------------------------------------------


def next_page(case: Case, slug: str, *, checking: bool) -> str:
    """Return the address after an answer: the next question, or back to the check where one answer was changed."""
    follow = {"place": _after_place, "estate": _after_estate}
    after = follow[slug](case) if slug in follow else ORDER[ORDER.index(STEPS[slug]) + 1].slug
    if slug in {"detail", "facts"} and _worth_saying(case, slug):
        return reverse("filing_elsewhere", args=[case.key]) + ("?check=1" if checking else "")
    if checking and STEPS[after].number != STEPS[slug].number:
        moved = STEPS[slug].number == STEPS["place"].number and _stranger_serves(case)
        after = "other-side" if moved else first_missing(case)
    return url(case, after, checking=checking and after != "check")


def _after_place(case: Case) -> str:
    if case.estate_id or not (case.region_id.endswith("00")):
        return "category"
    found = matching_estates(case.region_id, case.estate_name)
    return "estate" if found else _after_estate(case)


def _after_estate(case: Case) -> str:
    return "district" if case.estate_id is None and districts(case.region) else "category"


def _stranger_serves(case: Case) -> bool:
    """Say whether the estate was changed and the company named before does not serve the new one."""
    other = party(case, Side.RESPONDENT)
    serving = serving_company(case.estate)
    return other is not None and other.company_id is not None and serving is not None and other.company_id != serving.pk


def previous_page(case: Case, slug: str) -> str:
    """Return the address of the question before."""
    before = [step for step in ORDER if step.number < STEPS[slug].number]
    if slug == "detail":
        return url(case, "category")
    if slug in {"estate", "district"}:
        return url(case, "place")
    if not before:
        return reverse("filing_start")
    step = before[-1].slug
    return url(case, "place" if step in {"estate", "district"} else step)


# --- what to say in between ---------------------------------------------------------------------------------------


def referral_of(case: Case) -> Referral | None:
    """Return where the matter belongs instead, as far as is known by now."""
    return suggest_referral(case.title, case.facts, case.category_id or "")


def news(case: Case) -> Referral | None:
    """Return the referral to tell now: beside a danger, not again what the category had said."""
    by_category = suggest_referral("", "", case.category_id or "")
    now = referral_of(case)
    said_before = now is not None and by_category is not None and now.target == by_category.target
    return None if said_before and in_danger(case) else now


def in_danger(case: Case) -> bool:
    return Flag.SAFETY in suggest_flags(case.title, case.facts)


def _worth_saying(case: Case, slug: str) -> bool:
    """Say whether this answer brought up another way, or a danger, that was not said before."""
    by_category = suggest_referral("", "", case.category_id or "")
    if slug == "detail":
        return by_category is not None
    now = referral_of(case)
    return in_danger(case) or (now is not None and (by_category is None or by_category.target != now.target))


HOTLINES = {
    ReferralTarget.POLICE: "110",
    ReferralTarget.FIRE: "119",
    ReferralTarget.LABOUR: "12333",
    ReferralTarget.MARKET: "12315",
    ReferralTarget.PETITION: "12345",
}


def hotline(referral: Referral) -> str:
    """Return the number to ring: the body's own, else the general one."""
    return HOTLINES.get(referral.target, "12345")


def similar_cases(case: Case) -> int:
    """Count open matters of the same estate and kind, whoever brought them; never tip-offs."""
    if case.category is None:
        return 0
    rows = Case.objects.exclude(status__in=[Status.DRAFT, Status.CLOSED, Status.ARCHIVED]).exclude(track=Track.REPORT)
    return rows.filter(same_place(case), category__code__startswith=case.category.code[:2]).count()


def own_similar(case: Case, user: User) -> Case | None:
    """Return the open case that this person already has about the same estate and kind."""
    if case.category is None:
        return None
    rows = Case.objects.visible_to(user).exclude(status__in=[Status.DRAFT, Status.CLOSED, Status.ARCHIVED])
    return rows.filter(same_place(case), category__code__startswith=case.category.code[:2]).first()


# --- check your answers -------------------------------------------------------------------------------------------


def answers(case: Case) -> list[dict[str, Any]]:
    """List what was answered, each with the page that changes it."""
    return [
        {"label": label, "value": value, "change_url": url(case, slug, checking=True)}
        for slug, label, value in _answers(case)
    ]


def _answers(case: Case) -> list[tuple[str, str, str]]:
    applicant, respondent = party(case, Side.APPLICANT), party(case, Side.RESPONDENT)
    rows = [
        ("you", _("您是谁"), _who(applicant)),
        ("place", _("哪个小区"), place_of(case)),
        ("category", _("哪类问题"), name_of(case.category) if case.category else ""),
        ("facts", _("发生了什么"), case.facts),
        ("other-side", _("对方是谁"), respondent.name if respondent else ""),
        ("way", _("怎么办"), str(WAYS[case.track])),
        ("wish", _("您希望怎样解决"), _wish(case)),
        ("files", _("照片和材料"), _files(case)),
    ]
    return rows


WAYS = {value: hinted.label for value, hinted in matter_forms.WAYS}


def _who(applicant: Party | None) -> str:
    if applicant is None:
        return ""
    name = f"{applicant.name}（{applicant.representative}）" if applicant.representative else applicant.name
    return "\n".join(part for part in (f"{name}，{national_phone(applicant.phone)}", applicant.address) if part)


def place_of(case: Case) -> str:
    """Name the place: city, district, estate."""
    region = case.region
    names = [region.name] if region.parent is None or region.code.endswith("00") else [region.parent.name, region.name]
    return f"{' '.join(names)} {case.estate or case.estate_name}"


def _wish(case: Case) -> str:
    if case.amount is None:
        return case.requests
    amount = f"{case.amount:,.{2 if case.amount % 1 else 0}f}"
    return f"{case.requests}\n" + _("金额：%(amount)s 元") % {"amount": amount}


def _files(case: Case) -> str:
    count = case.evidence.filter(withdrawn_at__isnull=True).count()
    return ngettext("%(count)d 份", "%(count)d 份", count) % {"count": count} if count else _("没有")
