"""Agreements, the court's confirmation of them, and how they are kept."""

from documents.kind import Audience, Declarations
from documents.sheet import Block, Fields, code, head, items, labels, note, para, seal, sign, table, to, write_here

KINDS = Declarations()
COPIES = "零壹贰叁肆伍陆柒捌玖拾"

AGREEMENT_NEEDS = {
    "parties": "当事人", "facts_and_issues": "主要事实和争议", "terms": "协议内容", "copies": "份数",
    "mediator": "调解员",
}  # fmt: skip
AGREEMENT_MAY = {
    "content": "协议说明", "closing": "结尾条款", "recorder": "记录人", "confirmation": "司法确认意愿", "owners_decision": "业主大会决定文号",
    "signatures": "签署记录", "effective": "生效日期",
}  # fmt: skip


def _copies(n: int) -> str:
    return COPIES[n] if 0 < n <= 10 else str(n)


# What each party declares by signing a text in which it stands.
WANTS_CONFIRMATION = "各方打算自本协议生效之日起三十日内共同向人民法院申请司法确认。"


def _closing(f: Fields) -> list[str]:
    """What stood at the end of a text before its closing was kept with it."""
    return [
        "一方不履行本协议的，另一方可以依法向人民法院起诉；经司法确认的，可以申请强制执行。",
        f"本协议一式{_copies(f['copies'])}份，各方当事人、调解组织各持一份，"
        "自各方当事人签名、盖章或者按指印，调解员签名并加盖调解组织印章之日起生效。"
        "自本协议生效之日起三十日内，各方可以共同向人民法院申请司法确认。",
    ]


def text_of(f: Fields) -> list[Block]:
    """Return the text that the parties agree to: printed, shown to be signed, checked and sealed, line by line this."""
    return [
        *(para(p["words"] + "。", f"{p['side']}：") for p in f["parties"]),
        head("纠纷主要事实、争议事项："),
        para(f["facts_and_issues"]),
        *([para(f["owners_decision"], "业主大会决定：")] if f.get("owners_decision") else []),
        head("经调解，各方自愿达成如下协议："),
        *([para(f["content"])] if f.get("content") else []),
        items(f["terms"]),
        *([para(WANTS_CONFIRMATION)] if f.get("confirmation") else []),
        *(para(line) for line in f.get("closing") or _closing(f)),
        *([para(f"本协议自{f['effective']}起生效。")] if f.get("effective") else []),
    ]


@KINDS.kind(
    "agreement", "人民调解协议书", Audience.PARTIES, 900, series="协", about="agreement", draft=True, served=Audience.PARTIES,
    needs=AGREEMENT_NEEDS, may=AGREEMENT_MAY,
)  # fmt: skip
def agreement(f: Fields) -> list[Block]:
    signed = f.get("signatures") or []
    rows = [[s["who"], s["how"], s["at"], s["mark"]] for s in signed]
    return [
        *text_of(f),
        sign(
            *(f"{p['side']}（签名、按印）：" for p in f["parties"]),
            *("调解员（签名）：", "记录人（签名）："),
            pictures=[p.get("picture", "") for p in f["parties"]],
        ),
        seal(f),
        *(
            [
                note("签署记录"),
                table([("签署人", 0), ("方式", 5), ("时间", 12), ("文本摘要", 8)], rows),
                note("文本摘要是所签文本SHA-256值的前12位；有纸质原件的，其上的签名、印章与本记录一并存卷。"),
            ]
            if rows
            else []
        ),
    ]


@KINDS.kind(
    "agreement_draft", "人民调解协议书（稿）", Audience.PARTIES, 899, about="agreement", draft=True,
    needs=AGREEMENT_NEEDS, may=AGREEMENT_MAY,
)  # fmt: skip
def agreement_draft(f: Fields) -> list[Block]:
    return [
        note("征求意见稿，供各方核对，尚未生效。"),
        *text_of(f),
        note(
            "请逐项核对：姓名和身份是否与证件一致；每一项由谁、做什么、多少钱、怎样做、何时何地，是否写清。有不同意见，请告诉调解员。"
        ),
        code(),
    ]


@KINDS.kind(
    "oral_agreement_form", "人民调解口头协议登记表", Audience.PARTIES, 901, layout="form", series="口", about="agreement",
    needs=AGREEMENT_NEEDS, may=AGREEMENT_MAY, draft=True,
)  # fmt: skip
def oral_agreement_form(f: Fields) -> list[Block]:
    return [
        labels(["案　　号", f["case_ref"], "达成日期", f.get("effective") or "　"]),
        *text_of(f),
        sign(*(f"{p['side']}（签名、按印）：" for p in f["parties"]), f"调解员（签名）：{f['mediator']}", "记录人（签名）："),
        seal(f),
    ]  # fmt: skip


@KINDS.kind(
    "performance_proof", "履行凭证", Audience.PARTIES, 1000, layout="form", about="obligation",
    needs={"agreement": "协议", "doer": "履行人", "what": "履行事项", "performed": "履行日期", "proof": "凭证或说明"},
    may={"receiver": "接受人", "amount": "金额", "confirmed": "对方确认", "agreed": "约定", "parts": "履行经过"},
)  # fmt: skip
def performance_proof(f: Fields) -> list[Block]:
    return [
        labels(
            ["案　　号", f["case_ref"], "履行日期", f["performed"]],
            ["协　　议", f["agreement"]],
            ["履行人", f["doer"], "接受人", f.get("receiver") or "　"],
            ["履行事项", f["what"]],
            ["约　　定", f.get("agreed") or "　"],
            ["金　　额", f.get("amount") or "不涉及金额"],
            *([["履行经过", "\n".join(f["parts"])]] if f.get("parts") else []),
            ["凭证或说明", f["proof"]],
            ["对方确认", f.get("confirmed") or "　"],
        ),
        sign("履行人（签名、盖章）：", "接受人（签名、盖章）：", "　　年　　月　　日", "　　年　　月　　日"),
        code(),
    ]


@KINDS.kind(
    "urging_letter", "督促履行函", Audience.PARTY, 1001, series="促", about="obligation", draft=True, served=Audience.PARTY,
    needs={"to": "履行人", "agreement": "协议", "what": "履行事项", "due": "约定期限"},
    may={"amount": "金额", "nth": "第几次督促", "receiver": "接受人"},
)  # fmt: skip
def urging_letter(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(f"您与对方在本中心主持下达成的{f['agreement']}已经生效，对各方有约束力。其中应由您履行的事项："),
        items([f["what"] + (f"，金额{f['amount']}" if f.get("amount") else "") + f"，约定期限{f['due']}。"]),
        para(
            f"该期限已过，本中心没有这一项已经全部履行的记录，现{f.get('nth') or ''}督促您尽快履行，并将凭证告诉本中心；已经履行的，请告诉我们。"
        ),
        para(
            "有困难的，请说明情况和可行的时间，经对方同意可以变更。仍不履行的，对方可以依法起诉；协议经司法确认的，可以申请强制执行。"
        ),
        para(f"联系电话：{f['phone']}。"),
        seal(f),
    ]


def _signs(party: dict[str, str]) -> str:
    """A person signs with name and fingerprint, a body by its representative and with its seal."""
    if party.get("body"):
        return "申请人（单位盖章、法定代表人或者负责人签名）："
    return "申请人（签名、按印）："


@KINDS.kind(
    "confirmation_application", "司法确认申请书", Audience.STAFF, 1200, about="agreement", draft=True, full_data=True,
    needs={"parties": "申请人", "agreement": "调解协议", "effective": "生效日期", "last_day": "申请期限", "terms": "协议内容"},
    may={"court": "管辖法院", "facts_and_issues": "事实"},
)  # fmt: skip
def confirmation_application(f: Fields) -> list[Block]:
    return [
        *(para(p["words"] + "。", "申请人：") for p in f["parties"]),
        head("请求事项："),
        para(f"请求确认各申请人于{f['effective']}经{f['centre']}主持调解达成的{f['agreement']}有效。"),
        head("事实和理由："),
        *([para(f["facts_and_issues"])] if f.get("facts_and_issues") else []),
        para(f"各方自愿达成调解协议，自{f['effective']}起生效，主要内容如下："),
        items(f["terms"]),
        para("申请人承诺：出于解决纠纷的目的自愿达成协议，没有恶意串通、规避法律的行为；协议内容给他人造成损害的，愿意承担相应的民事责任和其他法律责任。"),
        para("依照《中华人民共和国人民调解法》第三十三条、《中华人民共和国民事诉讼法》第二百零五条，共同提出申请。"),
        para(f"此致　　{f.get('court') or '　　　　　　　　人民法院'}"),
        sign(*(_signs(p) for p in f["parties"]), "　　年　　月　　日"),
        note(f"应附：调解协议书；主持调解证明；申请人身份证明和地址、联系方式；财产权利证明（涉及的）。最迟在{f['last_day']}提出。"),
        code(),
    ]  # fmt: skip


@KINDS.kind(
    "presiding_proof", "主持调解证明", Audience.PARTIES, 1201, series="证", about="agreement",
    needs={"parties": "当事人", "agreement": "调解协议", "effective": "生效日期", "mediator": "调解员", "matter": "事由"},
    may={"accepted": "受理日期", "sessions": "调解次数"},
)  # fmt: skip
def presiding_proof(f: Fields) -> list[Block]:
    accepted = f"于{f['accepted']}受理，案号{f['case_ref']}，" if f.get("accepted") else ""
    return [
        para("兹证明："),
        para(
            "、".join(f"{p['side']}{p['name']}" for p in f["parties"])
            + f"因“{f['matter']}”发生纠纷，本中心{accepted}由调解员{f['mediator']}主持调解"
            + (f"{f['sessions']}次" if f.get("sessions") else "")
            + f"，各方自愿达成{f['agreement']}，自{f['effective']}起生效。"
        ),
        para("本证明供各方共同向人民法院申请司法确认使用。"),
        seal(f),
    ]


@KINDS.kind(
    "party_contacts", "申请人地址和联系方式确认书", Audience.STAFF, 1202, about="agreement", draft=True, full_data=True,
    needs={"parties": "申请人", "agreement": "调解协议"},
)  # fmt: skip
def party_contacts(f: Fields) -> list[Block]:
    rows = [[p["side"], p["name"], p["address"] or "　", p["phone"] or "　"] for p in f["parties"]]
    return [
        para(
            f"各申请人就{f['agreement']}共同申请司法确认，确认下列地址和联系方式准确有效，用于接收人民法院的文书和通知："
        ),
        table([("申请人", 6), ("姓名或者名称", 10), ("地址", 0), ("电话", 9)], rows),
        para("地址、电话有变化的，应当及时告诉人民法院。"),
        sign(*(f"{p['side']}（签名、盖章）：" for p in f["parties"]), "　　年　　月　　日"),
        code(),
    ]


@KINDS.kind(
    "confirmation_papers", "司法确认申请材料清单", Audience.STAFF, 1203, about="agreement",
    needs={"agreement": "调解协议", "last_day": "申请期限"}, may={"property": "财产权利证明"},
)  # fmt: skip
def confirmation_papers(f: Fields) -> list[Block]:
    rows = [
        ("司法确认申请书", "各申请人签名、盖章；也可以在法院口头申请，由法院记入笔录"),
        ("调解协议书", "原件"),
        ("主持调解证明", "本中心盖章"),
        ("申请人身份证明", "身份证复印件；单位：营业执照、法定代表人身份证明书、授权委托书"),
        ("申请人地址和联系方式确认书", "各申请人签名、盖章"),
    ]
    own = f.get("property") or []
    return [
        para(f"就{f['agreement']}申请司法确认，请带齐下列材料，各方共同到人民法院，最迟在{f['last_day']}提出："),
        table([("序号", 4), ("材料", 14), ("说明", 0)], [[str(n), *row] for n, row in enumerate(rows, 1)]),
        head("财产权利证明"),
        items(own) if own else para("与协议有关的财产权利证明（不动产权证书、购房合同、租赁合同等），由申请人自备；不涉及的不用提供。"),
        head("法院的办理"),
        para("不收费。法院一般三日内决定是否受理，受理后十五日内作出裁定，有特殊情况经批准可以延长十日。裁定有效的，一方不履行，对方可以申请强制执行；裁定驳回或者不予受理的，各方可以变更协议、重新达成协议，也可以起诉。"),
        code(),
    ]  # fmt: skip


@KINDS.kind(
    "dossier_note", "卷宗情况说明", Audience.STAFF, 1300, layout="form", draft=True,
    needs={"matter": "事由", "clerk": "立卷人"}, may={"missing": "缺少的材料", "explanation": "说明"},
)  # fmt: skip
def dossier_note(f: Fields) -> list[Block]:
    missing = f.get("missing") or []
    return [
        labels(["案　　号", f["case_ref"], "日　　期", f["date"]], ["事　　由", f["matter"]]),
        head("缺少的材料"),
        items(missing) if missing else para("无。"),
        head("说明（缺少的原因、归档后的情况）"),
        para(f["explanation"]) if f.get("explanation") else write_here(8),
        sign(f"立卷人（签名）：{f['clerk']}", "检查人（签名）："),
        code(),
    ]
