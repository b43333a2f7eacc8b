"""One mobile may serve a resident's account and others with a password."""

from django.db import migrations, models


def residents_open_by_code(apps, schema_editor):
    """Until now whoever had a number and no password came in by a code."""
    users = apps.get_model("accounts", "User").objects.filter(is_guest=False, phone_index__isnull=False)
    users.filter(password__startswith="!", memberships__isnull=True).update(opens_by_code=True)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_roles_end_at_once'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='must_change_password',
            field=models.BooleanField(default=False, verbose_name='须先修改密码'),
        ),
        migrations.AddField(
            model_name='user',
            name='opens_by_code',
            field=models.BooleanField(default=False, help_text='居民的账户；没有密码', verbose_name='凭短信验证码登录'),
        ),
        migrations.AlterField(
            model_name='user',
            name='phone_index',
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=64, null=True),
        ),
        migrations.AlterField(
            model_name='user',
            name='phone_verified',
            field=models.BooleanField(default=False, verbose_name='手机号已由本人验证'),
        ),
        migrations.RunPython(residents_open_by_code, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(condition=models.Q(('opens_by_code', True)), fields=('phone_index',), name='phone_opens_one_account'),
        ),
    ]
