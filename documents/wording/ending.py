"""After the end: call-backs, the closing report, mediation taken up again."""

from documents.kind import Audience, Declarations
from documents.sheet import Block, Fields, code, head, labels, note, para, seal, sign, ticks

KINDS = Declarations()
NOT_RECORDED = "未记录"


@KINDS.kind(
    "follow_up_record", "人民调解回访记录", Audience.STAFF, 1100, layout="form", about="follow_up",
    needs={"parties": "当事人", "matter": "回访事由", "time": "回访时间", "how": "回访方式", "visitor": "回访人",
           "result": "联系情况"},
    may={"agreement": "协议编号", "nth": "第几次", "solved": "是否解决", "satisfaction": "满意度",
         "performed": "履行了多少", "performance": "履行情况", "lawsuit": "诉讼及其结果", "hidden_danger": "激化或隐患",
         "wrong_mediation": "错调", "measures": "采取的措施", "next_on": "下次回访日期", "note": "说明"},
)  # fmt: skip
def follow_up_record(f: Fields) -> list[Block]:
    def said(name: str) -> str:
        return f.get(name) or NOT_RECORDED

    return [
        labels(
            ["案　　号", f["case_ref"], "协议编号", f.get("agreement") or "无"],
            ["当事人", "；".join(f"{p['side']}{p['name']}" for p in f["parties"])],
            ["回访事由", f["matter"]],
            ["回访时间", f["time"], "回访方式", f["how"]],
            ["次　　数", said("nth"), "联系情况", f["result"]],
            ["是否解决", said("solved"), "满意度", said("satisfaction")],
            ["履行了多少", said("performed"), "下次回访", said("next_on")],
            ["履行情况", said("performance")],
            ["诉讼及其结果", said("lawsuit")],
            ["激化或隐患", said("hidden_danger")],
            ["错　　调", said("wrong_mediation")],
            ["采取的措施", said("measures")],
            ["说　　明", said("note")],
        ),
        note("回访由调解员以外的人员进行；评价不得由调解员填写。"),
        sign(f"回访人（签名）：{f['visitor']}", f["date"]),
        code(),
    ]


@KINDS.kind(
    "survey_record", "当事人评价记录", Audience.STAFF, 1101, layout="form", about="survey",
    needs={"party": "当事人", "matter": "事由", "time": "评价时间", "solved": "是否解决", "satisfaction": "满意度"},
    may={"comment": "想说的话"},
)  # fmt: skip
def survey_record(f: Fields) -> list[Block]:
    return [
        labels(
            ["案　　号", f["case_ref"], "评价时间", f["time"]],
            ["评价人", f"{f['party']['side']}{f['party']['name']}"],
            ["事　　由", f["matter"]],
            ["是否解决", f["solved"], "满意度", f["satisfaction"]],
            ["想说的话", f.get("comment") or NOT_RECORDED],
        ),
        note("由当事人一方在网上填写，中心的人员没有代填，也没有改动。"),
        code(),
    ]


@KINDS.kind(
    "closing_report", "人民调解结案报告表", Audience.STAFF, 1110, layout="form",
    needs={"parties": "当事人", "matter": "事由", "filed": "登记日期", "closed": "结案日期", "outcome": "结果",
           "source": "案件来源", "facts": "简要情况", "handler": "承办人"},
    may={"accepted": "受理日期", "concluded": "调结日期", "category": "纠纷类型", "agreement": "协议编号",
         "performance": "履行情况", "follow_up": "回访情况", "sessions": "调解次数", "merged": "并案"},
)  # fmt: skip
def closing_report(f: Fields) -> list[Block]:
    return [
        labels(
            ["案　　号", f["case_ref"], "承办人", f["handler"]],
            ["登记日期", f["filed"], "受理日期", f.get("accepted") or "未受理"],
            ["调结日期", f.get("concluded") or "—", "结案日期", f["closed"]],
            ["当事人", "；".join(f"{p['side']}{p['name']}" for p in f["parties"])],
            ["案件来源", f["source"], "纠纷类型", f.get("category") or "　"],
            ["事　　由", f["matter"]],
            ["简要情况", f["facts"]],
            ["结　　果", f["outcome"], "协议编号", f.get("agreement") or "无"],
            ["调解次数", f.get("sessions") or "—", "回访情况", f.get("follow_up") or "—"],
            ["履行情况", f.get("performance") or "—"],
            *([["并　　案", f["merged"]]] if f.get("merged") else []),
        ),
        sign("承办人（签名）：", "负责人（签名）："),
        code(),
    ]


@KINDS.kind(
    "remediation_approval", "重新调解审批表", Audience.STAFF, 1120, layout="form",
    needs={"parties": "当事人", "matter": "事由", "outcome": "原结果", "closed": "原结案日期"},
    may={"reason": "重新调解的理由", "agreed": "各方意见", "approved": "审批"},
)  # fmt: skip
def remediation_approval(f: Fields) -> list[Block]:
    return [
        labels(
            ["案　　号", f["case_ref"], "原结案日期", f["closed"]],
            ["当事人", "；".join(f"{p['side']}{p['name']}" for p in f["parties"])],
            ["事　　由", f["matter"]],
            ["原结果", f["outcome"]],
            ["重新调解的理由", f.get("reason") or "　"],
            ["各方意见", f.get("agreed") or "　"],
        ),
        head("审批意见"),
        ticks((bool(f.get("approved")), "同意重新调解"), (False, "不同意")),
        para("重新调解须各方同意；原协议在新协议生效以前继续有效。"),
        sign("经办人（签名）：", "批准人（签名）："),
        seal(f),
    ]
