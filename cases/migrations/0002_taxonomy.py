"""Load the two-level taxonomy of disputes."""

import csv
from pathlib import Path
from typing import Any

from django.db import migrations

FILE = Path(__file__).resolve().parent.parent / "data" / "taxonomy.csv"


def load(apps: Any, schema_editor: Any) -> None:
    """Write every category; parents come first in the file."""
    category = apps.get_model("cases", "Category")
    with FILE.open(encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            mediable = row["mediable"].strip()
            category.objects.create(
                code=row["code"].strip(),
                parent_id=row["parent"].strip() or None,
                name_zh=row["name_zh"].strip(),
                name_en=row["name_en"].strip(),
                official_type=row["official_type"].strip(),
                mediable=mediable[:1] if mediable[:1] in {"Y", "P", "N"} else "",
                anchor=row["anchor_or_referral"].replace("*", "").strip(),
                confirmation_excluded="jc N" in mediable,
            )


def unload(apps: Any, schema_editor: Any) -> None:
    """Remove the categories again; refused by the database where cases use them."""
    apps.get_model("cases", "Category").objects.filter(parent__isnull=False).delete()
    apps.get_model("cases", "Category").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_schema")]

    operations = [migrations.RunPython(load, unload)]
