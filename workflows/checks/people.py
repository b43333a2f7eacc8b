"""Who does it: whoever holds a case is in office, is nobody of the case, and was asked and has disclosed."""

from collections.abc import Iterable

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, standing
from accounts.roles import CENTRE_ROLES, Role
from cases.choices import Status
from cases.models import Case, Party
from mediation.models import Challenge, Disclosure, Nomination
from mediation.services import ASKED_IN, conflict_of, mediators_in_office
from workflows.checks.base import Batch, Check

S = Status
MEDIATED = (S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING, S.PERFORMING)
GOING_ON = (S.ASSIGNED, S.MEDIATING, S.SIGNING)
HANDLED = tuple(status for status in S if status not in {S.DRAFT, S.CLOSED, S.ARCHIVED})
ASKED = Q(state__in=["WAITING", "ACCEPTED"])
# Which role must be held at the centre (or at the one above) for a case to go on.
DEMANDED: dict[str, Role] = {
    S.SUBMITTED: Role.INTAKE,
    S.RETURNED: Role.INTAKE,
    S.ANSWERING: Role.INTAKE,
    S.INVITING: Role.INTAKE,
    S.ACCEPTED: Role.DIRECTOR,
    S.FOLLOWUP: Role.FOLLOWER,
    S.CLOSED: Role.ARCHIVIST,
}


def holding(batch: Batch, person: str, role: Q) -> Exists:
    """Say whether somebody holds one of these roles today at the centre of a case or at the one above."""
    here = Q(centre=OuterRef("centre")) | Q(centre=OuterRef("centre__parent"))
    rows = Membership.objects.filter(here, role, standing(batch.today), user__is_active=True)
    return Exists(rows.filter(user=OuterRef(person)) if person else rows)


def keys(rows: "QuerySet[Case]") -> Iterable[int]:
    return rows.values_list("pk", flat=True)


def mediator_out_of_office(batch: Batch) -> Iterable[int]:
    """Whoever is asked to take the case over has it in hand from then on."""
    rows = batch.cases.filter(status__in=MEDIATED, mediator__isnull=False)
    asked = Exists(Nomination.objects.filter(ASKED, case=OuterRef("pk")))
    in_office = Q(mediator__in=mediators_in_office(batch.today).values("user"))
    return keys(rows.exclude(in_office & Q(holding(batch, "mediator", Q(role=Role.MEDIATOR)))).exclude(asked))


def handler_out_of_office(batch: Batch) -> Iterable[int]:
    rows = batch.cases.filter(status__in=HANDLED, handler__isnull=False)
    return keys(rows.exclude(holding(batch, "handler", Q(role__in=CENTRE_ROLES))))


def shut_out_at_work(batch: Batch) -> Iterable[int]:
    return keys(batch.cases.filter(status__in=GOING_ON, shut_out__contains=[F("mediator")]))


def undisclosed(batch: Batch) -> set[int]:
    """Whoever mediates has signed himself, or on paper; what is disclosed nobody objects to, each party itself."""
    rows = batch.cases.filter(mediator__isnull=False)
    newest: dict[tuple[int, int], Disclosure] = {}
    for row in Disclosure.objects.filter(case__in=batch.ids, mediator=F("case__mediator")).prefetch_related("waivers"):
        newest[row.case_id, row.mediator_id] = row
    wanted = list(rows.values_list("pk", "mediator_id"))
    signed = {pair for pair, row in newest.items() if row.how != "ONLINE" or row.recorded_by_id == row.mediator_id}
    found = {case for case, mediator in wanted if (case, mediator) not in signed}
    found |= _objected(batch, [row for pair, row in newest.items() if row.has_interest and pair in signed])
    return found | _in_conflict(batch, newest)


def _objected(batch: Batch, interested: list[Disclosure]) -> set[int]:
    present: dict[int, set[int]] = {}
    for case, party in Party.objects.filter(case__in=[r.case_id for r in interested], left_at=None).values_list(
        "case_id", "pk"
    ):
        present.setdefault(case, set()).add(party)
    waived = {row.pk: {w.party_id for w in row.waivers.all() if w.given} for row in interested}
    return {row.case_id for row in interested if not waived[row.pk] >= present.get(row.case_id, set())}


def _in_conflict(batch: Batch, newest: dict[tuple[int, int], Disclosure]) -> set[int]:
    """Only the cases of a mediator who has an interest in somebody of them are looked at one by one."""
    profile = "mediator__mediator_profile__"
    company, estate = f"{profile}interest_companies", f"{profile}interest_estates"
    own = Q(mediator__memberships__company=F("parties__company"), parties__company__isnull=False)
    party = Q(parties__user=F("mediator")) | Q(parties__agents__user=F("mediator"))
    known = Q(**{company: F("parties__company")}) | Q(**{estate: F("estate")}) | ~Q(**{f"{profile}employers": ""})
    rows = batch.cases.filter(own | party | known, mediator__mediator_profile__isnull=False).distinct()
    rows = rows.select_related("mediator__mediator_profile").prefetch_related(
        "parties__passes",
        "parties__agents",
        f"mediator__mediator_profile__{'interest_companies'}",
        f"mediator__mediator_profile__{'interest_estates'}",
        "mediator__memberships__region",
    )
    found = set()
    for case in rows:
        row = newest.get((case.pk, case.mediator_id or 0))
        if conflict_of(case, case.mediator.mediator_profile) and (row is None or row.waived_at is None):  # type: ignore[union-attr]
            found.add(case.pk)
    return found


def nominee_not_asked(batch: Batch) -> Iterable[int]:
    asked = Nomination.objects.filter(ASKED, case=OuterRef("pk"))
    same = asked.filter(mediator=OuterRef("nominee"))
    wrong = Q(nominee__isnull=True) & Exists(asked) | Q(nominee__isnull=False) & ~Exists(same)
    return keys(batch.cases.filter(wrong))


def nominee_out_of_office(batch: Batch) -> Iterable[int]:
    rows = batch.cases.filter(status__in=ASKED_IN, nominee__isnull=False)
    return keys(rows.exclude(nominee__in=mediators_in_office(batch.today).values("user")))


def asked_twice(batch: Batch) -> Iterable[int]:
    rows = Nomination.objects.filter(ASKED, case__in=batch.ids).order_by().values("case")
    return rows.annotate(n=Count("pk")).filter(n__gt=1).values_list("case", flat=True)


def asked_too_late(batch: Batch) -> Iterable[int]:
    rows = Nomination.objects.filter(ASKED, case__in=batch.ids).exclude(case__status__in=ASKED_IN)
    return rows.values_list("case", flat=True)


def staff_as_party(batch: Batch) -> Iterable[int]:
    """Whoever handles or mediates a case acts for nobody in it."""
    for_whom = Party.objects.filter(case=OuterRef("pk"), left_at=None)
    acting = [
        Q(user=OuterRef(person)) | Q(agents__user=OuterRef(person), agents__until=None)
        for person in ("handler", "mediator")
    ]
    companies = [
        Q(company__memberships__user=OuterRef(person), company__memberships__role=Role.COMPANY_USER)
        & standing(batch.today, "company__memberships__")
        for person in ("handler", "mediator")
    ]
    wrong = [Exists(for_whom.filter(who)) for who in (*acting, *companies)]
    return keys(batch.cases.filter(status__in=HANDLED).filter(wrong[0] | wrong[1] | wrong[2] | wrong[3]))


def role_not_held(batch: Batch) -> Iterable[int]:
    """Somebody of the desk is there, or its director, or the supervisory committee."""
    wrong = Q(pk__in=[])
    for status, role in DEMANDED.items():
        there = holding(batch, "", Q(role__in=[role, Role.DIRECTOR, Role.SUPERVISOR]))
        wrong |= Q(~there, status=status)
    return keys(batch.cases.filter(wrong, filed_at__isnull=False))


def challenge_in_the_talks(batch: Batch) -> set[int]:
    """Whoever is challenged is shut out until it is dismissed, nobody decides on the own one, the talks stand still."""
    shut: dict[int, set[int]] = {}
    waiting, own = set(), set()
    for case, mediator, decision, by in Challenge.objects.filter(case__in=batch.ids).values_list(
        "case_id", "mediator_id", "decision", "decided_by_id"
    ):
        if decision in {"WAITING", "UPHELD", "HONOURED"}:
            shut.setdefault(case, set()).add(mediator)
        if decision == "WAITING":
            waiting.add(case)
        if by == mediator:
            own.add(case)
    rows = batch.cases.filter(Q(pk__in=shut.keys() | waiting) | ~Q(shut_out=[]))
    found = {
        pk
        for pk, kept, status in rows.values_list("pk", "shut_out", "status")
        if set(kept) != shut.get(pk, set()) or (pk in waiting and status != S.SUSPENDED)
    }
    return found | own


CHECKS = (
    Check(
        "mediator_in_office",
        _("在办案件的调解员都在任。"),
        _("调解员已经不在任，案件没有交给别人。"),
        _("请指派另一位调解员。"),
        mediator_out_of_office,
        page="do/nominate/",
        by_clock=True,
    ),
    Check(
        "handler_in_office",
        _("在办案件的经办人都在任。"),
        _("经办人已经不在任，案件没有交给别人。"),
        _("请把案件交给另一位经办人。"),
        handler_out_of_office,
        page="do/hand-over/",
        by_clock=True,
    ),
    Check(
        "shut_out_does_not_mediate",
        _("已经回避或者等决定回避的人不办理案件。"),
        _("已经回避的调解员还在调解。"),
        _("请指派另一位调解员。"),
        shut_out_at_work,
        page="do/nominate/",
    ),
    Check(
        "mediator_has_disclosed",
        _("调解员都签过披露声明，披露的关系各方都不提异议。"),
        _("调解员没有披露，或者有没有披露的利害关系。"),
        _("请调解员补作披露，或者指派另一位调解员。"),
        undisclosed,
        page="mediator/",
    ),
    Check(
        "nominee_is_whoever_is_asked",
        _("拟任调解员就是正在征询的那一位。"),
        _("案件上的拟任调解员和征询记录不一致。"),
        _("请重新指派调解员。"),
        nominee_not_asked,
        page="do/nominate/",
    ),
    Check(
        "nominee_in_office",
        _("正在征询的调解员都在任。"),
        _("正在等一位已经不在任的人答复是否担任调解员。"),
        _("请指派另一位调解员。"),
        nominee_out_of_office,
        page="do/nominate/",
        by_clock=True,
    ),
    Check(
        "one_is_asked_at_a_time",
        _("一个案件同时只征询一位调解员。"),
        _("同时有两位调解员在被征询。"),
        _("请重新指派调解员，原来的征询即告失效。"),
        asked_twice,
        page="do/nominate/",
    ),
    Check(
        "whoever_is_asked_can_answer",
        _("只在可以指派的阶段征询调解员。"),
        _("案件已经过了指派的阶段，征询还开着。"),
        _("请系统管理员结束这次征询。"),
        asked_too_late,
        page="mediator/",
    ),
    Check(
        "staff_are_no_party",
        _("经办人和调解员都不是本案的当事人，也不代表当事人。"),
        _("经办人或者调解员代表着本案的一方。"),
        _("请把案件交给别人办理。"),
        staff_as_party,
        page="do/hand-over/",
        by_clock=True,
    ),
    Check(
        "every_role_is_held",
        _("案件这一步要找的岗位有人在任，或者有中心主任、监督委员会。"),
        _("本中心和上级中心没有人能办这一步。"),
        _("请系统管理员给这个岗位安排人员。"),
        role_not_held,
        page="/desk/accounts/",
        by_clock=True,
    ),
    Check(
        "a_challenge_stops_the_talks",
        _("回避申请等待决定时调解暂停，本人不决定自己的回避。"),
        _("有人申请了回避，调解却没有停，或者回避名单不对。"),
        _("请对回避申请作出决定。"),
        challenge_in_the_talks,
        page="mediator/",
    ),
)
