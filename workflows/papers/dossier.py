"""What the cover, the contents list and the back of a dossier say, as far as the case knows."""

from cases.choices import RetentionClass
from cases.dossier import Item, contents, missing_items, retention_for
from cases.language import on_file
from documents.sheet import Fields
from workflows.papers.ask import Ask, day, merged_words, names


def dossier_cover(ask: Ask) -> Fields:
    case = ask.case
    return {
        "name": f"{names(ask.applicants)}与{names(ask.respondents)}“{case.title}”纠纷",
        "dossier_number": case.dossier_number,
        "mediator": ask.mediator or ask.clerk,
        "from_date": day(case.accepted_at or case.filed_at),
        "until_date": day(case.concluded_at or case.closed_at),
        "clerk": str(ask.by or ask.clerk),
        "compiled": day(ask.at),
        "retention": on_file(RetentionClass(case.retention or retention_for(case)).label),
        "remark": merged_words(case),
        "pages": f"共{case.dossier_pages}页" if case.dossier_pages else "",
    }


def dossier_contents(ask: Ask) -> Fields:
    """List what is there; the pages are known to whoever binds the dossier and come as `fields`."""
    rows = [{"name": _name(item), "pages": "", "remark": item.note} for item in contents(ask.case) if item.present]
    return {"rows": rows, "dossier_number": ask.case.dossier_number}


def dossier_back(ask: Ask) -> Fields:
    return {
        "pages": str(ask.case.dossier_pages or ""),
        "clerk": str(ask.by or ask.clerk),
        "compiled": day(ask.at),
        "dossier_number": ask.case.dossier_number,
    }


def dossier_note(ask: Ask) -> Fields:
    return {"missing": [_name(item) for item in missing_items(ask.case)], "clerk": str(ask.by or ask.clerk)}


def _name(item: Item) -> str:
    return on_file(item.name)  # type: ignore[arg-type]  # a lazy name, whatever its class
