"""Give companies, estates and committees the folded spelling of their names, by which they are found."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations

import accounts.fields
from accounts.folding import fold

BATCH = 1000


def fold_names(apps: Apps, _editor: Any) -> None:
    for name in ("Company", "Estate", "OwnersCommittee"):
        model = apps.get_model("members", name)
        batch = []
        for row in model._default_manager.only("pk", "name").iterator(BATCH):
            row.name_key = fold(row.name)[:400]
            batch.append(row)
            if len(batch) == BATCH:
                model._default_manager.bulk_update(batch, ["name_key"])
                batch = []
        model._default_manager.bulk_update(batch, ["name_key"])


class Migration(migrations.Migration):
    dependencies = [("members", "0001_schema")]

    operations = [
        migrations.AddField("company", "name_key", accounts.fields.FoldedField(of="name")),
        migrations.AddField("estate", "name_key", accounts.fields.FoldedField(of="name")),
        migrations.AddField("ownerscommittee", "name_key", accounts.fields.FoldedField(of="name")),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
    ]
