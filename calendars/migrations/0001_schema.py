import uuid

from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('calendars', '0001_first')]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('date', models.DateField(primary_key=True, serialize=False, verbose_name='日期')),
                ('is_workday', models.BooleanField(verbose_name='工作日')),
                ('source', models.CharField(choices=[('chinesecalendar', 'chinesecalendar 数据'), ('holidays', '按法定节假日暂算'), ('notice', '国务院办公厅通知'), ('staff', '人工调整')], max_length=16, verbose_name='来源')),
                ('note', models.CharField(blank=True, default='', max_length=60, verbose_name='说明')),
                ('provisional', models.BooleanField(default=False, verbose_name='暂定')),
            ],
            options={
                'verbose_name': '日历日',
                'ordering': ['date'],
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ['chinesecalendar', 'holidays', 'notice', 'staff'])), name='calendar_day_source_known'), models.CheckConstraint(condition=models.Q(('provisional', False), models.Q(('source__in', ['chinesecalendar', 'notice']), _negated=True), _connector='OR'), name='calendar_day_published_is_final'), models.CheckConstraint(condition=models.Q(('provisional', True), models.Q(('source', 'holidays'), _negated=True), _connector='OR'), name='calendar_day_estimate_is_provisional')],
            },
        ),
        migrations.CreateModel(
            name='CalendarVersion',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('token', models.UUIDField(default=uuid.uuid4)),
            ],
            options={
                'verbose_name': '日历版本',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='calendar_version_is_one_row')],
            },
        ),
    ]
