"""Promises kept in parts on two screens, and the papers for the court in one file."""

import io
import zipfile
from decimal import Decimal
from io import BytesIO

from PIL import Image

from cases.choices import Status
from tests.browser.people import DESK, PHONE, Stage


def receipt() -> dict[str, object]:
    out = BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "JPEG")
    return {"name": "转账回单.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_a_part_then_the_whole_with_a_photo_and_the_other_side_confirms(stage: Stage) -> None:
    case = stage.case_in(Status.PERFORMING)
    address = f"/cases/{case.number}/promises/"
    resident = stage.person(stage.world.resident, width=PHONE).open(address).sees("对方为我做的").listening()
    company = stage.person(stage.world.company_user, width=PHONE, java_script_enabled=False).open(address)
    company.sees("我要做的").follow("performance").sees("还差18,600.00元")
    stage.expected = {422}
    company.fill(amount="20000", note="转账").send()
    assert "只差18,600.00元" in company.mistakes
    company.fill(amount="8600").send()
    company.sees("已付8,600.00元，还差10,000.00元")
    resident.sees_soon("还差10,000.00元")

    company.open(address).follow("performance").fill(amount="10000")
    company.page.set_input_files("[name=photo]", receipt())  # type: ignore[arg-type]
    company.send()
    resident.sees_soon("转账回单.jpg")
    for _each in range(2):
        resident.page.locator("main a:visible", has_text="我已收到").first.click()
        resident.send().open(address)
    resident.sees("您已确认收到")
    company.open(address).sees("已履行，对方已确认")
    kept = case.current_agreement.obligations.get()
    assert (kept.rest(), kept.proof is not None) == (Decimal("0.00"), True)


def test_everybody_wants_the_confirmation_and_the_clerk_takes_out_the_papers(stage: Stage) -> None:
    case = stage.case_in(Status.PERFORMING)
    address = f"/cases/{case.number}/confirmation/"
    resident = stage.person(stage.world.resident, width=PHONE).open(address).sees("最后一天").listening()
    company = stage.person(stage.world.company_user, width=DESK).open(address)
    company.follow("wish").fill(answer="yes").send()
    resident.sees_soon("愿意")
    resident.follow("wish").fill(answer="yes").send()
    resident.sees("拟申请")
    clerk = stage.person(stage.world.intake, width=DESK).open(address).sees("现在：拟申请")
    clerk.fill(court="合肥市蜀山区人民法院")
    with clerk.page.expect_download() as waiting:
        clerk.page.locator("#pack button").click()
    with open(waiting.value.path(), "rb") as stored:
        archive = zipfile.ZipFile(io.BytesIO(stored.read()))
    names = archive.namelist()
    assert len(names) == 6
    assert all(archive.read(name).startswith(b"%PDF-") for name in names)
    clerk.follow("apply").fill(court="合肥市蜀山区人民法院").send()
    resident.open(address).sees("现在：已申请")
    clerk.follow("court").fill(event="accept", case_number="（2026）皖0104调确1号").send()
    clerk.follow("court").fill(event="confirm").send()
    resident.open(address).sees("裁定有效")
