import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('audit', '0001_journal')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Head',
            fields=[
                ('ordinal', models.PositiveBigIntegerField(help_text='从1起连续编号，不留空号', primary_key=True, serialize=False)),
                ('subject_kind', models.CharField(max_length=30)),
                ('subject_id', models.CharField(max_length=60)),
                ('count', models.PositiveBigIntegerField(default=0)),
                ('last_hash', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
                ('register_hash', models.CharField(max_length=64)),
            ],
            options={
                'verbose_name': '日志对象',
                'constraints': [models.UniqueConstraint(fields=('subject_kind', 'subject_id'), name='head_once_per_subject'), models.CheckConstraint(condition=models.Q(('ordinal__gte', 1)), name='head_ordinal_from_one'), models.CheckConstraint(condition=models.Q(('last_hash__regex', '^[0-9a-f]{64}$'), ('register_hash__regex', '^[0-9a-f]{64}$')), name='head_hashes_are_sha256')],
            },
        ),
        migrations.CreateModel(
            name='Register',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('head_count', models.PositiveBigIntegerField(default=0)),
                ('hash', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
            ],
            options={
                'verbose_name': '日志总册',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='register_is_one_row'), models.CheckConstraint(condition=models.Q(('hash__regex', '^[0-9a-f]{64}$')), name='register_hash_is_sha256')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('pk', models.CompositePrimaryKey('head_id', 'sequence', blank=True, editable=False, primary_key=True, serialize=False)),
                ('sequence', models.PositiveBigIntegerField(verbose_name='序号')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('actor_label', models.CharField(max_length=150, verbose_name='操作人')),
                ('action', models.CharField(max_length=60, verbose_name='操作')),
                ('before', models.JSONField(blank=True, default=dict, verbose_name='变更前')),
                ('after', models.JSONField(blank=True, default=dict, verbose_name='变更后')),
                ('reason', models.TextField(blank=True, default='', verbose_name='理由')),
                ('previous_hash', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
                ('actor', models.ForeignKey(blank=True, help_text='空：期限届满，由系统执行', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('head', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='audit.head')),
            ],
            options={
                'verbose_name': '日志',
                'constraints': [models.UniqueConstraint(fields=('head', 'previous_hash'), name='entry_chain_never_forks'), models.CheckConstraint(condition=models.Q(('sequence__gte', 1)), name='entry_sequence_from_one'), models.CheckConstraint(condition=models.Q(('hash__regex', '^[0-9a-f]{64}$'), ('previous_hash__regex', '^[0-9a-f]{64}$')), name='entry_hashes_are_sha256')],
            },
        ),
    ]
