"""Cover, contents list and back cover of a dossier."""

from documents.kind import Audience, Declarations
from documents.sheet import Block, Fields, labels, note, sign, table

KINDS = Declarations()


@KINDS.kind(
    "dossier_cover", "调解卷宗封面", Audience.STAFF, 0, layout="cover", printed="调解卷宗",
    needs={"name": "卷名", "dossier_number": "卷号", "mediator": "调解员", "from_date": "调解起始日期",
           "until_date": "调解终止日期", "clerk": "立卷人", "compiled": "立卷日期", "retention": "保管期限"},
    may={"remark": "备注", "pages": "页数"},
)  # fmt: skip
def dossier_cover(f: Fields) -> list[Block]:
    return [
        labels(
            ["卷　　名", f["name"]],
            ["卷　　号", f["dossier_number"]],
            ["案　　号", f["case_ref"]],
            ["调　解　员", f["mediator"]],
            ["调解日期", f"{f['from_date']}至{f['until_date']}"],
            ["立　卷　人", f["clerk"]],
            ["立卷日期", f["compiled"]],
            ["保管期限", f["retention"]],
            *([["页　　数", f["pages"]]] if f.get("pages") else []),
            ["备　　注", f.get("remark") or "　"],
        )
    ]


@KINDS.kind(
    "dossier_contents", "卷内目录", Audience.STAFF, 1, layout="form",
    needs={"rows": "目录"}, may={"dossier_number": "卷号"},
)  # fmt: skip
def dossier_contents(f: Fields) -> list[Block]:
    rows = [[str(i), row["name"], row["pages"], row.get("remark") or ""] for i, row in enumerate(f["rows"], 1)]
    return [
        labels(["案　　号", f["case_ref"], "卷　　号", f.get("dossier_number") or "　"]),
        table([("序号", 3.5), ("文书名称", 0), ("页号", 6), ("备注", 8)], rows),
    ]


@KINDS.kind(
    "dossier_back", "封底", Audience.STAFF, 9999, layout="back",
    needs={"pages": "总页数", "clerk": "立卷人", "compiled": "立卷日期"}, may={"dossier_number": "卷号"},
)  # fmt: skip
def dossier_back(f: Fields) -> list[Block]:
    return [
        labels(
            ["卷　　号", f.get("dossier_number") or "　"],
            ["本卷页数", f"共{f['pages']}页"],
            ["立卷人", f["clerk"], "立卷日期", f["compiled"]],
            ["检查人", "　", "检查日期", "　　年　　月　　日"],
        ),
        note("本卷材料按卷内目录顺序编排，页码连续。归档以后不得抽换、增减；借阅、复制须经批准并登记。"),
        sign("立卷人（签名）：", "检查人（签名）："),
    ]
