"""One mediation from its first session to the court's pack: everybody at their own screen, most of them on phones."""

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.choices import ConsentHow, ConsentMatter, PartyKind, Side, Status
from cases.models import Case, Party, RoomEntry
from mediation import services as mediation
from mediation.models import Performance, Session, Signature
from notifications.contacts import confirm_phone
from tests.browser.agreements import ask_for_code, enter
from tests.browser.people import DESK, PHONE, Person, Stage
from tests.journeys import all_came, begun

ISSUES = "修好外墙防水\n赔偿18600元\n书面道歉"
LEAST, MOST = "最低一万三我就签", "最多能出到一万五"


class Table:
    """A case with three sides, and everybody's browser."""

    def __init__(self, stage: Stage) -> None:
        world, now = stage.world, timezone.now()
        self.stage = stage
        self.case = stage.case_in(Status.MEDIATING, requests=ISSUES)
        self.at = f"/cases/{self.case.number}/"
        Party.objects.filter(case=self.case, side=Side.RESPONDENT).update(representative="刘启明", phone="13855107703")
        third = Party.objects.create(
            case=self.case, side=Side.THIRD_PARTY, kind=PartyKind.COMMITTEE, committee=world.committee,
            name=world.committee.name, representative="周主任", phone="13855107704",
            rights_told_at=now, identity_checked_at=now,
        )  # fmt: skip
        third.consents.create(matter=ConsentMatter.MEDIATION, given=True, how=ConsentHow.SIGNED, at=now)
        for person, phone in ((world.company_user, "+8613855107701"), (world.committee_user, "+8613855107702")):
            confirm_phone(person, phone, at=now)
        self.resident = stage.person(world.resident, width=PHONE)
        self.company = stage.person(world.company_user, width=PHONE)
        self.committee = stage.person(world.committee_user, width=PHONE)
        self.mediator = stage.person(world.mediator, width=DESK)
        self.clerk = stage.person(world.intake, width=DESK)
        self.parties = {party.side: party for party in self.case.parties.all()}

    @property
    def phones(self) -> list[Person]:
        return [self.resident, self.company, self.committee]

    def all_at(self, area: str) -> None:
        """Everybody opens an area of the case and follows what happens there."""
        for person in [*self.phones, self.mediator]:
            person.open(f"{self.at}{area}").listening()

    def term(self, row: int, issue: int, what: str, **more: Any) -> dict[str, Any]:
        """What the company would do about an issue."""
        given = {
            "issue": issue, "doer": self.parties[Side.RESPONDENT].pk, "receiver": self.parties[Side.APPLICANT].pk,
            "what": what, "due": self.due.isoformat(),
        }  # fmt: skip
        return {f"t{row}-{name}": value for name, value in (given | more).items()}

    @property
    def due(self) -> date:
        return timezone.localdate() + timedelta(days=15)


def hold_first_session(table: Table) -> None:
    """Everybody is heard; it goes on another day, which all three choose on their phones."""
    table.all_at("sessions/")
    begun(table.case, timezone.now())
    table.mediator.open(f"{table.at}sessions/").follow("record-session")
    table.mediator.fill(
        **all_came(table.case), record="各方陈述，核对了照片。", result="下次再谈", outcome="CONTINUES"
    ).send()
    table.resident.sees_soon("各方陈述，核对了照片。")
    day = timezone.localtime().replace(second=0) + timedelta(days=80)
    times = {f"slot{n}": f"{day + timedelta(hours=5 * n):%Y-%m-%dT%H:%M}" for n in (0, 1)}
    table.mediator.open(f"{table.at}sessions/").follow("slots").fill(**times, place="调解室三").send()
    for person in table.phones:
        person.sees_soon("选时间").follow("answer-slots").fill(slot_1="NO", slot_2="YES").send()
    table.mediator.open(f"{table.at}sessions/").follow("fix").fill(slot="2").send()
    for person in table.phones:
        person.sees_soon("第2次调解会")


def talk_apart(table: Table) -> None:
    """Each side says to the mediator alone how far it would go; three screens are open, none shows another's words."""
    sides = [(table.resident, "applicant", LEAST), (table.company, "respondent", MOST)]
    for person, room, _words in sides:
        person.open(f"{table.at}room/{room}/").listening()
    for person, room, words in sides:
        table.mediator.open(f"{table.at}room/{room}/").listening()
        person.page.locator("#composer textarea").fill(words)
        person.page.locator("#composer .room__send button").click()
        table.mediator.sees_soon(words)
    table.resident.sees(LEAST).sees_nothing_of(MOST)
    table.company.sees(MOST).sees_nothing_of(LEAST)
    table.committee.open(f"{table.at}room/").sees_nothing_of(LEAST, MOST)
    said = RoomEntry.objects.filter(room__case=table.case).exclude(body="")
    assert dict(said.values_list("room__side", "body")) == {Side.APPLICANT: LEAST, Side.RESPONDENT: MOST}


def agree_on_the_sum_blind(table: Table) -> None:
    """Nobody learns of another's yes until all three have said it."""
    table.all_at("offers/")
    sum_of_money = table.term(0, 2, "赔偿天花板和衣柜损失", amount="15000", manner="银行转账", proof_wanted="转账回单")
    table.mediator.follow("offer").fill(mode="BLIND", **sum_of_money).send()
    shown = table.mediator.listening().page.locator("#offers").inner_text()
    for person in table.phones[1:]:
        person.sees_soon("15,000.00元").follow("answer").fill(whole="yes").send()
        person.sees("我方的答复：同意")
    table.resident.page.wait_for_timeout(1_000)
    table.resident.sees("15,000.00元").sees_nothing_of("我方的答复", "已谈妥")
    assert table.mediator.page.locator("#offers").inner_text() == shown
    table.resident.follow("answer").fill(whole="yes").send()
    for person in [*table.phones, table.mediator]:
        person.sees_soon("已谈妥")


def agree_on_a_part(table: Table) -> None:
    """The repair is agreed, the apology is not: what is agreed counts, the rest stays in dispute."""
    table.company.follow("offer").fill(
        **table.term(0, 1, "重做外墙防水", manner="请有资质的单位施工", place="3幢2单元外墙"),
        **table.term(1, 3, "口头说明情况", manner="当面"),
    ).send()
    for person, apology in ((table.resident, "no"), (table.committee, "yes")):
        person.sees_soon("重做外墙防水").follow("answer").fill(issue_1="yes", issue_3=apology).send()
    table.company.sees_soon("部分谈妥")
    assert [(term.issue.number, term.what) for term in mediation.accepted_terms(table.case)] == [
        (1, "重做外墙防水"),
        (2, "赔偿天花板和衣柜损失"),
    ]
    assert [issue.number for issue in mediation.open_issues(table.case)] == [3]


def hold_second_session(table: Table) -> None:
    table.all_at("sessions/")
    begun(table.case, timezone.now())
    table.mediator.open(f"{table.at}sessions/").follow("record-session")
    table.mediator.fill(
        **all_came(table.case), record="就修缮和赔偿达成一致，道歉一项没有谈成。", result="部分谈妥", outcome="PARTLY"
    ).send()
    table.resident.sees_soon("道歉一项没有谈成")
    assert Session.objects.filter(case=table.case).exclude(record="").count() == 2


def sign(table: Table) -> None:
    """The text begins with what was agreed; three sign on three phones, the codes asked for all at once."""
    mediator = table.mediator.case(table.case).follow("draft-text")
    for row, what in enumerate(["重做外墙防水", "赔偿天花板和衣柜损失"]):
        assert mediator.page.locator(f"[name=p{row}-what]").input_value() == what
    mediator.fill(
        facts_and_issues="各方对渗水原因和赔偿数额有争议。",
        content="物业公司重做外墙防水并赔偿15000元。书面道歉一项没有达成一致，各方可以另行主张。",
    ).send()
    mediator.case(table.case).act("draft-agreement")
    signers = [
        (table.resident, {}),
        (table.company, {"signer_name": "刘启明", "capacity": "REPRESENTATIVE", "body_seal": "LATER"}),
        (table.committee, {"signer_name": "周主任", "capacity": "REPRESENTATIVE", "body_seal": "LATER"}),
    ]
    codes = [ask_for_code(person, table.stage, table.case, **answers) for person, answers in signers]
    for (person, _answers), code in zip(signers, codes, strict=True):
        enter(person, code).sees("您已签署")
    assert Signature.objects.filter(agreement__case=table.case, how="ONLINE").count() == 3
    mediator.case(table.case).act("sign-as-mediator")
    table.clerk.case(table.case).act("apply-seal", pages="yes")
    mediator.case(table.case).act("take-effect")


def keep_the_promises(table: Table) -> None:
    promises = f"{table.at}promises/"
    table.resident.open(promises).sees("对方为我做的").listening()
    for answers in ({"extent": "all"}, {"amount": "15000"}):
        table.company.open(promises).follow("performance")
        table.company.fill(on=timezone.localdate().isoformat(), note="已办好", **answers).send()
        table.resident.open(promises).page.locator("main a:visible", has_text="我已收到").first.click()
        table.resident.send()
    table.resident.open(promises).sees("您已确认收到")
    agreement = Case.objects.get(pk=table.case.pk).current_agreement
    done = Performance.objects.filter(obligation__agreement=agreement)
    assert [row.answer for row in done] == [Performance.Answer.CONFIRMED] * 2


def take_out_the_pack(table: Table) -> None:
    """All three want the court's confirmation; the clerk takes out the papers for it in one file."""
    page = f"{table.at}confirmation/"
    for person in table.phones:
        person.open(page).follow("wish").fill(answer="yes").send()
    clerk = table.clerk.open(page).sees("现在：拟申请")
    clerk.fill(court="合肥市蜀山区人民法院")
    with clerk.page.expect_download() as waiting:
        clerk.page.locator("#pack button").click()
    with open(waiting.value.path(), "rb") as stored:
        papers = zipfile.ZipFile(io.BytesIO(stored.read()))
    assert all(papers.read(name).startswith(b"%PDF-") for name in papers.namelist())
    assert len(papers.namelist()) >= 6


@pytest.mark.slow
def test_two_sessions_caucuses_blind_offers_three_signatures_and_the_pack(stage: Stage) -> None:
    table = Table(stage)
    hold_first_session(table)
    talk_apart(table)
    agree_on_the_sum_blind(table)
    agree_on_a_part(table)
    hold_second_session(table)
    sign(table)
    case = Case.objects.get(pk=table.case.pk)
    assert (case.status, case.outcome) == (Status.PERFORMING, "SETTLED_WRITTEN")
    keep_the_promises(table)
    take_out_the_pack(table)
    for person in table.phones:
        person.case(case).sees("现在：")
    table.company.sees_nothing_of(LEAST)
    table.resident.sees_nothing_of(MOST)
