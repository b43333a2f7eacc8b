import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("accounts", "0002_memberships"),
        ("accounts", "0004_limits"),
        ("accounts", "0006_created_by"),
        ("accounts", "0007_seal_holders_and_legal_check"),
        ("accounts", "0008_offer_limit"),
        ("accounts", "0009_mediators"),
    ]


    initial = True

    dependencies = [
        ('accounts', '0001_schema'),
        ('members', '0001_schema'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='committee',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='members.ownerscommittee'),
        ),
        migrations.AddField(
            model_name='membership',
            name='company',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='members.company'),
        ),
        migrations.AddField(
            model_name='membership',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='region',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='accounts.region'),
        ),
        migrations.AddField(
            model_name='membership',
            name='region',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='accounts.region'),
        ),
        migrations.AddField(
            model_name='centre',
            name='region',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='centres', to='accounts.region'),
        ),
        migrations.AddConstraint(
            model_name='region',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^\\d{6}$')), name='region_code_is_six_digits'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('holds_seal', False), ('centre__isnull', False), _connector='OR'), name='seal_is_held_at_a_centre'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('centre__isnull', False), ('committee__isnull', True), ('company__isnull', True), ('region__isnull', True), ('role__in', frozenset(['ARCHIVIST', 'DIRECTOR', 'FOLLOWER', 'INTAKE', 'INTEGRITY', 'LEGAL', 'MEDIATOR', 'SUPERVISOR', 'SYSADMIN']))), models.Q(('centre__isnull', True), ('committee__isnull', True), ('company__isnull', True), ('region__isnull', False), ('role', 'REGULATOR')), models.Q(('centre__isnull', True), ('committee__isnull', True), ('company__isnull', False), ('region__isnull', True), ('role', 'COMPANY_USER')), models.Q(('centre__isnull', True), ('committee__isnull', False), ('company__isnull', True), ('region__isnull', True), ('role', 'COMMITTEE_USER')), _connector='OR'), name='membership_scope_fits_role'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('user', 'role', 'centre', 'region', 'company', 'committee'), name='membership_once', nulls_distinct=False),
        ),
    ]
