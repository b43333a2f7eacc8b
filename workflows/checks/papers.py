"""Papers and notices: files are there, documents are vouched for, numbers go up, and what is told goes out."""

import re
from collections.abc import Iterable
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _

from audit.models import Entry
from cases.copies import stored_path
from cases.models import Evidence, NumberSeries, Party, Service
from cases.serving import people_of_parties
from documents.models import Document
from mediation.models import SessionNotice
from notifications.models import Delivery, Kind, Notice
from notifications.texts import TEXTS
from workflows.checks.base import Batch, Check

LEGAL = [kind for kind, text in TEXTS.items() if text.legal]
STUCK = timedelta(days=1)
RECEIPT = re.compile(r"^(?P<prefix>.+)-(?P<year>\d{4})-(?P<n>\d+)$")
CASE = re.compile(r"^（(?P<year>\d{4})）(?P<prefix>.+)字第(?P<n>\d+)号$")


def file_missing(batch: Batch) -> set[int]:
    """A file is there and as long as it was; what was destroyed by the law of the archive is gone rightly."""
    rows = Evidence.objects.filter(case__in=batch.ids, case__destroyed_at=None)
    return {case for case, sha, size in rows.values_list("case_id", "sha256", "size") if not _is_kept(sha, size)}


def _is_kept(sha256: str, size: int) -> bool:
    try:
        return default_storage.size(stored_path(sha256)) == size
    except OSError:
        return False


def not_in_the_journal(batch: Batch) -> Iterable[int]:
    told = Entry.objects.filter(after__has_key="code").annotate(code=KeyTextTransform("code", "after"))
    rows = Document.objects.filter(subject_kind="case", subject_id__in=batch.ids, code__isnull=False)
    return rows.exclude(Exists(told.filter(code=OuterRef("code")))).values_list("subject_id", flat=True)


def number_ahead(batch: Batch) -> set[int]:
    """Numbers of other years or former prefixes are looked up in their own series."""
    last = {
        (centre, kind, year, prefix): number
        for centre, kind, year, prefix, number in NumberSeries.objects.values_list(
            "centre_id", "kind", "year", "prefix", "last"
        )
    }
    found = set()
    for case, centre, receipt, number in batch.cases.values_list("pk", "centre_id", "number", "case_number"):
        for kind, shape, given in (("RECEIPT", RECEIPT, receipt), ("CASE", CASE, number)):
            read = shape.match(given or "")
            if read and int(read["n"]) > last.get((centre, kind, int(read["year"]), read["prefix"]), 0):
                found.add(case)
    return found


def served_without_trace(batch: Batch) -> set[int]:
    """Every notice that serves somebody has its row, for each party that it was written for, from the same moment."""
    parties = list(
        Party.objects.filter(case__in=batch.ids, left_at=None).prefetch_related("passes", "agents").order_by()
    )
    people = people_of_parties(parties)
    acting: dict[int, dict[int, list[int]]] = {}
    for party in parties:
        for user in people[party.pk]:
            acting.setdefault(party.case_id, {}).setdefault(user, []).append(party.pk)
    rows = set(Service.objects.filter(case__in=batch.ids).values_list("party", "kind", "at"))
    waived = set(
        SessionNotice.objects.filter(session__case__in=batch.ids, how=SessionNotice.How.WAIVED).values_list(
            "party", flat=True
        )
    )
    notices = Notice.objects.filter(subject_kind="case", subject_id__in=batch.ids, kind__in=LEGAL)
    return {
        case
        for case, recipient, kind, created in notices.values_list("subject_id", "recipient_id", "kind", "created")
        for party in acting.get(case, {}).get(recipient, [])
        if (party, kind, created) not in rows and not (kind == Kind.SESSION_SCHEDULED and party in waived)
    }


def never_sent(batch: Batch) -> Iterable[int]:
    rows = Notice.objects.filter(subject_kind="case", subject_id__in=batch.ids)
    return rows.exclude(Exists(Delivery.objects.filter(notice=OuterRef("pk")))).values_list("subject_id", flat=True)


def stuck(batch: Batch) -> Iterable[int]:
    rows = Delivery.objects.filter(status__in=["PENDING", "FAILED"], next_attempt_at__lt=batch.at - STUCK)
    rows = rows.filter(notice__subject_kind="case", notice__subject_id__in=batch.ids)
    return rows.values_list("notice__subject_id", flat=True)


CHECKS = (
    Check(
        "evidence_has_its_file",
        _("每一份材料的文件都在，大小没有变。"),
        _("一份材料的文件不见了，或者被改过。"),
        _("请从备份里恢复文件，或者请提交人再交一次。"),
        file_missing,
    ),
    Check(
        "document_is_in_the_journal",
        _("制发的文书日志里都有记录。"),
        _("有一份文书，日志里没有制发的记录。"),
        _("请作废这份文书，重新制发。"),
        not_in_the_journal,
        page="documents/",
    ),
    Check(
        "series_is_ahead_of_its_numbers",
        _("编号序列不落后于已经给出的编号。"),
        _("编号序列落后了，下一个编号会和已有的重复。"),
        _("请系统管理员把序列调到已有的最大编号。"),
        number_ahead,
    ),
    Check(
        "what_serves_is_on_the_page_of_service",
        _("有法律意义的通知在送达页上都有记录。"),
        _("一份有法律意义的通知没有送达记录。"),
        _("请重新送达并记录。"),
        served_without_trace,
        page="service/",
    ),
    Check(
        "notice_has_its_delivery",
        _("写出的通知都有发送记录。"),
        _("有一份通知没有发送记录，收件人不会知道。"),
        _("请用电话告诉收件人并记录。"),
        never_sent,
        page="service/",
    ),
    Check(
        "delivery_goes_out",
        _("通知在到点以后一天之内发出。"),
        _("有一份通知早该发出，一直没有发。"),
        _("请核对后台程序和短信、邮件的设置。"),
        stuck,
        page="service/",
        by_clock=True,
    ),
)
