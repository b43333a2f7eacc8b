import django.db.models
from django.db import migrations

import accounts.fields


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_identity_papers")]

    operations = [
        migrations.AddField("case", "estate_key", accounts.fields.FoldedField(indexed=False, of="estate_name")),
        migrations.AddIndex(
            "case",
            django.db.models.Index(
                condition=django.db.models.Q(
                    ("estate__isnull", True), django.db.models.Q(("estate_key", ""), _negated=True)
                ),
                fields=["region", "estate_key"],
                name="cases_of_unknown_estate",
            ),
        ),
    ]
