import django.db.models.deletion
from django.db import migrations, models

import members.models


class Migration(migrations.Migration):

    replaces = [('members', '0001_first')]

    initial = True

    dependencies = [
        ('accounts', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='Company',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='企业名称')),
                ('credit_code', models.CharField(max_length=18, unique=True, validators=[members.models.validate_credit_code], verbose_name='统一社会信用代码')),
                ('is_member', models.BooleanField(default=False, verbose_name='会员单位')),
                ('member_number', models.CharField(blank=True, max_length=30, verbose_name='会员编号')),
                ('legal_representative', models.CharField(blank=True, max_length=60, verbose_name='法定代表人')),
                ('contact_name', models.CharField(blank=True, max_length=60, verbose_name='联系人')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='联系电话')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='住所')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='companies', to='accounts.region', verbose_name='地区')),
            ],
            options={
                'verbose_name': '企业',
                'ordering': ['name', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('credit_code__regex', '^[0-9A-Z]{18}$')), name='credit_code_is_18_characters')],
            },
        ),
        migrations.CreateModel(
            name='Estate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='小区名称')),
                ('street', models.CharField(blank=True, max_length=60, verbose_name='街道')),
                ('address', models.CharField(max_length=200, verbose_name='地址')),
                ('households', models.PositiveIntegerField(verbose_name='户数')),
                ('area', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='建筑面积（平方米）')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='estates', to='accounts.region', verbose_name='区县')),
            ],
            options={
                'verbose_name': '小区',
                'ordering': ['region', 'name', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('region', 'name'), name='estate_name_once_per_region'), models.CheckConstraint(condition=models.Q(('area__gt', 0)), name='estate_area_positive')],
            },
        ),
        migrations.CreateModel(
            name='OwnersCommittee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='业主委员会名称')),
                ('term_from', models.DateField(verbose_name='任期起')),
                ('term_until', models.DateField(verbose_name='任期止')),
                ('filing_number', models.CharField(blank=True, max_length=60, verbose_name='备案号')),
                ('filed_on', models.DateField(blank=True, null=True, verbose_name='备案日期')),
                ('contact_name', models.CharField(blank=True, max_length=60, verbose_name='负责人')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='联系电话')),
                ('estate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='committees', to='members.estate')),
            ],
            options={
                'verbose_name': '业主委员会',
                'ordering': ['-term_from', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('term_until__gte', models.F('term_from'))), name='committee_term_in_order')],
            },
        ),
        migrations.CreateModel(
            name='ServiceTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_date', models.DateField(verbose_name='服务起')),
                ('until', models.DateField(blank=True, null=True, verbose_name='服务止')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='service_terms', to='members.company')),
                ('estate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='service_terms', to='members.estate')),
            ],
            options={
                'verbose_name': '物业服务期',
                'ordering': ['-from_date', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gte', models.F('from_date')), _connector='OR'), name='service_term_in_order'), models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('estate',), name='one_open_service_term_per_estate')],
            },
        ),
    ]
