"""Documents on screens: issued at a desk, read on a phone, verified by a stranger."""

from cases.choices import Status
from documents.models import Document
from tests.browser.people import DESK, PHONE, Stage
from tests.browser.test_every_page import AXE, SPILLS, found_wrong


def test_a_notice_is_issued_at_a_desk_read_on_a_phone_and_verified_by_a_stranger(stage: Stage) -> None:
    case, world = stage.case_in(Status.MEDIATING), stage.world
    page = f"/cases/{case.number}/documents/"
    desk = stage.person(world.mediator, width=DESK).case(case).follow("documents")
    desk.sees("调解通知书").sees("物调通字")  # issued in the step that called the session
    row = Document.objects.get(subject_id=case.pk, kind="session_notice")
    phone = stage.person(world.resident, width=PHONE).case(case).follow("documents")
    phone.sees("调解通知书").sees("回执").sees_nothing_of("受理登记表", "应制发", "docx")
    answer = phone.page.request.get(f"{phone.origin}{page}{row.pk}.pdf")
    assert (answer.status, answer.body()[:5]) == (200, b"%PDF-")

    stranger = stage.person(width=PHONE).open("/verify/").fill(code=row.shown_code.lower()).send()
    stranger.sees("真实有效").sees(row.number).sees_nothing_of("张桂兰", case.number or "", "调解室一")
    stranger.page.locator("input[type=file]").set_input_files(
        {"name": "notice.pdf", "mimeType": "application/pdf", "buffer": answer.body()}
    )
    stranger.send().sees("没有改动")


def test_the_pages_of_documents_fit_and_are_accessible(stage: Stage) -> None:
    case, world = stage.case_in(Status.MEDIATING), stage.world
    base = f"/cases/{case.number}/documents/"
    row = Document.objects.get(subject_id=case.pk, kind="receipt")
    desk = [base, f"{base}new/mediation_proposal/", f"{base}new/address_confirmation/", f"{base}{row.pk}/revoke/"]
    seen = [(world.intake, desk), (world.resident, [base]), (None, ["/verify/", f"/verify/{row.shown_code}/"])]
    wrong = []
    for width in (PHONE, DESK):
        for user, addresses in seen:
            person = stage.person(user, width=width)
            person.page.add_init_script(path=AXE)
            for address in addresses:
                wrong += [f"{address} {width}: {one}" for one in found_wrong(person.open(address).page)]
                if spill := person.page.evaluate(SPILLS):
                    wrong.append(f"{address} {width}: {spill} pixels wider than the screen")
    assert not wrong, "\n".join(wrong)
