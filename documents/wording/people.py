"""Who the parties are, who acts for them, where they are reached, what they hand in."""

from documents.kind import Audience, Declarations
from documents.sheet import Block, Fields, code, head, items, labels, note, para, sign, table, ticks, to, write_here

KINDS = Declarations()

SCOPES = {
    "APPLY": "代为申请或者终止调解",
    "EVIDENCE": "代为收集、提供证据",
    "CHOOSE": "代为选择或者接受调解员",
    "DISPOSE": "代为承认、变更、放弃请求，进行和解",
    "SIGN": "代为参加调解，签署调解记录、通知和调解协议",
    "COLLECT": "代为领取文书",
}


@KINDS.kind(
    "identity_proof", "当事人身份证明", Audience.STAFF, 400, layout="form",
    needs={"parties": "当事人"},
)  # fmt: skip
def identity_proof(f: Fields) -> list[Block]:
    return [
        labels(["案　　号", f["case_ref"], "制作日期", f["date"]]),
        head("身份核对情况"),
        *(
            labels(
                [p["side"], p["name"]],
                ["证件号码", p["id"], "看过的证件", p["paper"]],
                ["核对日期", p["checked"], "核对人", p.get("checker") or "　"],
                ["复印件", p.get("copy") or "没有留存"],
            )
            for p in f["parties"]
        ),
        note("证件号码只保留首尾一位。“没有记录”“没有留存”的，补办以后重新制发。"),
        sign("核对人（签名）：", "　　年　　月　　日"),
        code(),
    ]  # fmt: skip


@KINDS.kind(
    "representative_certificate", "法定代表人（负责人）身份证明书", Audience.PARTY, 401, about="party",
    needs={"name": "单位名称", "representative": "法定代表人或负责人"}, may={"id": "统一社会信用代码", "address": "住所"},
    draft=True,
)  # fmt: skip
def representative_certificate(f: Fields) -> list[Block]:
    return [
        para(f"{f['representative']}在我单位任法定代表人（负责人），特此证明。"),
        para(f["name"], "单位名称："),
        *([para(f["id"], "统一社会信用代码：")] if f.get("id") else []),
        *([para(f["address"], "住　　所：")] if f.get("address") else []),
        sign("职务：", "联系电话：", "单位（盖章）：", "　　年　　月　　日"),
        note("请附法定代表人（负责人）身份证复印件。"),
        code(),
    ]


@KINDS.kind(
    "power_of_attorney", "授权委托书", Audience.PARTY, 500, about="agent", draft=True, full_data=True,
    needs={"principal": "委托人", "agent": "受托人", "matter": "委托事项", "scope": "授权范围"},
    may={"since": "起始日期", "agent_phone": "受托人电话"},
)  # fmt: skip
def power_of_attorney(f: Fields) -> list[Block]:
    return [
        para(f["principal"], "委托人："),
        para(f["agent"] + (f"，电话{f['agent_phone']}" if f.get("agent_phone") else ""), "受托人："),
        para(f"现委托受托人在{f['case_ref']}“{f['matter']}”一案的调解中作为我方代理人，授权范围如下（打√有效）："),
        ticks(*((key in f["scope"], text) for key, text in SCOPES.items())),
        para(f"委托期限自{f.get('since') or f['date']}起至本案调解结束时止。没有打√的事项，受托人无权代理。"),
        sign("委托人（签名、按印）：", "受托人（签名）：", "　　年　　月　　日", "　　年　　月　　日"),
        note("承认、变更、放弃请求和签署调解协议，须有明确授权。"),
        code(),
    ]


@KINDS.kind(
    "address_confirmation", "送达地址确认书", Audience.PARTY, 402, layout="form", about="party", draft=True,
    full_data=True,
    needs={"name": "当事人", "matter": "事由"},
    may={"phone_number": "电话", "address": "地址", "receiver": "代收人", "online": "网上送达", "post": "邮寄送达",
         "counter": "到中心领取", "confirmed": "确认情况"},
)  # fmt: skip
def address_confirmation(f: Fields) -> list[Block]:
    return [
        labels(["案　　号", f["case_ref"]], ["事　　由", f["matter"]], ["当事人", f["name"]]),
        head("告知事项"),
        items(
            [
                "请准确填写能够收到文书的地址、电话；有变化的，请及时告诉本中心。",
                "填写不准确、变更未告知或者拒收的，文书退回之日可以视为送达之日。",
                "同意电子送达的，文书在本中心网站可以查看，并以短信提示；需要纸质文书的可以随时领取。",
            ]
        ),
        head("送达地址和方式"),
        labels(
            ["收件地址", f.get("address") or "\n"],
            ["联系电话", f.get("phone_number") or "　", "收件人", f.get("receiver") or "　"],
        ),
        ticks(
            (bool(f.get("online")), "同意网上（电子）送达，短信提示。"),
            (bool(f.get("post")), "要求邮寄送达。"),
            (bool(f.get("counter")), "到本中心领取。"),
        ),
        para(f.get("confirmed") or "我已阅读并明白上述告知事项，确认所填地址、电话准确有效。"),
        sign("当事人（签名、盖章）：", "　　年　　月　　日"),
        code(),
    ]


@KINDS.kind(
    "service_receipt", "送达回证", Audience.STAFF, 403, layout="form", about="party", full_data=True, draft=True,
    needs={"name": "受送达人", "matter": "事由", "papers": "送达文书"}, may={"address": "送达地址"},
)  # fmt: skip
def service_receipt(f: Fields) -> list[Block]:
    rows = [[str(i), p["title"], p["number"], "　"] for i, p in enumerate(f["papers"], 1)]
    return [
        labels(
            ["案　　号", f["case_ref"], "事　　由", f["matter"]],
            ["受送达人", f["name"]],
            ["送达地址", f.get("address") or "　"],
        ),
        head("送达的文书"),
        table([("序号", 3), ("文书名称", 0), ("文号", 15), ("份数", 3.5)], rows),
        ticks(
            (False, "直接送达　　年　　月　　日　　时"),
            (False, "邮寄送达，邮件号："),
            (False, "网上送达，查看时间："),
            (False, "代收，代收人与受送达人的关系："),
            (False, "留置送达，理由和见证人："),
        ),
        sign("受送达人（签名、盖章）：", "送达人（签名）：", "　　年　　月　　日", "　　年　　月　　日"),
        code(),
    ]


@KINDS.kind(
    "investigation_record", "人民调解调查记录", Audience.STAFF, 600, layout="form", draft=True,
    needs={"matter": "调查事项", "asker": "调查人"},
    may={"time": "时间", "place": "地点", "person": "被调查人", "content": "调查内容", "recorder": "记录人"},
)  # fmt: skip
def investigation_record(f: Fields) -> list[Block]:
    content = [para(f["content"])] if f.get("content") else [write_here(12)]
    return [
        labels(
            ["案　　号", f["case_ref"]],
            ["时　　间", f.get("time") or "　", "地　　点", f.get("place") or "　"],
            ["调查事项", f["matter"]],
            ["被调查人", f.get("person") or "姓名：　　　　　性别：　　　年龄：　　　单位或住址："],
            ["调查人", f["asker"], "记录人", f.get("recorder") or "　"],
        ),
        head("调查内容"),
        *content,
        sign("被调查人（签名）：", "调查人（签名）：", "记录人（签名）：", "　　年　　月　　日"),
        note("以上记录已给我看过（读给我听过），与我说的一致。"),
        code(),
    ]


@KINDS.kind(
    "evidence_list", "人民调解证据材料清单", Audience.STAFF, 700, layout="form",
    needs={"files": "证据材料"}, may={"matter": "事由"},
)  # fmt: skip
def evidence_list(f: Fields) -> list[Block]:
    rows = [
        [str(e["number"]), e["name"], e["provider"], str(e["pages"]), e.get("purpose") or "—", e["original"]]
        for e in f["files"]
    ]
    return [
        labels(["案　　号", f["case_ref"], "制作日期", f["date"]]),
        table([("编号", 3), ("名称", 0), ("提供人", 6.5), ("页数", 3), ("证明什么", 8.5), ("原件", 5)], rows),
        note("电子文件按收到的原样保存，并记有SHA-256校验值。“已核对”指工作人员已与原件核对。"),
        sign("提交人（签名）：", "接收人（签名）："),
        code(),
    ]


@KINDS.kind(
    "publicity_confirmation", "调解公开（不公开）确认书", Audience.PARTIES, 404, about="", draft=True,
    needs={"parties": "当事人", "matter": "事由"}, may={"public": "是否公开"},
)  # fmt: skip
def publicity_confirmation(f: Fields) -> list[Block]:
    public = f.get("public")
    return [
        to(f["centre"]),
        para(
            f"{f['case_ref']}“{f['matter']}”一案的调解，"
            + ("请各方确认（打√）：" if public is None else "经征求各方意见，确认如下：")
        ),
        ticks(
            (public is True, "公开进行，允许亲属、邻里等旁听。"),
            (public is False, "不公开进行。除各方同意外，任何人不得旁听、录音录像或者对外透露调解内容。"),
        ),
        para("涉及个人隐私、商业秘密，或者一方要求不公开的，不公开调解。任何一方可以随时要求改为不公开。"),
        sign(*(f"{p['side']}（签名、盖章）：" for p in f["parties"]), "　　年　　月　　日"),
        code(),
    ]
