"""A case file is kept in Chinese, whatever the people who act on it read; they read it in their own language."""

import re

from django.utils.translation import override

from cases.deadlines import why
from cases.models import Deadline
from documents.models import Document
from tests.cast import World
from tests.journeys import case_in

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_what_is_stored_is_chinese_also_where_the_actors_read_english(world: World) -> None:
    with override("en"):
        case = case_in("CLOSED", world)
    stored = [words for d in Deadline.objects.filter(case=case) for words in (d.rule, d.legal_basis, d.start_event)]
    stored += Document.objects.filter(subject_kind="case", subject_id=case.pk).values_list("title", flat=True)
    stored += [case.ending.routes] if case.ending else []
    assert len(stored) > 20
    assert [words for words in stored if not CHINESE.search(words)] == []


def test_the_reason_for_a_date_is_read_in_english(world: World) -> None:
    case = case_in("CLOSED", world)
    with override("en"):
        sentences = [sentence for deadline in case.deadlines.all() for sentence in why(deadline)]
    assert [sentence for sentence in sentences if CHINESE.search(sentence)] == []
