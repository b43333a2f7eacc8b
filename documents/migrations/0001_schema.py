import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('documents', '0001_first'), ('documents', '0002_issue_documents'), ('documents', '0003_number_is_text')]

    initial = True

    dependencies = [
        ('accounts', '0001_schema'),
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(max_length=20)),
                ('subject_id', models.PositiveBigIntegerField()),
                ('kind', models.CharField(blank=True, default='', max_length=40, verbose_name='文书种类')),
                ('title', models.CharField(max_length=60, verbose_name='文书名称')),
                ('action', models.CharField(blank=True, default='', max_length=30)),
                ('about_kind', models.CharField(blank=True, default='', max_length=20)),
                ('about_id', models.PositiveBigIntegerField(blank=True, null=True)),
                ('party_id', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='文书所写的当事人')),
                ('audience', models.CharField(choices=[('STAFF', '仅中心内部'), ('PARTIES', '各方当事人'), ('APPLICANTS', '申请人一方'), ('RESPONDENTS', '被申请人一方'), ('PARTY', '文书所写的当事人')], default='STAFF', max_length=12, verbose_name='给谁看')),
                ('due_at', models.DateTimeField(verbose_name='应制作时间')),
                ('dropped_at', models.DateTimeField(blank=True, null=True, verbose_name='不需要制作')),
                ('dropped_reason', models.CharField(blank=True, default='', max_length=200, verbose_name='不需要制作的理由')),
                ('data', models.JSONField(default=dict, verbose_name='文书内容')),
                ('sheet', models.JSONField(blank=True, null=True, verbose_name='文书全文')),
                ('number', models.CharField(blank=True, default='', max_length=60, verbose_name='文号')),
                ('code', models.CharField(blank=True, max_length=12, null=True, unique=True, verbose_name='核验码')),
                ('issued_at', models.DateTimeField(blank=True, null=True, verbose_name='制发时间')),
                ('template_version', models.CharField(blank=True, default='', max_length=12, verbose_name='模板版本')),
                ('sha256', models.CharField(blank=True, default='', max_length=64)),
                ('pages', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='页数')),
                ('signed_at', models.DateTimeField(blank=True, null=True, verbose_name='各方签名完毕')),
                ('sealed_at', models.DateTimeField(blank=True, null=True, verbose_name='盖章时间')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='作废时间')),
                ('revoke_reason', models.CharField(blank=True, default='', max_length=300, verbose_name='作废理由')),
                ('dropped_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issued_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='制发人')),
                ('replaced_by', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='documents.document', verbose_name='由何文书代替')),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sealed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '文书',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['subject_kind', 'subject_id', 'id'], name='documents_of_subject')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True), models.Q(('number', ''), _negated=True)), fields=('number', 'kind'), name='document_number_once_per_kind'), models.CheckConstraint(condition=models.Q(('audience__in', ['STAFF', 'PARTIES', 'APPLICANTS', 'RESPONDENTS', 'PARTY'])), name='document_audience_known'), models.CheckConstraint(condition=models.Q(models.Q(('code__isnull', True), ('issued_at__isnull', True)), models.Q(('code__isnull', False), ('issued_at__isnull', False), ('sheet__isnull', False), models.Q(('kind', ''), _negated=True)), _connector='OR'), name='issued_document_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('pages__isnull', True), ('sha256', ''), ('template_version', '')), models.Q(('issued_at__isnull', False), ('pages__gte', 1), ('sha256__regex', '^[0-9a-f]{64}$'), models.Q(('template_version', ''), _negated=True)), _connector='OR'), name='document_file_is_known_whole'), models.CheckConstraint(condition=models.Q(models.Q(('revoke_reason', ''), ('revoked_at__isnull', True)), models.Q(('issued_at__isnull', False), ('revoked_at__isnull', False), models.Q(('revoke_reason', ''), _negated=True)), _connector='OR'), name='revoked_document_says_why'), models.CheckConstraint(condition=models.Q(('replaced_by__isnull', True), models.Q(('revoked_at__isnull', False), models.Q(('replaced_by', models.F('id')), _negated=True)), _connector='OR'), name='replaced_document_is_revoked'), models.CheckConstraint(condition=models.Q(models.Q(('dropped_at__isnull', True), ('dropped_reason', '')), models.Q(('dropped_at__isnull', False), ('issued_at__isnull', True), models.Q(('dropped_reason', ''), _negated=True)), _connector='OR'), name='dropped_document_was_due')],
            },
        ),
        migrations.CreateModel(
            name='DocumentSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(help_text='如：协、受、终', max_length=4, verbose_name='字号')),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField(default=0)),
                ('centre', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='document_series', to='accounts.centre')),
            ],
            options={
                'verbose_name': '文书编号序列',
                'constraints': [models.UniqueConstraint(fields=('centre', 'word', 'year'), name='document_series_once')],
            },
        ),
    ]
