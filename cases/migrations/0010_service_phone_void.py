"""Service agreed for a number ends with it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0009_reasons_kept'),
    ]

    operations = [
        migrations.AddField(
            model_name='serviceaddress',
            name='phone_void_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='手机号更换时间'),
        ),
    ]
