"""An agreement before it is signed, as a file to read, enlarge or print: nothing is numbered, sealed or kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Centre
from documents import engine, services
from documents.kinds import kind_of
from documents.sheet import note
from mediation.models import Agreement
from workflows.papers.agreement import shown_fields
from workflows.papers.ask import Ask
from workflows.papers.making import data_of

KIND = "agreement_draft"
MARK = "草案"
REMARK = "本草案只供核对：没有编号、没有签名和印章，不作为正式文书。当事人的身份信息以正式文本为准。"


def agreement_preview(agreement: Agreement, *, names: Mapping[int, str], at: datetime) -> bytes:
    """Return a text that is not in force as PDF, under the names by which its reader may read it; raises DocumentError.

    It says what the page says, no more: addresses and identity numbers stand in the issued text alone.
    """
    case, declared = agreement.case, kind_of(KIND)
    ask = Ask(case, at, None, agreement)
    fields = services.common_fields(case.centre, at) | data_of(KIND, ask)
    fields |= shown_fields(agreement, words=names, names=names, at=at)
    services.check_texts(declared, fields)
    sheet = services.sheet_of(declared, fields, number="", code="", people=case.centre.nature == Centre.Nature.PMC)
    return engine.render(_marked(sheet, agreement), at=agreement.drafted_at).body


def _marked(sheet: dict[str, Any], agreement: Agreement) -> dict[str, Any]:
    label = f"{MARK} 第{agreement.version}版 · 未编号、未盖章"
    return sheet | {"watermark": MARK, "label": label, "blocks": [note(REMARK), *sheet["blocks"]]}
