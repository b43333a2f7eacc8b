"""Who is in a case, who speaks for them, and what they agreed to."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import EncryptedTextField
from accounts.masking import mask_address, mask_name, mask_phone
from accounts.models import User
from cases.choices import AgentScope, ConsentHow, ConsentMatter, PartyKind, Side
from cases.models.asked import ConsentRequest
from cases.models.case import Case
from members.models import Company, OwnersCommittee


class Party(models.Model):
    """One party: a person, a company, an owners' committee or another body, on one side."""

    class Sex(models.TextChoices):
        MALE = "M", _("男")
        FEMALE = "F", _("女")

    class IdentityPaper(models.TextChoices):
        ID_CARD = "ID_CARD", _("居民身份证")
        PASSPORT = "PASSPORT", _("护照或者其他出入境证件")
        LICENCE = "LICENCE", _("营业执照")
        FILING = "FILING", _("业主委员会备案证明")
        OTHER = "OTHER", _("其他证明文件")

    class Relation(models.TextChoices):
        OWNER = "OWNER", _("业主")
        OCCUPIER = "OCCUPIER", _("物业使用人")
        OTHER = "OTHER", _("其他")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    side = models.CharField(_("地位"), max_length=12, choices=Side.choices)
    kind = models.CharField(_("类型"), max_length=10, choices=PartyKind.choices)
    name = models.CharField(_("姓名或名称"), max_length=120)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="parties")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, blank=True, related_name="parties")
    committee = models.ForeignKey(
        OwnersCommittee, on_delete=models.PROTECT, null=True, blank=True, related_name="parties"
    )
    phone = EncryptedTextField(_("电话"), blank=True, default="")
    phone_index = models.CharField(max_length=64, blank=True, default="", db_index=True, editable=False)
    id_number = EncryptedTextField(_("证件号码"), blank=True, default="")
    address = EncryptedTextField(_("住址或住所"), blank=True, default="")
    sex = models.CharField(_("性别"), max_length=1, choices=Sex.choices, blank=True)
    relation = models.CharField(_("与小区的关系"), max_length=10, choices=Relation.choices, blank=True)
    representative = models.CharField(_("法定代表人或负责人"), max_length=60, blank=True)
    rights_told_at = models.DateTimeField(_("权利义务告知时间"), null=True, blank=True)
    rights_told_how = models.CharField(max_length=10, choices=ConsentHow.choices, blank=True)
    identity_checked_at = models.DateTimeField(_("身份核对时间"), null=True, blank=True)
    identity_paper = models.CharField(_("看过的证件"), max_length=12, choices=IdentityPaper.choices, blank=True)
    identity_copy = models.ForeignKey(
        "cases.Evidence",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("证件复印件"),
    )
    identity_checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    left_at = models.DateTimeField(_("退出时间"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("当事人")
        verbose_name_plural = _("当事人")
        indexes = [models.Index(fields=["name"], name="party_by_name")]
        constraints = [
            models.CheckConstraint(
                name="party_is_one_thing",
                condition=Q(kind=PartyKind.COMPANY, committee__isnull=True)
                | Q(kind=PartyKind.COMMITTEE, company__isnull=True)
                | Q(kind__in=[PartyKind.PERSON, PartyKind.OTHER], company__isnull=True, committee__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["case", "company"],
                condition=Q(company__isnull=False, left_at__isnull=True),
                name="company_once_per_case",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def is_person(self) -> bool:
        return self.kind == PartyKind.PERSON

    @property
    def head(self) -> str:
        """Who speaks for a body: as entered on the case, else as the register has it; nobody for a person."""
        if self.is_person:
            return ""
        if self.representative.strip():
            return self.representative.strip()
        kept = self.company.legal_representative if self.company else ""
        return (kept or (self.committee.contact_name if self.committee else "")).strip()

    @property
    def shown_name(self) -> str:
        """The name as the other side and lists show it: persons masked, bodies in full."""
        return mask_name(self.name) if self.is_person else self.name

    @property
    def shown_phone(self) -> str:
        return mask_phone(self.phone) if self.phone else ""

    @property
    def shown_address(self) -> str:
        return mask_address(self.address) if self.address else ""

    @property
    def reachable_online(self) -> bool:
        """Say whether somebody can read notices for this party on the site."""
        return bool(self.user_id or self.company_id or self.committee_id) or any(
            case_pass.revoked_at is None for case_pass in self.passes.all()
        )

    @property
    def acting_agents(self) -> list["Agent"]:
        """Who speaks for the party now, by a power of attorney that has not ended."""
        return [agent for agent in self.agents.all() if agent.until is None]

    def agency_of(self, user: User) -> "Agent | None":
        """Return the agency by which this person acts; none for whoever is the party, its body or its pass."""
        if self.user_id == user.pk:
            return None
        return next((agent for agent in self.acting_agents if agent.user_id == user.pk), None)

    def lets(self, user: User, *scopes: str) -> bool:
        """Say whether somebody who speaks for the party may do this: the party itself, or an agent so empowered."""
        agency = self.agency_of(user)
        return agency is None or set(scopes) <= set(agency.scope)

    def consented(self, matter: str) -> bool | None:
        """Return the last recorded answer to a matter in this round, or None; not to a question that was taken back."""
        read: list[Consent] | None = self.__dict__.get("standing_consents")  # of all parties at once, by a page
        if read is not None:
            said = [one.given for one in read if one.matter == matter and one.round == self.case.round]
            return said[-1] if said else None
        rows = self.consents.filter(matter=matter, round=self.case.round).exclude(request__end="WITHDRAWN")
        return rows.order_by("-pk").values_list("given", flat=True).first()


class Claim(models.Model):
    """One thing that the applicant asks for."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="claims")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(_("请求事项"))
    amount = models.DecimalField(_("金额（元）"), max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("请求事项")
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="claim_number_once")]

    def __str__(self) -> str:
        return self.text


class Agent(models.Model):
    """Somebody who acts for a party, within a written scope."""

    principal = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="agents")
    name = models.CharField(_("代理人"), max_length=60)
    phone = EncryptedTextField(_("电话"), blank=True, default="")
    phone_index = models.CharField(max_length=64, blank=True, default="", db_index=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="agencies")
    scope = ArrayField(models.CharField(max_length=10, choices=AgentScope.choices))
    power_of_attorney = models.ForeignKey(
        "cases.Evidence",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("授权委托书"),
    )
    from_date = models.DateField(_("起"))
    until = models.DateField(_("止"), null=True, blank=True)

    class Meta:
        verbose_name = _("委托代理人")

    def __str__(self) -> str:
        return mask_name(self.name)


class Consent(models.Model):
    """One answer of one party to one question: a row, never a flag (PML 17)."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="consents")
    matter = models.CharField(_("事项"), max_length=14, choices=ConsentMatter.choices)
    given = models.BooleanField(_("同意"))
    how = models.CharField(_("方式"), max_length=10, choices=ConsentHow.choices)
    round = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    text_version = models.CharField(_("文本版本"), max_length=20, default="2026-01")
    note = models.CharField(_("说明"), max_length=300, blank=True)
    request = models.ForeignKey(
        ConsentRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="answers",
        verbose_name=_("答复哪一次征求"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("同意记录")
        ordering = ["pk"]
        indexes = [models.Index(fields=["party", "matter", "-id"], name="consent_latest")]

    def __str__(self) -> str:
        return f"{self.get_matter_display()}: {self.given}"


class CasePass(models.Model):
    """A code by which a party without an account follows and continues the case; only its HMAC is kept."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="passes")
    guest = models.OneToOneField(User, on_delete=models.PROTECT, related_name="case_pass")
    code_index = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("案件通行码")

    def __str__(self) -> str:
        return f"{self.party} · {self.issued_at:%Y-%m-%d}"


class ContactAttempt(models.Model):
    """One try to reach a party: two without an answer count as no answer."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="contacts")
    how = models.CharField(_("方式"), max_length=10, choices=ConsentHow.choices)
    answered = models.BooleanField(_("有回音"))
    note = models.CharField(_("说明"), max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("联系记录")

    def __str__(self) -> str:
        return f"{self.get_how_display()} {self.at:%Y-%m-%d}"
