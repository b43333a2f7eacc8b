"""The case itself, its category, its links and its numbers."""

import uuid
from decimal import Decimal
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.fields import FoldedField
from accounts.masking import mask_text
from accounts.models import Centre, Region, User
from accounts.policy import RULES
from accounts.roles import CENTRE_ROLES, Role
from cases.choices import Channel, CourtProcedure, Flag, Outcome, RetentionClass, Side, Source, Status, Track
from cases.lifecycle import Lifecycle
from members.models import Estate

# Whole-centre roles that may look at any filed case of their centre; a mediator sees only the own cases.
CENTRE_WIDE = (RULES["case.view"] & CENTRE_ROLES) - {Role.MEDIATOR}
# Whoever mediates, or did until a case ended, neither calls back nor records integrity on it (domain.md 8.3).
NOT_THE_MEDIATORS = frozenset({Role.FOLLOWER, Role.INTEGRITY})
NOT_BEFORE_CONCLUSION = [Status.FOLLOWUP, Status.PERFORMING, Status.CLOSED, Status.ARCHIVED]


class Category(models.Model):
    """A category of dispute: two levels, codes never reused (domain.md 3.3)."""

    class Mediable(models.TextChoices):
        YES = "Y", _("可调解")
        PARTLY = "P", _("民事部分可调解")
        NO = "N", _("应移送")

    code = models.CharField(_("代码"), max_length=4, primary_key=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    name_zh = models.CharField(_("名称"), max_length=60)
    name_en = models.CharField(_("英文名称"), max_length=60)
    official_type = models.CharField(_("统计类型"), max_length=1, blank=True)
    mediable = models.CharField(_("能否调解"), max_length=1, choices=Mediable.choices, blank=True)
    anchor = models.CharField(_("依据或移送对象"), max_length=120, blank=True)
    confirmation_excluded = models.BooleanField(_("不能司法确认"), default=False)

    class Meta:
        ordering = ["code"]
        verbose_name = _("纠纷类别")

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name_zh


WITH_MEDIATOR = [Status.ASSIGNED, Status.MEDIATING, Status.SUSPENDED, Status.SIGNING, Status.PERFORMING]


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases, and who may see them."""

    def visible_to(self, user: Any) -> Self:
        """Keep what this person may open: the own cases, or the filed ones of the own centre."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        companies, committees = user.company_ids(), user.committee_ids()
        mine = _party_of(user, companies, committees)
        side_open = Q(side=Side.APPLICANT) | Q(case__respondents_informed_at__isnull=False)
        as_party = Q(Exists(mine.filter(side_open))) | Q(status=Status.DRAFT, created_by=user)
        wide = _at(user.centre_ids(*(CENTRE_WIDE - NOT_THE_MEDIATORS)))
        calls = _at(user.centre_ids(*(CENTRE_WIDE & NOT_THE_MEDIATORS))) & ~Q(mediator=user)
        mediates = _at(user.centre_ids(Role.MEDIATOR)) & Q(mediator=user)
        filed = ~Q(status=Status.DRAFT) & Q(filed_at__isnull=False) & ~Q(shut_out__contains=[user.pk])
        as_staff = filed & (wide | calls | mediates)
        if user.is_centre_staff:
            return self.filter(as_party | (as_staff & ~Exists(mine)))
        return self.filter(as_party)

    def in_region_of(self, user: User) -> Self:
        """Keep the filed cases of the regions that a regulator supervises."""
        prefixes = user.region_prefixes()
        wanted = Q(pk__in=[])
        for prefix in prefixes:
            wanted |= Q(region__code__startswith=prefix)
        return self.filter(wanted, filed_at__isnull=False).exclude(status=Status.DRAFT)


def _at(centres: set[int]) -> Q:
    """Cases of these centres and of their branches."""
    return Q(centre__in=centres) | Q(centre__parent__in=centres)


def _party_of(user: User, companies: set[int], committees: set[int]) -> models.QuerySet[Any]:
    """Parties of the outer case for which this person acts."""
    from cases.models.parties import Party  # the party refers to the case: one of the two must wait

    acting = (
        Q(user=user)
        | Q(agents__user=user, agents__until__isnull=True)
        | Q(passes__guest=user, passes__revoked_at__isnull=True)
    )
    if companies:
        acting |= Q(company__in=companies)
    if committees:
        acting |= Q(committee__in=committees)
    return Party.objects.filter(acting, case=OuterRef("pk"), left_at__isnull=True)


class Case(Lifecycle):
    """One matter, from the draft to the shelf."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("登记号"), max_length=24, null=True, blank=True, unique=True)
    case_number = models.CharField(_("案号"), max_length=40, null=True, blank=True, unique=True)
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="cases", verbose_name=_("调处中心"))
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="cases", verbose_name=_("地区"))
    estate = models.ForeignKey(
        Estate, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("小区")
    )
    estate_name = models.CharField(_("小区（申请人所写）"), max_length=120, blank=True)
    estate_key = FoldedField(of="estate_name", indexed=False)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("类别")
    )
    category_confirmed = models.BooleanField(_("类别已由工作人员确认"), default=False)
    category_reason = models.CharField(_("类别建议的理由"), max_length=300, blank=True)
    suggested_referral = models.CharField(_("建议移送"), max_length=20, blank=True)
    suggested_referral_reason = models.CharField(_("建议移送的理由"), max_length=300, blank=True)
    track = models.CharField(_("办理方式"), max_length=12, choices=Track.choices, default=Track.MEDIATION)
    source = models.CharField(_("来源"), max_length=12, choices=Source.choices, default=Source.APPLY)
    source_number = models.CharField(_("来文号"), max_length=60, blank=True)
    source_at = models.DateTimeField(_("来文时间"), null=True, blank=True)
    court_procedure = models.CharField(_("法院的审理程序"), max_length=8, choices=CourtProcedure.choices, blank=True)
    channel = models.CharField(_("渠道"), max_length=10, choices=Channel.choices, default=Channel.ONLINE)
    title = models.CharField(_("事由"), max_length=200, blank=True)
    facts = models.TextField(_("事实经过"), blank=True)
    requests = models.TextField(_("诉求"), blank=True)
    amount = models.DecimalField(_("诉求金额（元）"), max_digits=14, decimal_places=2, null=True, blank=True)
    households = models.PositiveIntegerField(_("涉及户数"), default=1)
    people = models.PositiveIntegerField(_("涉及人数"), default=1)
    flags = ArrayField(models.CharField(max_length=16, choices=Flag.choices), default=list, blank=True)
    is_public = models.BooleanField(_("公开调解"), default=False)
    wants_mediation = models.BooleanField(_("申请人要求调解"), default=True)

    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="cases_created")
    handler = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="cases_handled", verbose_name=_("经办人")
    )
    legal_checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    created_at = models.DateTimeField(_("建立时间"))
    limitation_request_date = models.DateField(_("主张权利日期"), null=True, blank=True)
    next_due = models.DateField(_("最近期限"), null=True, blank=True)
    next_clock = models.CharField(max_length=4, blank=True)
    waits_for = models.CharField(_("等谁"), max_length=12, blank=True, help_text=_("当前第一项轮到哪一方或者哪个岗位"))
    lead_case = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_cases", verbose_name=_("主案")
    )
    retention = models.CharField(_("保管期限"), max_length=12, choices=RetentionClass.choices, blank=True)
    dossier_number = models.CharField(_("卷号"), max_length=40, blank=True)
    dossier_pages = models.PositiveIntegerField(_("卷宗页数"), null=True, blank=True)
    destroyed_at = models.DateTimeField(_("卷宗销毁时间"), null=True, blank=True)
    search = SearchVectorField(null=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("案件")
        constraints = [
            models.CheckConstraint(name="case_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(name="case_outcome_known", condition=Q(outcome="") | Q(outcome__in=Outcome.values)),
            models.CheckConstraint(
                name="case_closed_has_outcome",
                condition=~Q(status__in=[Status.CLOSED, Status.ARCHIVED]) | ~Q(outcome=""),
            ),
            models.CheckConstraint(
                name="case_open_has_no_outcome", condition=Q(status__in=NOT_BEFORE_CONCLUSION) | Q(outcome="")
            ),
            models.CheckConstraint(
                name="case_filed_has_number",
                condition=Q(status=Status.DRAFT)
                | Q(status=Status.CLOSED, outcome=Outcome.VOID)
                | Q(status=Status.ARCHIVED, outcome=Outcome.VOID)
                | Q(number__isnull=False, filed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_number_means_accepted",
                condition=Q(case_number__isnull=True, accepted_at__isnull=True)
                | Q(case_number__isnull=False, accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_amount_not_negative", condition=Q(amount__isnull=True) | Q(amount__gte=0)
            ),
            models.CheckConstraint(
                name="court_procedure_only_of_a_pending_case",
                condition=Q(court_procedure="")
                | Q(court_procedure__in=CourtProcedure.values, source=Source.COURT_POST),
            ),
            models.CheckConstraint(
                name="destroyed_only_when_archived", condition=Q(destroyed_at__isnull=True) | Q(status=Status.ARCHIVED)
            ),
            models.UniqueConstraint(
                fields=["centre", "source", "source_number"],
                condition=~Q(source_number=""),
                name="source_number_once_per_centre",
            ),
        ]
        indexes = [
            models.Index(
                fields=["centre", "next_due", "id"], name="queue_by_due", condition=~Q(status__in=["DRAFT", "ARCHIVED"])
            ),
            models.Index(fields=["centre", "status", "next_due", "id"], name="queue_by_status"),
            models.Index(
                fields=["centre", "waits_for", "next_due", "id"],
                name="queue_by_awaited",
                condition=~Q(status__in=["DRAFT", "ARCHIVED"]),
            ),
            models.Index(
                fields=["mediator", "next_due", "id"], name="queue_of_mediator", condition=Q(mediator__isnull=False)
            ),
            models.Index(
                fields=["handler", "next_due", "id"], name="queue_of_handler", condition=Q(handler__isnull=False)
            ),
            models.Index(
                fields=["mediator", "status", "next_due"], name="cases_in_hand", condition=Q(status__in=WITH_MEDIATOR)
            ),
            models.Index(fields=["-filed_at", "-id"], name="cases_by_filing"),
            models.Index(
                fields=["accepted_at"],
                include=["mediator", "id"],
                name="cases_accepted",
                condition=Q(accepted_at__isnull=False),
            ),
            models.Index(fields=["concluded_at"], name="cases_concluded", condition=Q(concluded_at__isnull=False)),
            models.Index(fields=["status", "-filed_at", "-id"], name="cases_by_status"),
            models.Index(fields=["region", "-filed_at", "-id"], name="cases_by_region"),
            models.Index(fields=["id"], name="cases_with_somebody_shut_out", condition=~Q(shut_out=[])),
            models.Index(fields=["centre"], name="cases_challenged", condition=Q(suspended_for="S01")),
            models.Index(fields=["estate", "category", "-filed_at"], name="cases_of_estate"),
            models.Index(
                fields=["region", "estate_key"],
                name="cases_of_unknown_estate",
                condition=Q(estate__isnull=True) & ~Q(estate_key=""),
            ),
            GinIndex(fields=["search"], name="case_search"),
        ]

    def __str__(self) -> str:
        return self.number or _("草稿") + f" {self.key}"

    @property
    def subject(self) -> tuple[str, int]:
        """The name under which the journal and the live topics know this case."""
        return ("case", self.pk)

    @property
    def shown_title(self) -> str:
        """The title as others than its author read it, without numbers that identify somebody."""
        return mask_text(self.title)

    @property
    def topic(self) -> str:
        return f"case:{self.pk}"

    def get_absolute_url(self) -> str:
        return f"/cases/{self.number}/" if self.number else f"/file/{self.key}/"

    def roles_of(self, user: User) -> frozenset[Role]:
        """Return the roles that this person has on this case; a party (or its company) is never also staff."""
        parties = self.parties_of(user)
        if parties or self.created_by_id == user.pk and self.status == Status.DRAFT:
            roles = {Role(party.side) for party in parties if self.open_to(party.side)}
            if self.created_by_id == user.pk and self.status == Status.DRAFT:
                roles |= {Role.INTAKE} if user.centre_ids(Role.INTAKE) else {Role.APPLICANT}
            return frozenset(roles)
        if user.pk in self.shut_out:
            return frozenset()  # whoever is challenged, or has stepped aside, sees nothing of it any more
        if self.status == Status.DRAFT or self.filed_at is None:
            return frozenset()  # what was never filed, also a discarded draft, is nobody else's business
        return frozenset(self._staff_roles(user))

    def _staff_roles(self, user: User) -> set[Role]:
        places = {self.centre_id, self.centre.parent_id}
        roles = {
            Role(membership.role)
            for membership in user.current_memberships()
            if membership.centre_id in places and membership.role in CENTRE_ROLES
        }
        if self.mediator_id != user.pk:
            roles.discard(Role.MEDIATOR)
        else:
            roles -= NOT_THE_MEDIATORS
        if self.nominee_id == user.pk:
            roles.add(Role.NOMINEE)
        if any(self.region_id.startswith(prefix) for prefix in user.region_prefixes()):
            roles.add(Role.REGULATOR)
        return roles

    def open_to(self, side: str) -> bool:
        """Say whether this side knows of the case: the other side does not before the centre has told it."""
        return side == Side.APPLICANT or self.respondents_informed_at is not None

    def parties_of(self, user: User) -> list[Any]:
        """Return the parties for which this person acts: own, by pass, by company, by committee, as agent."""
        companies, committees = user.company_ids(), user.committee_ids()
        return [
            party
            for party in self.parties.all()
            if party.left_at is None
            and (
                party.user_id == user.pk
                or (party.company_id is not None and party.company_id in companies)
                or (party.committee_id is not None and party.committee_id in committees)
                or (user.is_guest and any(p.guest_id == user.pk and p.revoked_at is None for p in party.passes.all()))
                or party.agency_of(user) is not None
            )
        ]

    @property
    def current_agreement(self) -> Any:
        """The agreement of this round whose text stands, or None."""
        return self.agreements.filter(voided_at__isnull=True, round=self.round).order_by("-version").first()

    @property
    def ending(self) -> Any:
        """The last ending that was written up, or None."""
        return self.endings.order_by("-pk").first()

    def has_flag(self, flag: Flag) -> bool:
        return flag in self.flags

    def needs_legal_check(self, total: Decimal) -> bool:
        """Say whether the legal consultation office looks first: by a mark on the case, or by the sum."""
        return self.has_flag(Flag.LEGAL_CHECK) or total >= self.centre.legal_check_amount


class CaseLink(models.Model):
    """Two cases that belong together."""

    class Kind(models.TextChoices):
        MERGED = "MERGED", _("并入")
        RELATED = "RELATED", _("相关")
        COLLECTIVE_MEMBER = "COLLECTIVE_MEMBER", _("群体案件成员")

    from_case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links")
    to_case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="linked_from")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("案件关联")
        constraints = [
            models.UniqueConstraint(fields=["from_case", "to_case", "kind"], name="case_link_once"),
            models.CheckConstraint(condition=~Q(from_case=models.F("to_case")), name="case_link_not_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.from_case} → {self.to_case}"


class NumberSeries(models.Model):
    """The last number given in one series: a centre's under one prefix in one year. Its row lock keeps it gap-free."""

    class Kind(models.TextChoices):
        RECEIPT = "RECEIPT", _("登记号")
        CASE = "CASE", _("案号")
        LETTER = "LETTER", _("文号")
        DOSSIER = "DOSSIER", _("卷号")
        DESTROY = "DESTROY", _("销毁清册编号")

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="number_series")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    year = models.PositiveSmallIntegerField()
    prefix = models.CharField(max_length=20)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("编号序列")
        constraints = [models.UniqueConstraint(fields=["centre", "kind", "year", "prefix"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.centre.code} {self.kind} {self.year}: {self.last}"
