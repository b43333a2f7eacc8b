"""The parties: both sides are there, know of it, can be reached, and consented before anything was mediated."""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import standing
from cases.choices import ConsentMatter, Side, Status
from cases.models import Agent, CasePass, Consent, Party
from workflows.checks.base import Batch, Check
from workflows.checks.people import HANDLED, keys

S = Status
TOLD = tuple(status for status in HANDLED if status not in {S.SUBMITTED, S.RETURNED, S.FOLLOWUP})
BOTH_SIDES = (S.INVITING, S.ACCEPTED, S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING, S.PERFORMING)


def a_side_is_missing(batch: Batch) -> Iterable[int]:
    present = Party.objects.filter(case=OuterRef("pk"), left_at=None)
    applicant = Exists(present.filter(side=Side.APPLICANT))
    respondent = Exists(present.filter(side=Side.RESPONDENT))
    rows = batch.cases.filter(status__in=HANDLED)
    return keys(rows.filter(~applicant | Q(status__in=BOTH_SIDES) & ~respondent))


def never_told(batch: Batch) -> Iterable[int]:
    return keys(batch.cases.filter(status__in=TOLD, respondents_informed_at=None))


def cannot_be_reached(batch: Batch) -> Iterable[int | None]:
    """By an account, a pass, an agent, somebody of the body, a telephone or an address."""
    nobody = Q(user__isnull=True) | Q(user__is_active=False)
    guest = Exists(CasePass.objects.filter(party=OuterRef("pk"), revoked_at=None))
    agent = Exists(Agent.objects.filter(principal=OuterRef("pk"), until=None))
    contact = Exists(
        Party.objects.filter(pk=OuterRef("pk")).filter(
            Q(standing(batch.today, "company__memberships__"), company__memberships__user__is_active=True)
            | Q(standing(batch.today, "committee__memberships__"), committee__memberships__user__is_active=True)
        )
    )
    silent = Q(phone="", address="") & Q(Q(company=None) | Q(company__phone=""))
    silent &= Q(committee=None) | Q(committee__phone="")
    rows = Party.objects.filter(case__in=batch.ids, left_at=None, case__status__in=HANDLED)
    rows = rows.filter(Q(side=Side.APPLICANT) | Q(case__respondents_informed_at__isnull=False))
    return rows.filter(nobody & silent).exclude(guest).exclude(agent).exclude(contact).values_list("case", flat=True)


def not_consented(batch: Batch) -> Iterable[int]:
    """Acceptance comes after everybody's consent, and a new round after everybody's new one."""
    given = Consent.objects.filter(party=OuterRef("pk"), given=True)
    first = given.filter(matter=ConsentMatter.MEDIATION, round=1, at__lte=OuterRef("case__accepted_at"))
    again = given.filter(matter=ConsentMatter.REMEDIATION, round=OuterRef("case__round"))
    rows = Party.objects.filter(case__in=batch.ids, left_at=None, case__accepted_at__isnull=False)
    return rows.filter(~Exists(first) | Q(case__round__gt=1) & ~Exists(again)).values_list("case", flat=True)


def consented_after_leaving(batch: Batch) -> Iterable[int]:
    rows = Consent.objects.filter(party__case__in=batch.ids, party__left_at__isnull=False)
    return rows.filter(at__gt=F("party__left_at")).values_list("party__case", flat=True)


CHECKS = (
    Check(
        "both_sides_are_there",
        _("在办案件有申请人；征询意见以后也有被申请人。"),
        _("案件缺少一方当事人。"),
        _("请补登当事人，或者办理撤回。"),
        a_side_is_missing,
    ),
    Check(
        "the_other_side_knows",
        _("转办或者征询以后，对方知道这件事。"),
        _("案件已经往下办，对方却没有被告知，看不到案件。"),
        _("请系统管理员核对告知对方的时间。"),
        never_told,
    ),
    Check(
        "party_can_be_reached",
        _("每一位当事人都有办法联系：账户、通行码、代理人、联系人、电话或者地址。"),
        _("没有任何办法联系一位当事人。"),
        _("请查到并登记联系方式，或者给通行码。"),
        cannot_be_reached,
        page="do/complete-party/",
        by_clock=True,
    ),
    Check(
        "mediation_with_every_consent",
        _("受理以前每一方都同意调解，重新调解以前每一方都再次同意。"),
        _("案件已经受理，但缺少一方的同意记录。"),
        _("请征得并记录各方同意，或者终止调解。"),
        not_consented,
        page="do/record-consent/",
    ),
    Check(
        "consent_of_a_party_that_is_there",
        _("同意由还在案件中的当事人作出。"),
        _("有一份同意是当事人退出以后作出的。"),
        _("请核对退出时间和这份同意。"),
        consented_after_leaving,
    ),
)
