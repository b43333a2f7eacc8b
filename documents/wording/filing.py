"""Filing, supplements, refusal, transfer, complaints and enquiries."""

from documents.kind import Audience, Declarations, Hand
from documents.sheet import (
    Block,
    Fields,
    code,
    cut,
    ended,
    head,
    items,
    labels,
    note,
    para,
    seal,
    sign,
    table,
    ticks,
    to,
)

KINDS = Declarations()
# What is said of undisputed facts: only with everybody's signature are they confirmed.
UNDISPUTED = {True: "各方签名确认的无争议事实：", False: "记录在卷、没有经各方全部签名的无争议事实："}


@KINDS.kind(
    "mediation_application", "人民调解申请书", Audience.APPLICANTS, 200, layout="form", draft=True,
    full_data=True,
    needs={"applicants": "申请人", "respondents": "被申请人", "facts": "纠纷简要情况", "requests": "申请事项"},
    may={"told": "是否已告知调解规定", "filed": "申请日期"},
)  # fmt: skip
def mediation_application(f: Fields) -> list[Block]:
    people = [*(("申请人", p) for p in f["applicants"]), *(("被申请人", p) for p in f["respondents"])]
    return [
        *(labels(*_rows_of(side, p)) for side, p in people),
        head("纠纷简要情况"),
        para(f["facts"]),
        head("申请事项"),
        items(f["requests"]),
        para(
            ("调解组织已将申请调解的相关规定告知我。" if f.get("told") else "")
            + "我自愿申请调解。调解坚持自愿、平等，不收取任何费用；"
            "我知道不愿调解、调解不成或者对结果不满意，仍可以依法仲裁、行政投诉或者向人民法院起诉。"
        ),
        sign("申请人（签名、按印）：", f"{f.get('filed') or f['date']}"),
        code(),
    ]


def _rows_of(side: str, p: dict[str, str]) -> list[list[str]]:
    rows = [[side, p["name"], "性别", p["sex"] or "　"] if p["natural"] else [side, p["name"]]]
    if p["phone"] or p["relation"]:
        rows.append(["联系方式", p["phone"] or "　", "与小区关系", p["relation"] or "　"])
    return [*rows, ["单位或住址", p["address"] or "　"]]


@KINDS.kind(
    "receipt", "回执", Audience.APPLICANTS, 201, served=Audience.APPLICANTS,
    needs={"to": "申请人", "receipt_number": "登记号", "filed": "提交日期", "matter": "事由", "decide_by": "答复期限"},
    may={"limitation": "主张权利日期", "one_year": "一年期限提示", "address": "中心地址", "hours": "办公时间",
         "late": "补发时期限已过"},
)  # fmt: skip
def receipt(f: Fields) -> list[Block]:
    limitation = (
        [para(f"您于{f['limitation']}向本中心请求解决上述民事纠纷。这个日期在涉及诉讼时效时可以作为您主张权利的证明。")]
        if f.get("limitation")
        else []
    )
    return [
        to(f["to"]),
        para(f"本中心已于{f['filed']}收到您关于“{f['matter']}”的材料，登记号为{f['receipt_number']}。"),
        para(
            (
                f"决定是否受理的期限是{f['decide_by']}，本回执补发时已过，结果请向本中心查询。"
                if f.get("late")
                else f"我们将在{f['decide_by']}前决定是否受理并告诉您。"
            )
            + "查询、补充材料或者撤回，请报登记号。"
        ),
        *limitation,
        *([para(f["one_year"], "请特别注意：")] if f.get("one_year") else []),
        para("提交材料不影响您依法仲裁、向主管部门投诉或者向人民法院起诉的权利。本中心调解不收取任何费用。"),
        para("，".join(filter(None, [f["phone"], f.get("address", ""), f.get("hours", "")])) + "。", "联系我们："),
        seal(f),
    ]


@KINDS.kind(
    "supplement_notice", "补正通知书", Audience.APPLICANTS, 210, series="补", about="supplement", draft=True, served=Audience.APPLICANTS,
    needs={"to": "申请人", "matter": "事由", "filed": "提交日期", "wanted": "需要补正的内容", "answer_by": "补正期限"},
    may={"late": "补发时期限已过"},
)  # fmt: skip
def supplement_notice(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(
            f"您于{f['filed']}提交的关于“{f['matter']}”的申请（登记号{f['receipt_number']}），经审查还需要补充下列内容："
        ),
        items(f["wanted"]),
        para(
            f"补正期限原定至{f['answer_by']}，本通知书发出时已过。请尽快补正，或者告诉本中心还需要多少时间；备齐后也可以再次申请。"
            if f.get("late")
            else f"请在{f['answer_by']}前补正。到期没有补正的，视为撤回申请，但不影响您备齐后再次申请。"
        ),
        para(f"可以网上补充，也可以送到或者寄到本中心；有困难的，请拨打{f['phone']}，由工作人员协助。"),
        seal(f),
    ]


@KINDS.kind(
    "supplement_list", "补充材料清单", Audience.APPLICANTS, 211, layout="form", about="supplement",
    needs={"to": "提交人", "wanted": "要求补充的内容", "received": "收到日期"}, may={"files": "收到的材料"},
)  # fmt: skip
def supplement_list(f: Fields) -> list[Block]:
    rows = [[str(i), row["name"], row["pages"], row["at"]] for i, row in enumerate(f.get("files") or [], 1)]
    return [
        labels(["登记号", f["receipt_number"], "提交人", f["to"]], ["收到日期", f["received"], "经办", f.get("clerk", "")]),
        head("要求补充的内容"),
        items(f["wanted"]),
        head("收到的材料"),
        table([("序号", 3), ("名称", 0), ("页数", 3.5), ("收到日期", 9.5)], rows or [["—", "没有另交文件", "—", "—"]]),
        sign("提交人（签名）：", "接收人（签名）："),
        code(),
    ]  # fmt: skip


@KINDS.kind(
    "lapse_notice", "视为撤回通知", Audience.APPLICANTS, 212, series="撤", served=Audience.APPLICANTS,
    needs={"to": "申请人", "matter": "事由", "answer_by": "补正期限", "routes": "其他途径"},
)  # fmt: skip
def lapse_notice(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(
            f"您关于“{f['matter']}”的申请（登记号{f['receipt_number']}），本中心曾通知您补正，期限至{f['answer_by']}。"
            "期限已过，没有收到补正材料，按本中心受理规则，视为撤回申请。"
        ),
        para("材料备齐以后，您可以随时再次申请。"),
        para(f["routes"], "其他途径："),
        seal(f),
    ]


@KINDS.kind(
    "rejection_notice", "不予受理通知书", Audience.APPLICANTS, 220, series="不受", about="ending", draft=True, served=Audience.APPLICANTS,
    needs={"to": "申请人", "matter": "事由", "filed": "提交日期", "reason": "不予受理的理由", "routes": "其他途径"},
    may={"explanation": "说明", "limitation": "主张权利日期"},
)  # fmt: skip
def rejection_notice(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(f"您于{f['filed']}提交的关于“{f['matter']}”的申请（登记号{f['receipt_number']}），经审查，决定不予受理。"),
        para(ended(f["reason"]) + ended(f.get("explanation") or ""), "理由："),
        para(f["routes"], "其他途径："),
        *([para(f"您于{f['limitation']}向本中心主张权利。", "主张权利日期：")] if f.get("limitation") else []),
        para("对本决定有意见的，可以自收到之日起10个工作日内向本中心申请复核。不予受理不影响您依法起诉或者申请仲裁。"),
        seal(f),
    ]


@KINDS.kind(
    "review_decision", "复核决定书", Audience.APPLICANTS, 221, series="复决", served=Audience.APPLICANTS,
    needs={"to": "申请人", "matter": "事由", "first_reason": "原决定理由", "result": "复核结果"},
    may={"reason": "复核理由", "apart": "复核人"},
)  # fmt: skip
def review_decision(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(
            f"您对本中心就“{f['matter']}”（登记号{f['receipt_number']}）作出的不予受理决定"
            f"（理由：{f['first_reason']}）提出的意见，"
            + (f"本中心已由{f['apart']}复核，作出原决定的人员没有参加。" if f.get("apart") else "本中心已复核。")
        ),
        para(ended(f["result"]), "复核决定："),
        *([para(ended(f["reason"]), "理由：")] if f.get("reason") else []),
        para("您仍可以依法申请仲裁、向主管部门投诉或者向人民法院起诉。"),
        seal(f),
    ]


@KINDS.kind(
    "referral_letter", "移送函", Audience.STAFF, 230, about="referral", draft=True, full_data=True, hand=Hand.SEAL,
    needs={"to": "接收单位", "matter": "事由", "filed": "提交日期", "facts": "基本情况", "reason": "移送理由",
           "applicants": "申请人", "requests": "请求"},
    may={"basis": "移送依据", "respondents": "被申请人", "attached": "随函附送的材料"},
)  # fmt: skip
def referral_letter(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(f"本中心于{f['filed']}收到关于“{f['matter']}”的申请（登记号{f['receipt_number']}）。{f['reason']}，现移送贵单位依法处理。"),
        para("；".join(_person(p) for p in f["applicants"]) + "。", "申请人："),
        *([para("；".join(p["name"] for p in f["respondents"]) + "。", "被反映单位或个人：")] if f.get("respondents") else []),
        para(f["facts"], "基本情况："),
        para(ended("；".join(f["requests"])), "请求："),
        *([para(f["basis"], "移送依据：")] if f.get("basis") else []),
        *([para(ended(f["attached"]), "随函附送：")] if f.get("attached") else []),
        para(f"处理结果请函告本中心。联系电话：{f['phone']}。"),
        seal(f),
        cut("回　　执"),
        para(f"贵中心关于“{f['matter']}”（登记号{f['receipt_number']}）的移送函及材料收悉。"),
        sign("接收单位（盖章）：", "接收人：", "联系电话：", "　　年　　月　　日"),
    ]  # fmt: skip


@KINDS.kind(
    "referral_notice", "移送告知书", Audience.APPLICANTS, 231, series="告", about="referral", served=Audience.APPLICANTS,
    needs={"to": "申请人", "matter": "事由", "filed": "提交日期", "body": "接收单位", "reason": "移送理由",
           "letter_number": "移送函号", "routes": "其他途径"},
    may={"limitation": "主张权利日期"},
)  # fmt: skip
def referral_notice(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(f"您于{f['filed']}提交的关于“{f['matter']}”的申请（登记号{f['receipt_number']}），{f['reason']}，本中心已以{f['letter_number']}移送{f['body']}处理。"),
        para(f["routes"], "接下来："),
        *([para(f"您于{f['limitation']}向本中心主张权利。", "主张权利日期：")] if f.get("limitation") else []),
        para(f"其中的民事争议，对方同意调解的，您可以再来申请。联系电话：{f['phone']}。"),
        seal(f),
    ]  # fmt: skip


@KINDS.kind(
    "delegation_letter", "委托（委派）调解函", Audience.STAFF, 232, series="委", draft=True, full_data=True, hand=Hand.SEAL,
    needs={"to": "受托单位", "matter": "事由", "facts": "基本情况", "requests": "请求", "applicants": "申请人",
           "respondents": "被申请人", "period": "调解期限"},
    may={"agreed": "各方意见"},
)  # fmt: skip
def delegation_letter(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(
            f"{'经各方当事人同意，' if f.get('agreed') else ''}现将{f['case_ref']}“{f['matter']}”一案委托贵单位调解。"
        ),
        para("；".join(_person(p) for p in f["applicants"]) + "。", "申请人："),
        para("；".join(_person(p) for p in f["respondents"]) + "。", "被申请人："),
        para(f["facts"], "基本情况："),
        para(ended("；".join(f["requests"])), "请求："),
        para(f"{f['period']}，自贵单位签收之日起算；各方同意的可以延长。期满请将结果函告本中心。", "调解期限："),
        seal(f),
        cut("签　　收"),
        sign("签收单位（盖章）：", "签收人：", "联系电话：", "　　年　　月　　日"),
    ]


@KINDS.kind(
    "delegation_reply", "委托（委派）调解反馈函", Audience.STAFF, 233, series="复", draft=True, hand=Hand.SEAL,
    needs={"to": "委托（委派）单位", "matter": "事由", "source_number": "来文号", "result": "调解结果"},
    may={"accepted": "受理日期", "concluded": "办结日期", "undisputed": "无争议事实", "parties_words": "当事人",
         "all_signed": "各方签名"},
)  # fmt: skip
def delegation_reply(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(f"贵单位{f['source_number']}委托（委派）本中心调解的{f['case_ref']}“{f['matter']}”一案，现将结果反馈如下。"),
        *([para(ended(f["parties_words"]), "当事人：")] if f.get("parties_words") else []),
        *([para(f"{f['accepted']}受理" + (f"，{f['concluded']}办结。" if f.get("concluded") else "。"), "办理情况：")] if f.get("accepted") else []),
        para(ended(f["result"]), "结果："),
        *([para(f["undisputed"], UNDISPUTED[bool(f.get("all_signed"))])] if f.get("undisputed") else []),
        para("当事人为达成调解而作的让步和陈述，未经各方同意，不作为对其不利的依据。"),
        seal(f),
    ]  # fmt: skip


@KINDS.kind(
    "forwarding_slip", "投诉转办单", Audience.PARTIES, 240, layout="form", series="转", draft=True, served=Audience.RESPONDENTS,
    needs={"to": "承办企业", "matter": "投诉事项", "facts": "投诉内容", "requests": "诉求", "estate": "小区",
           "answer_by": "答复期限"},
    may={"complainant": "投诉人", "late": "补发时期限已过"},
)  # fmt: skip
def forwarding_slip(f: Fields) -> list[Block]:
    return [
        labels(
            ["承办企业", f["to"]],
            ["小　　区", f["estate"], "投诉人", f.get("complainant") or "身份保密"],
            ["投诉事项", f["matter"]],
            ["投诉内容", f["facts"]],
            ["诉　　求", "\n".join(f["requests"])],
            ["答复期限", _by(f) + "查明情况，处理并答复投诉人和本中心。"],
        ),
        note("请通过本中心网站或者书面答复：查明的情况、处理措施、完成时间、联系人。不得因投诉对投诉人不利。"),
        seal(f),
    ]


@KINDS.kind(
    "enquiry_record", "咨询记录", Audience.APPLICANTS, 241, layout="form", about="answer",
    needs={"to": "咨询人", "matter": "咨询事项", "question": "咨询内容", "answer": "答复内容", "answered": "答复日期"},
    may={"clerk": "答复人", "channel": "咨询方式"},
)  # fmt: skip
def enquiry_record(f: Fields) -> list[Block]:
    return [
        labels(
            ["登记号", f["receipt_number"], "方　　式", f.get("channel", "")],
            ["咨询人", f["to"], "答复日期", f["answered"]],
            ["事　　项", f["matter"]],
            ["咨询内容", f["question"]],
            ["答　　复", f["answer"]],
            ["答复人", f.get("clerk", "")],
        ),
        note("本答复供参考，不代替专业法律意见。可以拨打12348法律服务热线。"),
        code(),
    ]


@KINDS.kind(
    "company_answer", "企业答复", Audience.PARTIES, 242, layout="form", about="answer",
    needs={"company": "答复企业", "matter": "投诉事项", "answer": "答复内容", "answered": "答复日期"},
)  # fmt: skip
def company_answer(f: Fields) -> list[Block]:
    return [
        labels(
            ["登记号", f["receipt_number"], "答复日期", f["answered"]],
            ["答复企业", f["company"]],
            ["投诉事项", f["matter"]],
            ["答复内容", f["answer"]],
        ),
        sign("答复企业（盖章）：", "经办人（签名）："),
        code(),
    ]


@KINDS.kind(
    "verification_record", "核查记录", Audience.STAFF, 243, layout="form", about="answer",
    needs={"company": "答复企业", "matter": "投诉事项", "answer": "企业答复", "verification": "核查情况",
           "clerk": "核查人"},
    may={"solved": "投诉人意见"},
)  # fmt: skip
def verification_record(f: Fields) -> list[Block]:
    return [
        labels(
            ["登记号", f["receipt_number"], "制作日期", f["date"]],
            ["答复企业", f["company"], "核查人", f["clerk"]],
            ["投诉事项", f["matter"]],
            ["企业答复", f["answer"]],
            ["核查情况", f["verification"]],
            ["投诉人意见", f.get("solved") or "未表示"],
        ),
        sign("核查人（签名）：", "审核（签名）："),
        code(),
    ]


@KINDS.kind(
    "supervision_order", "督办单", Audience.RESPONDENTS, 244, layout="form", series="督", draft=True, served=Audience.RESPONDENTS,
    needs={"to": "承办企业", "matter": "投诉事项", "why": "督办事由", "answer_by": "答复期限"},
    may={"answer": "前次答复", "late": "补发时期限已过"},
)  # fmt: skip
def supervision_order(f: Fields) -> list[Block]:
    return [
        labels(
            ["承办企业", f["to"]],
            ["登记号", f["receipt_number"], "答复期限", f["answer_by"] + ("（发出时已过）" if f.get("late") else "")],
            ["投诉事项", f["matter"]],
            ["前次答复", f.get("answer") or "未答复"],
            ["督办事由", f["why"]],
            [
                "督办要求",
                f"请重新查明情况，采取有效措施，{'尽快' if f.get('late') else '在期限内'}处理完毕并书面答复；"
                "确有困难的，说明理由和计划完成时间。",
            ],
        ),
        seal(f),
        cut("签　　收"),
        sign("签收人：", "　　年　　月　　日"),
    ]


@KINDS.kind(
    "invitation_letter", "征询意见函", Audience.RESPONDENTS, 250, series="询", draft=True, served=Audience.RESPONDENTS,
    needs={"to": "被申请人", "applicant": "申请人", "matter": "事由", "facts": "申请人的陈述", "requests": "申请人的请求",
           "answer_by": "答复期限"},
    may={"late": "补发时期限已过"},
)  # fmt: skip
def invitation_letter(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(f"{f['applicant']}就“{f['matter']}”申请本中心调解（登记号{f['receipt_number']}）。现征询您是否同意调解。"),
        para(f["facts"], "申请人的陈述："),
        head("申请人的请求："),
        items(f["requests"]),
        para("调解自愿、平等，不收取任何费用。您可以同意，可以不同意，也可以在调解中随时要求终止；"
             "不同意调解不会因此对您不利，各方仍可依法仲裁、投诉或者起诉。"),
        para(_by(f) + f"答复：登录本中心网站、寄回下面的回执或者拨打{f['phone']}。"),
        seal(f),
        cut("回　　执"),
        ticks((False, f"同意就{f['case_ref']}“{f['matter']}”一案进行调解。"), (False, "不同意调解。")),
        sign("签名或盖章：", "　　年　　月　　日"),
    ]  # fmt: skip


@KINDS.kind(
    "withdrawal", "撤回申请书", Audience.APPLICANTS, 260, draft=True,
    needs={"applicant": "申请人", "matter": "事由", "filed": "提交日期"}, may={"reason": "撤回原因"},
)  # fmt: skip
def withdrawal(f: Fields) -> list[Block]:
    return [
        to(f["centre"]),
        para(f"本人（单位）于{f['filed']}就“{f['matter']}”申请调解，登记号{f['receipt_number']}，现自愿撤回申请。"),
        *([para(ended(f["reason"]), "原因：")] if f.get("reason") else []),
        para("我知道撤回后仍可以再次申请，也可以依法仲裁、投诉或者起诉。"),
        sign(f"申请人：{f['applicant']}", "签名（盖章）：", "", "　　年　　月　　日"),
        code(),
    ]


@KINDS.kind(
    "merge_notice", "并案通知书", Audience.APPLICANTS, 261, series="并", served=Audience.APPLICANTS,
    needs={"to": "申请人", "matter": "事由", "lead": "主案登记号"},
)  # fmt: skip
def merge_notice(f: Fields) -> list[Block]:
    return [
        to(f["to"]),
        para(
            f"您关于“{f['matter']}”的申请（登记号{f['receipt_number']}），与登记号{f['lead']}的案件（主案）属于同一事项，"
            "现并入主案一起办理，您的这件申请到此结案，材料在本件存卷。"
        ),
        para(
            f"您可以在登记号{f['receipt_number']}的页面上（登录本中心网站，或者用案件通行码）看到主案的登记号、办到哪一步和办理结果；"
            "主案有新进展，我们会通知您。主案中的调解内容、方案和其他当事人的情况，不向主案以外的人公开。"
        ),
        para("您不是主案的当事人，主案达成的协议不约束您。您仍可以另行申请调解，也可以依法仲裁、投诉或者起诉。"),
        para(f"查询进展请报登记号{f['receipt_number']}，或者拨打{f['phone']}。"),
        seal(f),
    ]


def _by(f: Fields) -> str:
    """Ask for an answer by its day; a letter that goes out after it never asks for a day that is past."""
    if f.get("late"):
        return f"期限原定至{f['answer_by']}，发出时已过；还没有答复的，请收到后尽快"
    return f"请在{f['answer_by']}前"


def _person(p: dict[str, str]) -> str:
    return "，".join(filter(None, [p["name"], p.get("phone", ""), p.get("address", "")]))
