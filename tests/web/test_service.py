"""The page of service: what is on its way to whom, what proves that it arrived, and who sees it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from audit.models import Entry
from cases import serving
from cases.choices import Side, Status
from cases.models import Case, CasePass, Evidence, Service, ServiceProof
from documents.models import Document
from mediation import services as mediation
from notifications.models import Delivery, Notice
from notifications.quiet_hours import after_quiet_hours
from notifications.services import choose_ways
from notifications.texts import message_text
from tests.cast import NOW, TODAY, World, later
from tests.journeys import case_in, party, text
from workflows import meetings
from workflows.actions import perform
from workflows.agreements import save_text

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@pytest.fixture(autouse=True)
def _at_that_moment(settings: Any, tmp_path: Any) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("回证.pdf", PDF, content_type="application/pdf")


def url(case: Case, rest: str = "") -> str:
    return f"/cases/{case.number}/service/{rest}"


def accepted(world: World) -> tuple[Case, Service]:
    case = case_in(Status.ACCEPTED, world)
    return case, Service.objects.get(case=case, kind="accepted", party__side=Side.APPLICANT)


def arrived(case: Case, service: Service) -> serving.Served | None:
    parties = list(Case.objects.get(pk=case.pk).parties.all())
    return next(one.arrived for one in serving.lines_of(case, parties)[service.party_id] if one.service == service)


def prove(client: Client, case: Case, service: Service, **given: Any) -> int:
    filled = {"of": service.pk, "sent_on": TODAY.isoformat()} | given
    return client.post(url(case, "prove-service/"), filled).status_code


def test_what_serves_somebody_stands_on_the_page_of_both_sides_once_each(world: World) -> None:
    case, service = accepted(world)
    rows = Service.objects.filter(case=case).order_by("pk").values_list("party__side", "kind", "document__kind")
    assert list(rows) == [
        ("RESPONDENT", "invitation", "invitation_letter"),
        ("APPLICANT", "document_served", "rights_notice"),
        ("RESPONDENT", "invitation", "rights_notice"),
        ("APPLICANT", "accepted", "acceptance_notice"),
        ("RESPONDENT", "accepted", "acceptance_notice"),
    ]
    assert arrived(case, service) is None


def test_opening_the_case_proves_it_and_so_does_a_tick(world: World) -> None:
    case, service = accepted(world)
    respondent = Service.objects.get(case=case, kind="accepted", party__side=Side.RESPONDENT)
    signed_in(world.resident).get(f"/cases/{case.number}/")
    assert arrived(case, service) == serving.Served(TODAY, "本人在网上看过")
    assert arrived(case, respondent) is None
    client = signed_in(world.company_user)
    assert client.post(url(case, "receipt/"), {"of": respondent.pk}).status_code == 302
    assert client.post(url(case, "receipt/"), {"of": respondent.pk}).status_code == 302
    respondent.refresh_from_db()
    assert (respondent.receipt_at, respondent.receipt_by) == (NOW, world.company_user)
    assert Entry.objects.filter(action="receipt").count() == 1


def test_a_message_sent_counts_only_where_the_party_agreed_to_that_way(world: World) -> None:
    case, service = accepted(world)
    sms = Delivery.objects.get(notice__recipient=world.resident, notice__kind="accepted", channel="SMS")
    Delivery.objects.filter(pk=sms.pk).update(status="SENT", sent_at=later(hours=1), next_attempt_at=None)
    assert arrived(case, service) is None
    given = {"party": service.party_id, "ways": ["SMS"], "phone": "13855106612"}
    assert signed_in(world.resident).post(url(case, "service-address/"), given).status_code == 302
    found = arrived(case, service)
    assert found is not None
    assert (found.on, "短信" in found.how) == (TODAY, True)


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ({"way": "COUNTER", "scan": True}, True),
        ({"way": "POST", "tracking": "EM1"}, False),
        ({"way": "POST", "tracking": "EM1", "delivered_on": TODAY.isoformat()}, True),
        ({"way": "POST", "tracking": "EM1", "returned": "on", "delivered_on": TODAY.isoformat()}, False),
        ({"way": "LEFT", "witness": "社区王主任", "reason": "当面拒收，留在家中"}, True),
        ({"way": "PHONE", "reason": "已转告"}, False),
    ],
)
def test_paper_counts_by_what_proves_it(world: World, given: dict[str, Any], counts: bool) -> None:
    case, service = accepted(world)
    if given.get("scan"):
        given = given | {"scan": scan()}
    assert prove(signed_in(world.intake), case, service, **given) == 302
    assert (arrived(case, service) is not None) == counts
    assert not Evidence.objects.filter(case=case, sensitive=False).exists()


@pytest.mark.parametrize(
    "given",
    [
        {"way": "COUNTER"},
        {"way": "POST"},
        {"way": "LEFT", "witness": "王主任"},
        {"way": "POST", "tracking": "EM1", "delivered_on": (TODAY - timedelta(days=1)).isoformat()},
        {"way": "POST", "tracking": "EM1", "sent_on": (TODAY + timedelta(days=1)).isoformat()},
        {"way": "PHONE", "delivered_on": TODAY.isoformat()},
        {},
    ],
)
def test_what_proves_nothing_is_refused_with_a_sentence(world: World, given: dict[str, Any]) -> None:
    case, service = accepted(world)
    assert prove(signed_in(world.intake), case, service, **given) == 422
    assert not ServiceProof.objects.exists()


def test_nobody_else_proves_ticks_or_confirms(world: World) -> None:
    case, service = accepted(world)
    for name in ("resident", "company_user", "legal", "follower", "neighbour", "regulator"):
        assert prove(signed_in(world.people()[name]), case, service, way="PHONE") == 404, name
    for name in ("company_user", "intake", "neighbour"):
        answer = signed_in(world.people()[name]).post(url(case, "receipt/"), {"of": service.pk})
        assert (name, answer.status_code) == (name, 404)
    assert not ServiceProof.objects.exists()
    assert not Service.objects.filter(receipt_at__isnull=False).exists()
    assert not Entry.objects.filter(action__in=["prove_service", "receipt", "service_address"]).exists()


def test_a_party_sees_its_own_lines_only(world: World) -> None:
    case, _service = accepted(world)
    page = signed_in(world.company_user).get(url(case))
    assert [line["thing"] for line in page.context["lines"]] == [
        "受理通知书 皖物调受字〔2026〕第0001号",
        "调解当事人权利义务告知书",
        "征询意见函 皖物调询字〔2026〕第0001号",
    ]
    assert "rows" not in page.context
    assert signed_in(world.neighbour).get(url(case)).status_code == 404


def lines(case: Case, side: str) -> list[serving.Line]:
    parties = list(Case.objects.get(pk=case.pk).parties.all())
    key = next(one.pk for one in parties if one.side == side)
    return serving.lines_of(case, parties)[key]


def test_a_session_fixed_moved_and_called_off_is_served_on_both_sides(world: World) -> None:
    case = case_in(Status.ASSIGNED, world)
    given: dict[str, Any] = {"place": "调解室二", "by": world.mediator}
    session = meetings.schedule(case, starts_at=later(3), notice="SERVED", at=NOW, **given)
    meetings.move(session, starts_at=later(4), reason="家中有事", at=later(hours=1), **given)
    meetings.cancel(session, reason="改为上门", by=world.mediator, at=later(hours=2))
    for side in (Side.APPLICANT, Side.RESPONDENT):
        found = lines(case, side)[:3]
        assert [line.service.kind for line in found] == ["session_changed", "session_changed", "session_scheduled"]
        assert all(len(line.notices) == 1 and line.arrived is None for line in found)
    rows = signed_in(world.intake).get(url(case)).context["rows"]
    assert [line["thing"] for row in rows for line in row["lines"][:3]] == [
        "调解会有变动",
        "调解通知书 皖物调通字〔2026〕第0002号（已作废）",
        "调解通知书 皖物调通字〔2026〕第0001号（已作废）",
    ] * 2
    signed_in(world.resident).get(f"/cases/{case.number}/sessions/")
    assert all(line.arrived == serving.Served(TODAY, "本人在网上看过") for line in lines(case, Side.APPLICANT)[:3])
    row = lines(case, Side.RESPONDENT)[0].service
    assert prove(signed_in(world.intake), case, row, way="COUNTER", scan=scan()) == 302
    assert lines(case, Side.RESPONDENT)[0].arrived == serving.Served(TODAY, "当面送达，本人签收")
    assert "当面送达，本人签收" in signed_in(world.intake).get(url(case)).content.decode()


def test_the_notice_of_a_session_is_sent_whatever_one_prefers_but_not_at_night(world: World) -> None:
    case = case_in(Status.ASSIGNED, world)
    choose_ways(world.resident, channel="SITE", daily_digest=True)
    night = NOW.replace(hour=15)  # 23:00 in Hefei
    meetings.schedule(case, starts_at=later(3), place="调解室二", notice="SERVED", by=world.mediator, at=night)
    [message] = Delivery.objects.filter(
        notice__recipient=world.resident, notice__kind="session_scheduled", channel="SMS"
    )
    assert (message.in_digest, message.next_attempt_at) == (False, after_quiet_hours(night))
    assert message.next_attempt_at > night


@pytest.mark.parametrize("action", [False, True])
def test_whoever_waived_the_notice_of_a_session_need_not_be_served(world: World, action: bool) -> None:
    case = case_in(Status.ASSIGNED, world)
    given: dict[str, Any] = {"starts_at": later(3), "place": "调解室二", "notice": "WAIVED"}
    if action:
        perform(case, "start_mediation", by=world.mediator, at=NOW, rights_told=True, identities_checked=True, **given)
    else:
        meetings.schedule(case, by=world.mediator, at=NOW, **given)
    assert not Service.objects.filter(case=case, kind="session_scheduled").exists()
    assert Notice.objects.filter(kind="session_scheduled").count() == 2


def test_what_was_noted_of_a_session_by_telephone_stands_on_the_page_too(world: World) -> None:
    case = case_in(Status.ASSIGNED, world)
    given: dict[str, Any] = {"starts_at": later(3), "place": "调解室二", "notice": "SERVED", "at": NOW}
    case.parties.filter(side=Side.APPLICANT).update(user=None, phone="")
    session = meetings.schedule(Case.objects.get(pk=case.pk), by=world.mediator, **given)
    mediation.serve_session_notice(session, party(case, Side.APPLICANT), channel="PHONE", by=world.intake, at=NOW)
    for name in ("intake", "mediator", "director", "legal"):
        applicant, respondent = signed_in(world.people()[name]).get(url(case)).context["rows"]
        assert (name, applicant["sessions"]) == (name, ["第1次调解会：已通知，电话（记录在案），今天 09:30"])
        assert respondent["sessions"] == []
    for name in ("follower", "archivist", "supervisor"):  # they see no sessions
        rows = signed_in(world.people()[name]).get(url(case)).context["rows"]
        assert (name, [row["sessions"] for row in rows]) == (name, [[], []])


def test_a_changed_text_is_served_too(world: World) -> None:
    case = case_in(Status.SIGNING, world)
    save_text(case, by=world.mediator, at=NOW, **text(case, world, amount="9000.00"))
    assert [lines(case, side)[0].service.kind for side in Side.values[:2]] == ["agreement_changed"] * 2


def test_a_document_is_served_without_a_word_of_what_it_says(world: World) -> None:
    case, service = accepted(world)
    rows = Document.objects.filter(subject_kind="case", subject_id=case.pk, issued_at__isnull=False)
    document = rows.filter(services__isnull=True).first()
    assert document is not None
    client = signed_in(world.intake)
    assert client.post(url(case, "serve/"), {"document": document.pk, "parties": []}).status_code == 422
    given = {"document": document.pk, "parties": [service.party_id]}
    assert client.post(url(case, "serve/"), given).status_code == 302
    notice = Notice.objects.filter(kind="document_served").latest("pk")
    assert (notice.recipient, notice.url) == (world.resident, url(case))
    message = message_text(notice.kind, notice.params, notice.url, "")
    assert document.title not in message
    assert case.title not in message
    row = Service.objects.get(document=document)
    assert (row.party_id, arrived(case, row)) == (service.party_id, None)


def test_the_letter_shows_the_address_once_asked_and_says_that_never_what(world: World) -> None:
    case, service = accepted(world)
    client, where = signed_in(world.intake), url(case, "letter/")
    assert "翠湖花园3幢2单元502" not in client.get(f"{where}?of={service.party_id}").content.decode()
    page = client.post(where, {"of": service.party_id, "with_pass": "yes"}).content.decode()
    for shown in ("翠湖花园3幢2单元502", "张桂兰", "pass-code", world.centre.phone):
        assert shown in page
    letter = page[page.index('class="letter"') : page.index("</article>")]
    for secret in (case.title, "渗水", "18600", world.company.name, "13855106612"):
        assert secret not in letter
    assert CasePass.objects.filter(party=service.party, revoked_at=None).count() == 1
    assert Entry.objects.filter(action__in=["view_personal", "print_letter"]).count() == 2
    for name in ("resident", "company_user", "follower", "regulator", "stranger"):
        assert signed_in(world.people()[name]).get(f"{where}?of={service.party_id}").status_code == 404, name
    assert party(case, Side.APPLICANT) == service.party


def test_an_archived_case_is_served_no_more(world: World) -> None:
    case = case_in(Status.ARCHIVED, world)
    service = Service.objects.filter(case=case).first()
    assert service is not None
    assert prove(signed_in(world.intake), case, service, way="PHONE") == 404
    assert signed_in(world.intake).get(url(case, f"letter/?of={service.party_id}")).status_code == 404
    assert signed_in(world.intake).get(url(case)).status_code == 200


def test_the_page_costs_the_same_for_one_and_for_many(world: World, django_assert_max_num_queries: Any) -> None:
    case, service = accepted(world)
    client = signed_in(world.intake)
    client.get(url(case))
    with django_assert_max_num_queries(40) as few:
        client.get(url(case))
    for number in range(30):
        Service.objects.create(case=case, party=service.party, kind="resumed", at=later(hours=number))
    Notice.objects.filter(recipient=world.resident).update(read_at=NOW)
    with django_assert_max_num_queries(len(few)):
        client.get(url(case))


def test_how_the_notice_of_an_ending_was_served_stands_with_it(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    given = {"reason_code": "E04", "reason_text": "差距太大", "served_how": "IN_PERSON", "served_on": TODAY}
    perform(case, "fail", by=world.mediator, at=later(hours=1), **given)
    for row in signed_in(world.intake).get(url(case)).context["rows"]:
        assert [line["thing"] for line in row["lines"] if line["recorded"]] == [
            "终止调解通知书 皖物调终字〔2026〕第0001号"
        ]
        assert row["lines"][0]["tried"][0] == "办结时登记：今天 当面送达"
        assert row["lines"][0]["arrived"] == ""  # what is noted with an ending is no proof by itself
    page = signed_in(world.resident).get(url(case)).content.decode()
    assert page.count("中心登记的送达方式：今天 当面送达") == 1
