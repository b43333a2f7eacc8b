"""Whose turn it is: the rows say what the rules say, every case waits for somebody, and that somebody is there."""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, standing
from cases.choices import Status
from workflows.checks.base import Batch, Check
from workflows.checks.people import keys
from workflows.turns.models import Turn
from workflows.turns.settle import QUEUE_DIFFERS, differences

S = Status
OPEN = Q(closed_at__isnull=True)


def _differences(batch: Batch) -> dict[int, list[str]]:
    """What the rows say otherwise than the rules, by case; read once for the checks of one batch."""
    if "turns" not in batch.read:
        batch.read["turns"] = differences(list(batch.cases.select_related("centre", "category")), on=batch.today)
    found: dict[int, list[str]] = batch.read["turns"]
    return found


def other_turns(batch: Batch) -> set[int]:
    return {case for case, said in _differences(batch).items() if set(said) - {QUEUE_DIFFERS}}


def other_list(batch: Batch) -> set[int]:
    return {case for case, said in _differences(batch).items() if QUEUE_DIFFERS in said}


def silent(batch: Batch) -> Iterable[int]:
    waits = Exists(Turn.objects.filter(OPEN, case=OuterRef("pk")))
    ended = Q(status=S.CLOSED, filed_at=None) | Q(status=S.ARCHIVED)
    return keys(batch.cases.exclude(ended).exclude(waits))


def holder_gone(batch: Batch) -> Iterable[int | None]:
    held = Membership.objects.filter(standing(batch.today), user=OuterRef("holder"), user__is_active=True)
    rows = Turn.objects.filter(OPEN, case__in=batch.ids, holder__isnull=False)
    return rows.exclude(Exists(held)).values_list("case", flat=True)


def other_date(batch: Batch) -> Iterable[int | None]:
    rows = Turn.objects.filter(OPEN, case__in=batch.ids, deadline__isnull=False)
    wrong = ~Q(due=F("deadline__due")) | Q(deadline__state__in=["MET", "STOPPED"])
    return rows.filter(wrong).values_list("case", flat=True)


def waits_on_the_shelf(batch: Batch) -> Iterable[int | None]:
    rows = Turn.objects.filter(OPEN, case__in=batch.ids, case__status=S.ARCHIVED)
    return rows.values_list("case", flat=True)


MEND = _("请系统管理员运行 settle_turns，重新核对轮到谁办。")
CHECKS = (
    Check(
        "turns_as_the_facts_say",
        _("记着轮到谁办的，就是案件的事实所要求的。"),
        _("记着轮到谁办的和案件的事实不一致。"),
        MEND,
        other_turns,
    ),
    Check(
        "no_case_is_silent",
        _("每个没有归档的案件都在等一个人办一件事。"),
        _("案件没有在等任何人，不会有人去办。"),
        MEND,
        silent,
    ),
    Check(
        "turn_is_held_in_office",
        _("轮到办事的人都在任。"),
        _("轮到一个已经不在任的人办事。"),
        _("请把这个人的事移交给别人。"),
        holder_gone,
        page="do/hand-over/",
        by_clock=True,
    ),
    Check(
        "list_says_whose_turn_it_is",
        _("案件列表上写的等谁，就是第一个要办事的人。"),
        _("案件列表上写的等谁不对。"),
        MEND,
        other_list,
    ),
    Check(
        "turn_has_the_date_of_its_clock",
        _("要办的事的日期就是它的期限。"),
        _("要办的事的日期和期限不一致。"),
        MEND,
        other_date,
        page="deadlines/",
    ),
    Check(
        "archived_waits_for_nobody",
        _("归档的案件不等任何人。"),
        _("归档的案件还在等人办事。"),
        MEND,
        waits_on_the_shelf,
    ),
)
