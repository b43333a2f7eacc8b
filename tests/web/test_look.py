"""The look: badges, deadlines, moments, forms, the two switches, and nothing inline."""

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client

from accounts.models import User
from cases.choices import Status
from web.frame import inputs
from web.templatetags import look

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_each_status_has_its_word_and_its_colour() -> None:
    sheet = (Path(settings.BASE_DIR) / "static/css/components.css").read_text()
    for status in Status:
        badge = look.status_badge(status)
        assert str(status.label) in badge
        assert f"badge--{status.value.lower()}" in badge
        assert f".badge--{status.value.lower()}" in sheet


@pytest.mark.parametrize(
    ("days", "words", "colour"),
    [
        (18, "剩 18 个工作日", "green"),
        (3, "剩 3 个工作日", "green"),
        (2, "剩 2 个工作日", "orange"),
        (1, "剩 1 个工作日", "orange"),
        (0, "今日到期", "orange"),
        (-1, "超 1 个工作日", "red"),
    ],
)
def test_a_deadline_says_what_is_left(days: int, words: str, colour: str) -> None:
    assert look.deadline_pill(days) == f'<span class="pill pill--{colour}">{words}</span>'


def test_no_deadline_no_pill() -> None:
    assert look.deadline_pill(None) == ""


@time_machine.travel(datetime(2026, 11, 21, 23, 30, tzinfo=ZoneInfo("UTC")), tick=False)
def test_moments_are_told_in_shanghai_time() -> None:
    assert look.moment(datetime(2026, 11, 22, 7, 5, tzinfo=SHANGHAI)) == "今天 07:05"
    assert look.moment(datetime(2026, 11, 20, 16, 30, tzinfo=ZoneInfo("UTC"))) == "昨天 00:30"
    assert look.moment(datetime(2026, 11, 12, 14, 30, tzinfo=SHANGHAI)) == "11月12日 14:30"
    assert look.moment(datetime(2025, 3, 2, 8, 0, tzinfo=SHANGHAI)) == "2025年3月2日 08:00"
    assert look.moment(None) == ""
    assert look.due_day(date(2026, 11, 25)) == "2026年11月25日（星期三）"


class Question(forms.Form):
    kind = forms.ChoiceField(
        label="您遇到的是哪一类问题？",
        choices=[("FEE", inputs.Hinted("物业收费", "物业费、停车费")), ("OTHER", "其他")],
        widget=forms.RadioSelect,
        help_text="选最接近的一项。",
        error_messages={"required": "请选择一类问题"},
    )
    since = forms.DateField(label="从哪天起", widget=inputs.DateInput, required=False)
    photos = inputs.FilesField(label="照片", required=False)


def test_a_question_ties_hint_and_error_to_its_answers() -> None:
    form = Question({"since": "x"})
    page = str(form) + render_to_string("web/_error_summary.html", {"form": form})
    assert 'aria-describedby="id_kind_helptext id_kind_error"' in page
    assert 'id="id_kind_helptext"' in page
    assert 'id="id_kind_error"' in page
    assert '<a href="#id_kind_0">请选择一类问题</a>' in page
    assert '<span class="choice__hint">物业费、停车费</span>' in page
    assert "还有 2 处没填好" in page
    assert "（选填）" in page


def test_a_date_goes_into_its_input_as_browsers_want_it() -> None:
    assert 'type="date" name="since" value="2026-11-05"' in str(Question(initial={"since": date(2026, 11, 5)})["since"])


def test_several_files_come_out_as_a_list() -> None:
    two = [SimpleUploadedFile("a.jpg", b"a"), SimpleUploadedFile("b.jpg", b"b")]
    assert inputs.FilesField().clean(two) == two
    assert inputs.FilesField(required=False).clean([]) == []
    with pytest.raises(forms.ValidationError):
        inputs.FilesField().clean([])
    with pytest.raises(forms.ValidationError):
        inputs.FilesField().clean([SimpleUploadedFile("empty.jpg", b"")])


def test_large_type_stays_on_this_device_and_with_the_person(
    client: Client, django_user_model: type[User], db: None
) -> None:
    user = django_user_model.objects.create_user("zhang")
    client.force_login(user)
    answer = client.post("/large-type/", {"large": "1", "next": "/account/logout/"})
    assert (answer.status_code, answer["Location"]) == (302, "/account/logout/")
    assert client.cookies["large_type"].value == "1"
    user.refresh_from_db()
    assert user.large_type is True
    assert 'class="large"' in client.get("/account/logout/").content.decode()


def test_the_switches_never_lead_to_another_site(client: Client) -> None:
    for url, choice in (("/large-type/", {"large": "1"}), ("/language/", {"language": "en"})):
        assert client.post(url, choice | {"next": "https://evil.example/"})["Location"] == "/"
        assert client.get(url).status_code == 405


def test_language_is_kept_and_an_unknown_one_is_not(client: Client) -> None:
    client.post("/language/", {"language": "en", "next": "/"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    client.post("/language/", {"language": "xx", "next": "/"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


INLINE = re.compile(
    r"""\sstyle\s*=|<style|\son[a-z]+\s*=\s*["']|<script(?![^>]*\bsrc=)(?![^>]*application/json)|https?://"""
)


@pytest.mark.parametrize("template", sorted(Path(settings.BASE_DIR, "templates").rglob("*.html")), ids=lambda p: p.name)
def test_no_template_has_anything_inline_or_from_elsewhere(template: Path) -> None:
    assert INLINE.findall(template.read_text().replace("http://www.w3.org/2000/svg", "")) == []
