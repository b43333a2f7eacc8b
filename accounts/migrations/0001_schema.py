import datetime

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.fields


class Migration(migrations.Migration):

    replaces = [('accounts', '0001_first')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Region',
            fields=[
                ('code', models.CharField(max_length=6, primary_key=True, serialize=False, verbose_name='行政区划代码')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
            ],
            options={
                'verbose_name': '地区',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Spent',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('full_until', models.DateTimeField(db_index=True)),
            ],
            options={
                'verbose_name': '频次记录',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('display_name', models.CharField(blank=True, max_length=60, verbose_name='姓名')),
                ('phone', accounts.fields.EncryptedTextField(blank=True, default='', verbose_name='手机号')),
                ('phone_index', models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True)),
                ('phone_verified', models.BooleanField(default=False, verbose_name='手机号已验证')),
                ('is_guest', models.BooleanField(default=False, verbose_name='凭案件通行码进入')),
                ('large_type', models.BooleanField(default=False, verbose_name='大字版')),
                ('language', models.CharField(blank=True, default='', max_length=10, verbose_name='语言')),
                ('must_enrol_totp', models.BooleanField(default=False, verbose_name='须启用动态口令')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='建立人')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': '用户',
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='Centre',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=8, unique=True, verbose_name='代码')),
                ('name', models.CharField(max_length=100, verbose_name='名称')),
                ('nature', models.CharField(choices=[('PMC', '人民调解委员会'), ('INDUSTRY', '行业调解组织')], default='INDUSTRY', max_length=10, verbose_name='性质')),
                ('number_prefix', models.CharField(help_text='如：皖物调', max_length=20, verbose_name='案号字头')),
                ('phone', models.CharField(max_length=40, verbose_name='电话')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='地址')),
                ('opening_hours', models.CharField(default='工作日 9:00–17:00', max_length=100, verbose_name='办公时间')),
                ('clock_days', models.JSONField(blank=True, default=dict, help_text='按期限代号改写默认天数', verbose_name='期限天数')),
                ('workload_limit', models.PositiveSmallIntegerField(default=15, verbose_name='调解员在办上限')),
                ('honours_challenges', models.BooleanField(default=False, help_text='参照《深圳经济特区矛盾纠纷多元化解条例》第23条', verbose_name='一方申请回避即换调解员')),
                ('offer_limit', models.PositiveSmallIntegerField(default=5, verbose_name='每一方每轮最多提出的方案数')),
                ('legal_check_amount', models.DecimalField(decimal_places=2, default=100000, max_digits=14, verbose_name='协议金额达到多少元须经法律审核')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='branches', to='accounts.centre')),
            ],
            options={
                'verbose_name': '调处中心',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('APPLICANT', '申请人'), ('RESPONDENT', '被申请人'), ('THIRD_PARTY', '第三人'), ('NOMINEE', '拟任调解员'), ('COMPANY_USER', '企业联系人'), ('COMMITTEE_USER', '业委会联系人'), ('INTAKE', '受理员'), ('MEDIATOR', '调解员'), ('DIRECTOR', '中心主任'), ('LEGAL', '法律咨询处'), ('FOLLOWER', '回访员'), ('ARCHIVIST', '档案员'), ('INTEGRITY', '诚信专员'), ('SUPERVISOR', '监督委员会'), ('SYSADMIN', '系统管理员'), ('REGULATOR', '监管部门'), ('CLOCK', '期限届满')], max_length=20, verbose_name='角色')),
                ('from_date', models.DateField(default=datetime.date.today, verbose_name='起')),
                ('until', models.DateField(blank=True, null=True, verbose_name='止')),
                ('holds_seal', models.BooleanField(default=False, verbose_name='保管印章')),
                ('centre', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='accounts.centre')),
            ],
            options={
                'verbose_name': '任职',
            },
        ),
    ]
