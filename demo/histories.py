"""How far each matter of the demo has come: step by step through the public services, at believable times."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from calendars.today import SHANGHAI, local_date
from cases import services
from cases.changes import holding
from cases.choices import Channel, ConsentHow, ConsentMatter, PartyKind, Side, Source, Track
from cases.models import Case, Category, Message, Party
from demo.stories import Story
from demo.world import Place
from mediation import services as mediation
from mediation.models import Session, Signature
from members.models import Estate
from workflows import filing, mediators
from workflows.actions import perform


@dataclass
class History:
    """One case on its way, with its own clock."""

    place: Place
    story: Story
    estate: Estate
    name: str
    phone: str
    at: datetime
    now: datetime
    resident: User | None = None
    channel: str = Channel.PHONE
    source: str = Source.APPLY
    track: str = Track.MEDIATION
    case: Case = field(init=False)
    code: str = ""

    # --- helpers ------------------------------------------------------------------------------------------

    def later(self, days: int = 0, hours: int = 2) -> None:
        """Go on some time later, within office hours, never in the future."""
        local = (self.at + timedelta(days=days, hours=hours)).astimezone(SHANGHAI)
        if local.hour >= 17:
            local = local.replace(hour=9) + timedelta(days=1)
        elif local.hour < 9:
            local = local.replace(hour=9)
        self.at = max(self.at, min(local, self.now - timedelta(minutes=5)))

    def who(self, username: str) -> User:
        """A member of staff of the centre that handles the case."""
        return self.colleague(username, at_branch=self.case.centre_id == self.place.branch.pk)

    def colleague(self, username: str, *, at_branch: bool) -> User:
        branch = {"intake": "wuhu-intake", "director": "wuhu-director"}
        return self.place.people[branch.get(username, username) if at_branch else username]

    @property
    def at_branch(self) -> bool:
        return self.estate.region_id.startswith("3402")

    def do(self, action: str, username: str, *, days: int = 0, hours: int = 2, **given: Any) -> None:
        self.later(days, hours)
        self.case = perform(self.case, action, by=self.who(username), at=self.at, **given)

    def party(self, side: str) -> Party:
        return next(party for party in self.parties() if party.side == side)

    def parties(self) -> list[Party]:
        return list(Case.objects.get(pk=self.case.pk).parties.all())

    def say(self, username: str, body: str, side: str = Side.APPLICANT) -> None:
        self.later(hours=1)
        services.write_message(
            self.case, body=body, by=self.who(username), at=self.at, room=Message.Room.CENTRE, party=self.party(side)
        )

    # --- the way --------------------------------------------------------------------------------------------

    def draft(self) -> None:
        by = self.resident or self.colleague("intake", at_branch=self.at_branch)
        story = self.story
        self.case = filing.open_draft(
            centre=self.place.branch if self.at_branch else self.place.centre,
            region=self.estate.region,
            by=by,
            at=self.at,
            channel=Channel.ONLINE if self.resident else self.channel,
            source=self.source,
        )
        services.edit_filing(
            self.case,
            by=by,
            at=self.at,
            estate=self.estate,
            category=Category.objects.get(code=story.category),
            track=self.track,
            title=story.title,
            facts=story.facts,
            requests=story.request,
            amount=Decimal(story.amount) if story.amount else None,
        )
        services.put_party(
            self.case,
            by=by,
            at=self.at,
            side=Side.APPLICANT,
            kind=PartyKind.PERSON,
            name=self.name,
            user=self.resident,
            phone=self.phone,
            address=f"{self.estate.name}{self.phone[-2:] or 8}幢{self.phone[-4:-2] or 1}01室",
            relation=Party.Relation.OWNER,
        )
        company = self.estate.service_terms.get(until=None).company
        services.put_party(self.case, by=by, at=self.at, side=Side.RESPONDENT, kind=PartyKind.COMPANY, company=company)
        self.case.refresh_from_db()

    def submit(self) -> None:
        self.draft()
        self.later(hours=1)
        by = self.resident or self.who("intake")
        how = ConsentHow.ONLINE if self.resident else ConsentHow.PHONE
        self.case, codes = filing.submit(self.case, by=by, at=self.at, data_notice=True, how=how)
        self.code = next(iter(codes.values()), "")

    def return_for_supplement(self) -> None:
        self.submit()
        self.do("return_for_supplement", "intake", days=1, items=["身份证明复印件", "能看清渗水或损坏位置的照片"])

    def forward(self) -> None:
        self.track = Track.COMPLAINT
        self.submit()
        self.do("forward_to_company", "intake", days=1, consent_how=ConsentHow.PHONE)

    def answer(self) -> None:
        self.forward()
        self.later(days=4)
        services.answer_complaint(
            self.case,
            body="已安排工程部现场查看，材料到货后三日内完成维修，并向业主说明。",
            by=self.who("intake"),
            at=self.at,
        )

    def answered(self) -> None:
        self.answer()
        self.do("confirm_answer", "intake", days=2, verification="电话核实，申请人确认已经处理。")

    def invite(self) -> None:
        self.submit()
        self.do("invite", "intake", days=1)

    def accept(self) -> None:
        self.invite()
        self.later(days=2)
        for party in self.parties():
            services.record_consent(
                party,
                matter=ConsentMatter.MEDIATION,
                given=True,
                how=ConsentHow.PHONE,
                by=self.who("intake"),
                at=self.at,
            )
        self.do("accept", "intake")

    def assign(self) -> None:
        self.accept()
        chosen = next(candidate for candidate in mediation.candidates(self.case) if candidate.fits)
        self.later(days=1)
        mediators.nominate(self.case, chosen.mediator.user, by=self.who("director"), at=self.at)
        self.later()
        self.case = mediators.accept(self.case, by=chosen.mediator.user, at=self.at)

    @property
    def company_user(self) -> User:
        """Who acts for the company of the other side."""
        company = self.party(Side.RESPONDENT).company
        assert company is not None
        i = self.place.companies.index(company)
        return self.place.people["company" if i == 0 else f"company{i + 1}"]

    @property
    def mediator(self) -> User:
        assert self.case.mediator is not None
        return self.case.mediator

    def mediate(self) -> None:
        self.assign()
        self.later(days=2)
        starts_at = self.at + timedelta(days=1)
        while mediation.double_booking(self.case, starts_at=starts_at, minutes=90):
            starts_at += timedelta(hours=2)
        self.case = perform(
            self.case,
            "start_mediation",
            by=self.mediator,
            at=self.at,
            rights_told=True,
            identities_checked=True,
            starts_at=starts_at,
            place="中心一楼调解室",
        )

    def hold(self) -> None:
        self.mediate()
        self.later(days=1)
        mediation.record_session(
            Session.objects.get(case=self.case),
            attendees="申请人、物业公司项目经理、社区工作人员",
            record="调解员说明了各方的权利义务。申请人陈述经过，物业公司说明情况；双方核对了照片和报修记录，就处理办法交换意见。",
            result="双方意见接近，约定再谈。",
            by=self.mediator,
            at=self.at,
        )

    def suspend(self) -> None:
        self.mediate()
        self.later(days=2)
        self.case = perform(
            self.case, "suspend", by=self.mediator, at=self.at, reason_code="S02", reason="等待第三方检测渗漏原因"
        )

    def asked(self) -> None:
        """A mediator has been asked and has not answered."""
        self.accept()
        chosen = next(candidate for candidate in mediation.candidates(self.case) if candidate.fits)
        self.later(days=1)
        mediators.nominate(self.case, chosen.mediator.user, by=self.who("director"), at=self.at)

    def challenged(self) -> None:
        """The applicant asks that the mediator step aside; nobody has decided."""
        self.mediate()
        self.later(days=2)
        self.case = mediators.challenge(
            self.case,
            grounds="INTEREST",
            text="听说调解员以前给这家物业公司做过培训。",
            party=self.party(Side.APPLICANT),
            by=self.who("director"),
            at=self.at,
        )

    def replaced(self) -> None:
        """The challenge was upheld, and another mediator has taken over."""
        self.challenged()
        self.later(days=1)
        boss = self.who("director")
        self.case = mediators.decide(self.case, upheld=True, reason="经查确有授课报酬，回避成立。", by=boss, at=self.at)
        former = self.mediator
        found = mediation.candidates(self.case)
        chosen = next(one for one in found if one.fits and one.mediator.user != former)
        mediators.nominate(self.case, chosen.mediator.user, by=boss, at=self.at, reason="回避成立")
        self.later()
        self.case = mediators.accept(self.case, by=chosen.mediator.user, at=self.at)

    def promises(self) -> list[mediation.Promise]:
        applicant, respondent = self.party(Side.APPLICANT), self.party(Side.RESPONDENT)
        due = local_date(self.at) + timedelta(days=12)
        rows = [
            mediation.Promise(
                doer=respondent, receiver=applicant, what="完成维修或整改，并请申请人当面验收", manner="现场施工",
                place=self.estate.name, due=due,
            )
        ]  # fmt: skip
        if self.story.amount:
            rows.append(
                mediation.Promise(
                    doer=respondent, receiver=applicant, what="支付约定款项", manner="银行转账", due=due,
                    amount=Decimal(self.story.amount) / 2,
                )
            )  # fmt: skip
        return rows

    def text(self) -> dict[str, Any]:
        return {
            "facts_and_issues": f"{self.story.facts}双方对责任和处理办法有争议。",
            "content": "经调解，双方自愿达成如下协议：物业公司按约定期限完成下列事项；全部履行后，双方就本事项不再有争议。",
            "promises": self.promises(),
        }

    def sign_stage(self) -> None:
        self.hold()
        self.later(days=2)
        mediation.draft_text(self.case, by=self.mediator, at=self.at, wants_confirmation=True, **self.text())
        self.case = perform(self.case, "draft_agreement", by=self.mediator, at=self.at)

    def perform_stage(self) -> None:
        self.sign_stage()
        self.later(days=1)
        agreement = self.case.current_agreement
        for party in self.parties():
            mediation.sign(agreement, party, how=Signature.How.PAPER, by=self.who("intake"), at=self.at)
        mediation.sign_as_mediator(agreement, by=self.mediator, at=self.at)
        mediation.apply_seal(agreement, by=self.who("intake"), at=self.at)
        self.do("take_effect", "intake", hours=1)

    def part_performed(self) -> None:
        """A part is paid and confirmed, and both sides want the court to confirm the agreement."""
        self.perform_stage()
        self.later(days=2)
        if not mediation.excluded(self.case):
            for party in self.parties():
                mediation.say_confirmation(party, given=True, how=ConsentHow.SIGNED, by=self.who("intake"), at=self.at)
        for obligation in self.case.current_agreement.obligations.all():
            row = mediation.record_performance(
                obligation,
                on=local_date(self.at),
                proof=None,
                note="转账回单" if obligation.is_money else "已进场施工",
                amount=(obligation.amount / 4).quantize(Decimal("0.01")) if obligation.amount else None,
                completes=False,
                by=self.mediator,
                at=self.at,
            )
            if obligation.is_money:
                mediation.answer_performance(row, received=True, reason="电话核实", by=self.mediator, at=self.at)

    def performed(self) -> None:
        self.perform_stage()
        self.later(days=5)
        for obligation in self.case.current_agreement.obligations.all():
            mediation.record_performance(
                obligation,
                on=local_date(self.at),
                proof=None,
                note="验收单及转账回单已核对",
                by=self.mediator,
                at=self.at,
            )
        self.later()
        self.case = perform(self.case, "finish_performance", by=self.mediator, at=self.at)

    def orally(self) -> None:
        self.hold()
        self.later(days=1)
        self.case = perform(
            self.case, "settle_orally", by=self.mediator, at=self.at, agreed=self.parties(), **self.text()
        )

    def oral_performed(self) -> None:
        self.orally()
        self.later(days=3)
        for obligation in self.case.current_agreement.obligations.all():
            mediation.record_performance(
                obligation, on=local_date(self.at), proof=None, note="申请人电话确认", by=self.mediator, at=self.at
            )
        self.case = perform(self.case, "finish_performance", by=self.mediator, at=self.at)

    def failed(self) -> None:
        self.hold()
        self.later(days=3)
        self.case = perform(
            self.case,
            "fail",
            by=self.mediator,
            at=self.at,
            reason_code="E04",
            reason_text="双方对数额分歧过大，不愿再谈。",
        )

    def declined(self) -> None:
        self.invite()
        self.do(
            "decline", "intake", days=3, reason_text="对方电话明确表示不同意调解。",
            refused_by=self.party(Side.RESPONDENT), refused_how=ConsentHow.PHONE,
        )  # fmt: skip

    def call_back(self, solved: str = "SOLVED", satisfaction: str = "SATISFIED") -> None:
        self.later(days=4)
        follower = self.place.people["follower"] if not self.at_branch else self.who("director")
        mediation.follow_up(
            self.case,
            how=ConsentHow.PHONE,
            reached=True,
            by=follower,
            at=self.at,
            solved=solved,
            satisfaction=satisfaction,
        )
        self.later(hours=1)
        self.case = perform(self.case, "close", by=follower, at=self.at)

    def closed(self) -> None:
        self.performed()
        self.call_back()

    def closed_orally(self) -> None:
        self.oral_performed()
        self.call_back(satisfaction="BASICALLY")

    def closed_failed(self) -> None:
        self.failed()
        self.call_back(solved="NOT_SOLVED", satisfaction="BASICALLY")

    def thirty_days_over(self) -> None:
        """Wait until nobody can apply to the court any more, as the worker does."""
        clock = mediation.last_day(self.case)
        if clock is not None:
            self.later(days=max((clock.due - local_date(self.at)).days + 1, 0))
            with holding(self.case.pk, "expire_confirmation", by=None, at=self.at) as case:
                mediation.expire_confirmation(case, at=self.at)

    def archived(self) -> None:
        self.closed()
        self.thirty_days_over()
        self.later(days=2)
        by = self.place.people["archivist"]
        self.case = perform(self.case, "archive", by=by, at=self.at, retention="YEARS_30")

    def enquiry(self) -> None:
        self.track = Track.CONSULT
        self.submit()
        self.do("answer_enquiry", "intake", answer="已按现行规定逐项答复，并告知所在街道的联系电话。")

    def rejected(self) -> None:
        self.submit()
        self.later(days=1)
        filing.propose(
            self.case, "reject", by=self.who("intake"), at=self.at, reason_code="R03", reason_text="法院已经立案。"
        )
        self.do("reject", "director", reason_code="R03", reason_text="法院已经立案。")

    def proposed(self) -> None:
        self.submit()
        self.later(days=1)
        filing.propose(
            self.case, "reject", by=self.who("intake"), at=self.at, reason_code="R08", reason_text="不在本省。"
        )

    def referred(self) -> None:
        self.submit()
        self.do(
            "refer", "intake", days=1, target="CITY_MANAGEMENT", body_name=f"{self.estate.region.name}城市管理局",
            reason="违法建设由城市管理部门查处。", legal_duty=True,
        )  # fmt: skip

    def withdrawn(self) -> None:
        self.invite()
        self.do("withdraw", "intake", days=2, reason="申请人书面说明已与物业自行和解。")

    def returned_overdue(self) -> None:
        self.return_for_supplement()
