import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('workflows', '0001_first')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('cases', '0001_schema'),
        ('viewflow', '0015_task_scheduled'),
    ]

    operations = [
        migrations.CreateModel(
            name='WorkerHeartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('host', models.CharField(max_length=120)),
                ('pid', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name': '后台进程',
            },
        ),
        migrations.CreateModel(
            name='ActionKey',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('action', models.CharField(max_length=30)),
                ('status', models.CharField(max_length=12)),
                ('version', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '已执行的操作',
            },
        ),
        migrations.CreateModel(
            name='CaseProcess',
            fields=[
                ('process_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='viewflow.process')),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='process', to='cases.case')),
            ],
            options={
                'verbose_name': '办案流程',
            },
            bases=('viewflow.process',),
        ),
    ]
