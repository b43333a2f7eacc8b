"""Telephone numbers as people write them: letters and missing digits are refused, what can be called is kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.errors import DomainError
from accounts.phones import PhoneError, is_mobile, national_phone, normalise_mobile, normalise_phone


@pytest.mark.parametrize(
    "typed",
    [
        "13900139OOO", "1390013900O", "l3900139000", "1380013800", "138001380000", "12345", "62345678", "6234567",
        "12012345678", "01380013800", "013800138000", "1380013800013900139000", "13800138000/13900139000", "", "一三八",
        "138001380OO转1", "00138001380", "+8613800138", "+86138001380000", "２３４５", "١٣٨٠٠١٣٨٠٠٠", "0551-6234567890",
        "13800138000转12", "电话13800138000", "110", "95588",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_for_a_phone_and_for_a_mobile(typed: str) -> None:
    for read in (normalise_phone, normalise_mobile):
        with pytest.raises(DomainError) as refused:
            read(typed)
        assert str(refused.value).endswith("。")


@pytest.mark.parametrize("typed", ["010-12345678", "0551-62345678", "400-820-8820", "+85221234567"])
def test_what_gets_no_text_messages_is_refused_where_a_mobile_is_asked(typed: str) -> None:
    assert not is_mobile(normalise_phone(typed))
    with pytest.raises(PhoneError, match="请填11位手机号"):
        normalise_mobile(typed)


def test_letters_are_named() -> None:
    with pytest.raises(PhoneError, match="有字母“OOO”"):
        normalise_phone("13900139OOO")
    with pytest.raises(PhoneError, match="有字母“O”"):
        normalise_mobile("1390013900Ｏ")


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("13800138000", "+8613800138000", "13800138000"),
        ("+86 138-0013-8000", "+8613800138000", "13800138000"),
        ("0086 138 0013 8000", "+8613800138000", "13800138000"),
        ("8613800138000", "+8613800138000", "13800138000"),
        ("１３８.００１３.８０００", "+8613800138000", "13800138000"),
        ("\u202d138 0013 8000\u202c", "+8613800138000", "13800138000"),
        ("(138)00138000", "+8613800138000", "13800138000"),
        ("010-12345678", "+861012345678", "010-12345678"),
        ("（010）12345678", "+861012345678", "010-12345678"),
        ("0551-62345678", "+8655162345678", "0551-62345678"),
        ("055162345678", "+8655162345678", "0551-62345678"),
        ("+86 551 6234 5678", "+8655162345678", "0551-62345678"),
        ("+86 0551 62345678", "+8655162345678", "0551-62345678"),
        ("+86 471 6512345", "+864716512345", "0471-6512345"),
        ("+86 851 85123456", "+8685185123456", "0851-85123456"),
        ("0566-2023456", "+865662023456", "0566-2023456"),
        ("0551-62345678-801", "+8655162345678;ext=801", "0551-62345678转801"),
        ("0551-62345678转801", "+8655162345678;ext=801", "0551-62345678转801"),
        ("0551 6234 5678 分机 801", "+8655162345678;ext=801", "0551-62345678转801"),
        ("0551-62345678 ext. 8", "+8655162345678;ext=8", "0551-62345678转8"),
        ("400-820-8820", "+864008208820", "400-820-8820"),
        ("4008208820转2", "+864008208820;ext=2", "400-820-8820转2"),
        ("800 820 8820", "+868008208820", "800-820-8820"),
        ("+852 2123 4567", "+85221234567", "+85221234567"),
        ("00852 2123 4567", "+85221234567", "+85221234567"),
    ],
)
def test_a_number_is_kept_and_shown_as_it_is_dialled(typed: str, kept: str, shown: str) -> None:
    assert (normalise_phone(typed), national_phone(kept)) == (kept, shown)
    assert normalise_phone(shown) == kept
    assert normalise_phone(kept) == kept
    assert is_mobile(kept) == shown.startswith("13")


@settings(max_examples=60, deadline=None)
@given(
    number=st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    between=st.text(st.sampled_from(" -.()（）－\u200b\u2060·\u3000"), max_size=3),
    at=st.integers(1, 10),
    letter=st.sampled_from("OoIlBSZＯОа零"),
)
def test_a_mobile_is_found_in_any_spelling_and_never_in_fewer_or_other_signs(
    number: str, between: str, at: int, letter: str
) -> None:
    assert normalise_mobile(number[:at] + between + number[at:]) == f"+86{number}"
    for wrong in (
        number[:at] + number[at + 1 :],
        number[:at] + "7" + number[at:],
        number[:at] + letter + number[at + 1 :],
    ):
        with pytest.raises(PhoneError):
            normalise_mobile(wrong)
