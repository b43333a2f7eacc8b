"""What call-backs, closing and mediation taken up again put on paper."""

from audit.selectors import history
from cases.choices import Outcome, Source
from cases.language import on_file
from cases.models import Case
from documents.sheet import Fields
from mediation.models import Agreement, FollowUp
from workflows.papers.agreement import title_of
from workflows.papers.ask import Ask, clock, day, signer


def _agreement(case: Case) -> Agreement | None:
    found: Agreement | None = case.agreements.filter(effective_on__isnull=False).order_by("-version").first()
    return found


def follow_up_record(ask: Ask) -> Fields:
    row: FollowUp = ask.about
    agreement = _agreement(ask.case)
    return {
        "parties": [signer(party) for party in ask.parties],
        "time": clock(row.at),
        "how": on_file(row.get_how_display()),
        "visitor": str(row.by or ""),
        "result": "已联系上" if row.reached else "未联系上",
        "agreement": title_of(agreement) if agreement else "",
        "solved": on_file(row.get_solved_display()) if row.solved else "",
        "satisfaction": on_file(row.get_satisfaction_display()) if row.satisfaction else "",
        "performance": row.performance,
        "note": row.note,
    }


def closing_report(ask: Ask) -> Fields:
    case, agreement = ask.case, _agreement(ask.case)
    heard = case.follow_ups.filter(reached=True).order_by("-pk").first()
    held = case.sessions.exclude(record="").count()
    words = [on_file(heard.get_solved_display()), on_file(heard.get_satisfaction_display())] if heard else []
    return {
        "parties": [signer(party) for party in ask.parties],
        "closed": day(case.closed_at),
        "outcome": on_file(Outcome(case.outcome).label) if case.outcome else "",
        "source": on_file(Source(case.source).label),
        "facts": case.facts,
        "handler": str(case.mediator or case.handler or ""),
        "concluded": day(case.concluded_at),
        "category": str(case.category.name_zh if case.category else ""),
        "agreement": title_of(agreement) if agreement else "",
        "performance": _performance(agreement) if agreement else "",
        "follow_up": "，".join(word for word in words if word),
        "sessions": str(held) if held else "",
    }


def _performance(agreement: Agreement) -> str:
    rows = list(agreement.obligations.all())
    kept = [row for row in rows if row.performed_on]
    return f"共{len(rows)}项，已履行{len(kept)}项。" if rows else ""


def remediation_approval(ask: Ask) -> Fields:
    return {
        "parties": [signer(party) for party in ask.parties],
        "outcome": _last_outcome(ask.case),
        "closed": _last_closed(ask.case),
    }


def _last_closed(case: Case) -> str:
    """Return the day on which the matter was last closed; taken up again, the case itself no longer says."""
    closed = history(case.subject).filter(action="close").last()
    return day(closed.at) if closed else ""


def _last_outcome(case: Case) -> str:
    """Return how the matter had ended before it was taken up again."""
    if case.outcome:
        return on_file(Outcome(case.outcome).label)
    agreement = _agreement(case)
    if agreement is not None:
        return title_of(agreement)
    ending = case.ending
    return on_file(Outcome(ending.outcome).label) if ending else ""
