"""Later changes of the country's regions come in as data."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Region
from audit.models import Entry

pytestmark = pytest.mark.django_db


def imported(tmp_path: Path, table: str) -> str:
    path, out = tmp_path / "regions.csv", StringIO()
    path.write_text(table, encoding="utf-8")
    call_command("import_regions", str(path), stdout=out)
    return out.getvalue().strip()


CHANGE = "code,name,parent,dissolved,successor\n340124,庐江县,,1,340112\n340112,庐江区,,,\n340181,巢湖新市,,,\n"


def test_a_county_that_became_a_district_is_added_the_old_one_kept_and_a_name_changed(tmp_path: Path) -> None:
    assert imported(tmp_path, CHANGE) == "1 added, 2 changed"
    old, new = Region.objects.get(code="340124"), Region.objects.get(code="340112")
    assert (old.dissolved, old.successor, new.name, new.parent_id) == (True, new, "庐江区", "340100")
    assert Region.objects.get(code="340181").name == "巢湖新市"
    entry = Entry.objects.get(head__subject_kind="region", head__subject_id="340181")
    assert (entry.before["name"], entry.after["name"]) == ("巢湖市", "巢湖新市")
    assert imported(tmp_path, CHANGE) == "0 added, 0 changed"
    assert Entry.objects.filter(head__subject_kind="region").count() == 3


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("编码,名称\n340112,庐江区\n", "第一行要写列名"),
        ("code,name\n", "表里没有地区"),
        ("code,name\n34011,庐江区\n", "第2行：“34011”不是六位"),
        ("code,name\n340112,\n", "第2行：请写地区的中文名称"),
        ("code,name\n340112,庐江区\n340112,庐阳区\n", "重复出现"),
        ("code,name,parent\n340112,庐江区,349900\n", "没有上级地区349900"),
        ("code,name,parent,dissolved,successor\n340124,庐江县,,1,999999\n", "并入的地区写得不对"),
        ("code,name,dissolved\n340124,庐江县,也许\n", "dissolved 填1"),
    ],
)
def test_a_table_that_is_wrong_changes_nothing(tmp_path: Path, table: str, sentence: str) -> None:
    before = list(Region.objects.values_list("code", "name", "dissolved"))
    with pytest.raises(CommandError, match=sentence):
        imported(tmp_path, table)
    assert (list(Region.objects.values_list("code", "name", "dissolved")), Entry.objects.exists()) == (before, False)
