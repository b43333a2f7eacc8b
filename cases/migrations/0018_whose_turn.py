from django.db import migrations, models


def name_their_case(apps, schema_editor):
    """Every clock until now belongs to a case; one statement, as far as the table is long."""
    apps.get_model("cases", "Deadline").objects.update(subject_id=models.F("case_id"))


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0017_figures_found"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="waits_for",
            field=models.CharField(
                blank=True, default="", help_text="当前第一项轮到哪一方或者哪个岗位", max_length=12, verbose_name="等谁"
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status__in", ["DRAFT", "ARCHIVED"]), _negated=True),
                fields=["centre", "waits_for", "next_due", "id"],
                name="queue_by_awaited",
            ),
        ),
        migrations.RemoveConstraint(model_name="deadline", name="one_open_deadline_per_clock"),
        migrations.RenameField(model_name="deadline", old_name="subject_id", new_name="about_id"),
        migrations.AddField(
            model_name="deadline",
            name="subject_kind",
            field=models.CharField(default="case", editable=False, max_length=20),
        ),
        migrations.AddField(
            model_name="deadline", name="subject_id", field=models.PositiveBigIntegerField(editable=False, null=True)
        ),
        migrations.RunPython(name_their_case, migrations.RunPython.noop),
        # The rows that were written have checks of their foreign keys left over; they are made before the table changes.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="deadline", name="subject_id", field=models.PositiveBigIntegerField(editable=False)
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["RUNNING", "PAUSED"])),
                fields=("case", "clock", "about_id"),
                name="one_open_deadline_per_clock",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.CheckConstraint(
                condition=models.Q(("subject_id", models.F("case")), ("subject_kind", "case")),
                name="deadline_of_its_case",
            ),
        ),
    ]
