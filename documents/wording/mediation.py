"""Acceptance, mediators, sessions, and what happens to the time."""

from documents.kind import Audience, Declarations
from documents.sheet import Block, Fields, code, cut, ended, head, items, labels, note, para, seal, sign, ticks, to

KINDS = Declarations()
NOT_RECORDED = "没有记录。"
# What a mediator declares beside the own words; the same sentences stand where the declaration is signed.
NO_OTHER_TIES = "本人与各方当事人及代理人没有其他近亲属、利害或者可能影响公正的关系；调解期间出现的，立即书面披露。"
DUTIES_AFTER = (
    "本人对调解中知悉的个人隐私和商业秘密保密；本案调解不成的，不在后续程序中担任陪审员、代理人、证人、鉴定人或者翻译。"
)
OTHER_WAYS = "调解不成的，当事人可以依法仲裁、向主管部门投诉或者向人民法院起诉。"


def _signers(f: Fields) -> list[str]:
    return [f"{p['side']}（签名、按印）：" for p in f["parties"]]


def _signed(f: Fields, signed: list[str]) -> list[str]:
    """Return the places of the parties to sign, with what is known of the signatures given already."""
    return [
        f"{party['side']}{party['name']}：{words}" if words else place
        for party, place, words in zip(f["parties"], _signers(f), signed, strict=True)
    ]


def _part(label: str, text: str | None) -> list[Block]:
    return [para(text, label)] if text else []


@KINDS.kind(
    "acceptance_form", "人民调解受理登记表", Audience.STAFF, 202, layout="form",
    needs={"accepted": "受理日期", "parties": "当事人", "category": "纠纷类型", "source": "案件来源",
           "facts": "纠纷简要情况", "clerk": "登记人"},
    may={"estate": "小区", "amount": "涉及金额"},
)  # fmt: skip
def acceptance_form(f: Fields) -> list[Block]:
    own = f["source"] == "OWN"
    return [
        labels(
            ["案　　号", f["case_ref"], "受理日期", f["accepted"]],
            *([p["side"], p["words"]] for p in f["parties"]),
            ["纠纷类型", f["category"], "小　　区", f.get("estate") or "　"],
            ["涉及金额", f.get("amount") or "未写明"],
        ),
        head("案件来源"),
        ticks((not own, "当事人申请（含法院、机关委托移送）"), (own, "调解组织主动调解")),
        head("纠纷简要情况"),
        para(f["facts"]),
        sign("当事人（签名、按印）：", f"登记人（签名）：{f['clerk']}"),
        seal(f),
        note("本表由调解组织填写。"),
    ]


@KINDS.kind(
    "acceptance_notice", "受理通知书", Audience.PARTIES, 203, series="受", draft=True, served=Audience.PARTIES,
    needs={"to": "当事人", "matter": "事由", "accepted": "受理日期", "mediate_by": "调解期限"},
    may={"limitation": "主张权利日期", "one_year": "一年期限提示"},
)  # fmt: skip
def acceptance_notice(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(f"关于“{f['matter']}”的纠纷，各方同意调解，本中心于{f['accepted']}受理，案号{f['case_ref']}。"),
        para(f"调解期限至{f['mediate_by']}；经各方同意可以延长，中止、鉴定的时间不计算在内。", "期限："),
        para(
            "您可以选择或者同意调解员，可以申请调解员回避，可以随时要求终止调解，可以要求公开或者不公开进行。",
            "您的权利：",
        ),
        para("请如实陈述，保存好证据，按时参加调解；有变化请及时告诉我们。", "请您："),
        *([para(f["one_year"], "请特别注意：")] if f.get("one_year") else []),
        para(f"调解不收取任何费用，也不影响您依法仲裁、投诉或者起诉。联系电话：{f['phone']}。"),
        seal(f),
    ]


@KINDS.kind(
    "rights_notice", "人民调解当事人权利义务告知书", Audience.PARTIES, 300, needs={"parties": "当事人"}, served=Audience.PARTIES,
    may={"told": "告知情况"},
)  # fmt: skip
def rights_notice(f: Fields) -> list[Block]:
    who = f["people"]
    return [
        head(f"一、{who}调解的性质、原则和效力"),
        para(
            f"{who}调解是在当事人自愿、平等的基础上，由调解组织通过说服、疏导，促使各方达成协议、解决民间纠纷的活动。"
            "调解不违背法律、法规和国家政策，不收取任何费用；不因调解阻止当事人依法通过仲裁、行政、司法等途径维护权利。"
        ),
        para(
            "经调解达成的协议，对各方当事人具有约束力，应当按照约定履行。自协议生效之日起三十日内，"
            "各方可以共同向人民法院申请司法确认；经确认有效的，一方不履行，另一方可以申请强制执行。"
        ),
        head("二、当事人的权利（《人民调解法》第二十三条）"),
        items(
            [
                "选择或者接受调解员；",
                "接受调解、拒绝调解或者要求终止调解；",
                "要求调解公开进行或者不公开进行；",
                "自主表达意愿、自愿达成调解协议。",
            ]
        ),
        head("三、当事人的义务（《人民调解法》第二十四条）"),
        items(["如实陈述纠纷事实；", "遵守调解现场秩序，尊重调解员；", "尊重对方当事人行使权利。"]),
        para("以上内容我已看过（听工作人员读过），已经明白。" + (f.get("told") or "")),
        sign(*_signers(f), "　　年　　月　　日"),
        code(),
    ]


@KINDS.kind(
    "assignment_notice", "调解员指派通知书", Audience.PARTIES, 310, series="派", draft=True, served=Audience.PARTIES,
    needs={"to": "当事人", "matter": "事由", "mediator": "调解员", "how": "确定方式", "disclosure": "披露内容"},
    may={"profile": "调解员简介"},
)  # fmt: skip
def assignment_notice(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(f"关于{f['case_ref']}“{f['matter']}”一案的调解，{f['how']}，由{f['mediator']}担任调解员。"),
        *([para(ended(f["profile"]), "调解员情况：")] if f.get("profile") else []),
        para(ended(f["disclosure"]), "调解员披露："),
        para(
            "您认为调解员是一方的近亲属、与本纠纷有利害关系或者有其他可能影响公正的情形的，可以申请回避，也可以要求更换。"
            f"请告诉本中心（电话{f['phone']}）。"
        ),
        seal(f),
    ]


@KINDS.kind(
    "disclosure_statement", "调解员披露声明", Audience.PARTIES, 311, about="disclosure",
    needs={"mediator": "调解员", "matter": "事由", "statement": "披露内容", "signed": "声明日期"},
    may={"waived": "当事人意见"},
)  # fmt: skip
def disclosure_statement(f: Fields) -> list[Block]:
    return [
        para(f"本人{f['mediator']}担任{f['case_ref']}“{f['matter']}”一案的调解员，就可能影响公正的情形声明如下："),
        para(f["statement"]),
        para(NO_OTHER_TIES),
        para(DUTIES_AFTER),
        *([para(ended(f["waived"]), "当事人意见：")] if f.get("waived") else []),
        sign(f"调解员（签名）：{f['mediator']}", f["signed"]),
        code(),
    ]


@KINDS.kind(
    "recusal_decision", "回避决定书", Audience.PARTIES, 312, series="避", draft=True, about="challenge", served=Audience.PARTIES,
    needs={"to": "申请人", "matter": "事由", "mediator": "调解员", "grounds": "回避理由", "decision": "决定"},
    may={"asked": "申请日期", "reason": "决定理由", "own": "申请人是收件人", "stopped": "调解停止", "apart": "决定人"},
)  # fmt: skip
def recusal_decision(f: Fields) -> list[Block]:
    when = f"于{f['asked']}" if f.get("asked") else ""
    asked = (
        f"您{when}就{f['case_ref']}“{f['matter']}”一案申请调解员{f['mediator']}回避，理由：{f['grounds']}。"
        if f.get("own")
        else f"{f['case_ref']}“{f['matter']}”一案，{when}有调解员{f['mediator']}的回避申请，理由：{f['grounds']}。"
    )
    how = ("申请以后调解已经停止。" if f.get("stopped") else "") + (
        "本决定由被申请回避的人员以外的人作出。" if f.get("apart") else ""
    )
    return [
        to(f["to"]),
        para(asked),
        *([para(how)] if how else []),
        para(ended(f["decision"]), "决定："),
        *([para(ended(f["reason"]), "理由：")] if f.get("reason") else []),
        para("不同意本决定的，您仍可以要求更换调解员或者终止调解，并依法仲裁、投诉或者起诉。"),
        seal(f),
    ]


@KINDS.kind(
    "reassignment_decision", "更换调解员决定书", Audience.PARTIES, 313, series="换", draft=True, served=Audience.PARTIES,
    needs={"to": "当事人", "matter": "事由", "mediator": "新的调解员", "disclosure": "披露内容"},
    may={"former": "原调解员", "reason": "更换理由"},
)  # fmt: skip
def reassignment_decision(f: Fields) -> list[Block]:
    former = f"原调解员{f['former']}不再担任本案调解员，" if f.get("former") else ""
    return [
        to(f["to"]),
        para(f"{f['case_ref']}“{f['matter']}”一案：{former}更换为{f['mediator']}。"),
        *([para(ended(f["reason"]), "理由：")] if f.get("reason") else []),
        para(ended(f["disclosure"]), "新调解员披露："),
        para(
            f"您对新的调解员有意见的，可以申请回避或者要求更换，联系电话{f['phone']}。已经进行的调解和提交的材料继续有效。"
        ),
        seal(f),
    ]


@KINDS.kind(
    "session_notice", "调解通知书", Audience.PARTIES, 320, series="通", about="session", draft=True, served=Audience.PARTIES,
    needs={"to": "当事人", "matter": "事由", "starts": "调解时间", "place": "地点或线上方式", "mediator": "调解员"},
    may={"nth": "第几次", "held": "补制时已过"},
)  # fmt: skip
def session_notice(f: Fields) -> list[Block]:
    if f.get("held"):
        return _notice_of_past_session(f)
    return [
        to(f["to"]),
        para(f"关于{f['case_ref']}“{f['matter']}”一案的{f.get('nth') or ''}调解，请按下列时间、地点参加："),
        para(f["starts"], "时　　间："),
        para(f["place"], "地点或线上方式："),
        para(f["mediator"], "调解员："),
        para(
            "请带身份证件和有关证据；单位请带营业执照复印件和授权委托书。委托他人参加的，请提交写明权限的授权委托书。",
            "请您：",
        ),
        para(f"不能按时参加的，请提前拨打{f['phone']}，我们另约时间。参加调解是自愿的。"),
        seal(f),
        cut("送　达　签　收"),
        sign("签收人：", "　　年　　月　　日"),
    ]


def _notice_of_past_session(f: Fields) -> list[Block]:
    """Say of a session whose time is past when and where it was called; nobody is asked to come."""
    return [
        to(f["to"]),
        para(f"{f['case_ref']}“{f['matter']}”一案的{f.get('nth') or ''}调解，本中心定于下列时间、地点进行："),
        para(f["starts"], "时　　间："),
        para(f["place"], "地点或线上方式："),
        para(f["mediator"], "调解员："),
        para("制作本通知书时，上述时间已过。本通知书补制存卷，不要求您再做什么。"),
        seal(f),
    ]


@KINDS.kind(
    "extension_consent", "延长调解期限同意书", Audience.PARTIES, 321, layout="letter", draft=True, about="extension",
    needs={"parties": "当事人", "matter": "事由", "from_due": "原期限", "to_due": "延长后的期限"},
    may={"consents": "同意情况"},
)  # fmt: skip
def extension_consent(f: Fields) -> list[Block]:
    return [
        to(f["centre"]),
        para(
            f"{f['case_ref']}“{f['matter']}”一案的调解期限原至{f['from_due']}届满。各方当事人一致同意延长至{f['to_due']}。"
        ),
        para("延长期间，任何一方仍可以随时要求终止调解。"),
        *([para(ended(f["consents"]), "同意情况：")] if f.get("consents") else []),
        sign(*_signers(f), "调解员（签名）：", "　　年　　月　　日"),
        code(),
    ]


@KINDS.kind(
    "suspension_notice", "中止调解通知书", Audience.PARTIES, 322, series="中", draft=True, served=Audience.PARTIES,
    needs={"to": "当事人", "matter": "事由", "reason": "中止原因", "since": "中止日期"},
)  # fmt: skip
def suspension_notice(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(f"{f['case_ref']}“{f['matter']}”一案的调解自{f['since']}起中止。"),
        para(ended(f["reason"]), "原因："),
        para(
            "中止的时间不计入调解期限。原因消除后恢复调解，我们会通知您。您也可以要求终止调解，并依法仲裁、投诉或者起诉。"
        ),
        seal(f),
    ]


@KINDS.kind(
    "resumption_notice", "恢复调解通知书", Audience.PARTIES, 323, series="恢", draft=True, served=Audience.PARTIES,
    needs={"to": "当事人", "matter": "事由", "since": "恢复日期", "mediate_by": "调解期限"}, may={"reason": "恢复原因"},
)  # fmt: skip
def resumption_notice(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(f"{f['case_ref']}“{f['matter']}”一案的调解，自{f['since']}起恢复。"),
        *([para(ended(f["reason"]), "说明：")] if f.get("reason") else []),
        para(f"扣除中止的时间，调解期限至{f['mediate_by']}。下次调解的时间、地点另行通知。"),
        seal(f),
    ]


@KINDS.kind(
    "session_record", "人民调解记录", Audience.PARTIES, 800, layout="form", about="session", draft=True,
    needs={"time": "时间", "place": "地点", "matter": "事由", "parties": "当事人", "mediator": "调解员", "record": "记录"},
    may={"attendees": "参加人", "result": "调解结果", "recorder": "记录人", "nth": "第几次", "present": "当事人到场情况",
         "rights_told": "权利义务告知", "statements": "当事人陈述", "facts_checked": "核对事实情况",
         "risk_told": "风险告知", "facts_apart": "无争议事实", "recorded": "录音录像", "conclusion": "结论",
         "why_not": "没有达成一致的原因", "other_routes": "告知的其他途径", "signatures": "签名情况"},
)  # fmt: skip
def session_record(f: Fields) -> list[Block]:
    """Put a session on paper in the order of the official form (REC): told, said, checked, warned, agreed or not."""
    *signed, mediator = f.get("signatures") or [""] * (len(f["parties"]) + 1)
    return [
        labels(
            ["案　　号", f["case_ref"], "次　　数", f.get("nth") or "　"],
            ["时　　间", f["time"], "地　　点", f["place"]],
            ["事　　由", f["matter"]],
            ["当事人", f.get("present") or "；".join(f"{p['side']}{p['name']}" for p in f["parties"])],
            ["参加人", f.get("attendees") or ("无" if f.get("present") else "没有记录")],
            ["调解员", f["mediator"], "记录人", f.get("recorder") or "　"],
            *([["录音录像", "有，各方同意"]] if f.get("recorded") else []),
        ),
        para(f.get("rights_told") or NOT_RECORDED, "告知："),
        *_part("当事人陈述：", f.get("statements")),
        *_part("调解记录：", f["record"]),
        *_part("核对事实：", f.get("facts_checked")),
        *_part("没有争议的事实（另行记载，由各方单独签名）：", f.get("facts_apart")),
        *_part("风险告知：", f.get("risk_told")),
        *_part("结果：", ended(f.get("conclusion") or "") + ended(f.get("result") or "") or "未写明"),
        *_part("没有达成一致的原因：", ended(f.get("why_not") or "")),
        *_part("已告知的其他途径：", ended(f.get("other_routes") or "")),
        para(f"{'' if f.get('other_routes') else OTHER_WAYS}当事人为达成调解所作的让步，不作为以后对其不利的依据。"),
        para("请各方核对以上记录（可以要求读给本人听），无误后签名。"),
        sign(*_signed(f, signed), f"调解员（签名）：{mediator}", "记录人（签名）："),
        seal(f),
    ]


@KINDS.kind(
    "undisputed_facts", "无争议事实记载", Audience.PARTIES, 801, about="session", draft=True,
    needs={"parties": "当事人", "matter": "事由", "undisputed": "无争议事实"}, may={"signatures": "签名情况"},
)  # fmt: skip
def undisputed_facts(f: Fields) -> list[Block]:
    return [
        para(f"{f['case_ref']}“{f['matter']}”一案的调解中，各方当事人对下列事实没有争议："),
        para(f["undisputed"]),
        para("除涉及国家利益、社会公共利益和他人合法权益的外，经各方签名后，各方在以后的程序中对上述事实无需再举证。本记载不包括任何一方为达成调解所作的让步。"),
        sign(*_signed(f, f.get("signatures") or [""] * len(f["parties"])), "调解员（签名）：", "　　年　　月　　日"),
        seal(f),
    ]  # fmt: skip


@KINDS.kind(
    "mediation_proposal", "调解建议书", Audience.PARTIES, 802, series="议", draft=True, served=Audience.PARTIES,
    needs={"parties": "当事人", "matter": "事由", "terms": "建议内容", "mediator": "调解员"},
    may={"issues": "争议焦点", "answer_by": "答复期限"},
)  # fmt: skip
def mediation_proposal(f: Fields) -> list[Block]:
    return [
        to("、".join(p["name"] for p in f["parties"])),
        para(f"关于{f['case_ref']}“{f['matter']}”一案，根据各方陈述和现有材料，调解员提出下列建议，供各方自愿考虑："),
        *([para(ended(f["issues"]), "争议焦点：")] if f.get("issues") else []),
        head("建议内容"),
        items(f["terms"]),
        para("本建议不是裁决，不接受不会对您不利；各方可以提出修改意见。"
             + (f"请在{f['answer_by']}前告诉我们。" if f.get("answer_by") else "")),
        para("调解员在本案中作出的建议和当事人的回应，不作为以后对任何一方不利的依据。"),
        sign("", f"调解员（签名）：{f['mediator']}"),
        seal(f),
    ]  # fmt: skip


@KINDS.kind(
    "termination_notice", "终止调解通知书", Audience.PARTIES, 810, series="终", about="ending", draft=True, served=Audience.PARTIES,
    needs={"to": "当事人", "matter": "事由", "reason": "终止原因", "routes": "其他途径"},
    may={"explanation": "说明", "accepted": "受理日期", "interrupted": "诉讼时效", "undisputed": "无争议事实"},
)  # fmt: skip
def termination_notice(f: Fields) -> list[Block]:
    begun = f"本中心于{f['accepted']}受理，" if f.get("accepted") else ""
    return [
        to(f["to"]),
        para(f"关于{f['case_ref']}“{f['matter']}”一案的调解，{begun}因{f['reason']}，现决定终止。"),
        *([para(ended(f["explanation"]), "说明：")] if f.get("explanation") else []),
        para(ended(f["routes"]), "其他途径："),
        *([para(f["interrupted"], "诉讼时效：")] if f.get("interrupted") else []),
        *([para("各方签名确认的无争议事实另附。")] if f.get("undisputed") else []),
        para("调解中为达成协议所作的让步和陈述，不作为以后对任何一方不利的依据。"),
        seal(f),
        cut("送　达　签　收"),
        sign("签收人：", "　　年　　月　　日"),
    ]  # fmt: skip
