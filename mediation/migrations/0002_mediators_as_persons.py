from django.conf import settings
from django.db import migrations, models

import accounts.fields


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_shared_cache'),
        ('mediation', '0001_schema'),
        ('members', '0001_schema'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='mediator',
            name='education',
            field=models.CharField(blank=True, choices=[('SCHOOL', '初中及以下'), ('UPPER', '高中、中专'), ('COLLEGE', '大专'), ('BACHELOR', '本科'), ('GRADUATE', '研究生')], default='', max_length=8, verbose_name='学历'),
        ),
        migrations.AddField(
            model_name='mediator',
            name='ethnicity',
            field=accounts.fields.EncryptedTextField(blank=True, default='', verbose_name='民族'),
        ),
        migrations.AddField(
            model_name='mediator',
            name='sex',
            field=models.CharField(blank=True, choices=[('F', '女'), ('M', '男')], default='', max_length=1, verbose_name='性别'),
        ),
        migrations.AddConstraint(
            model_name='mediator',
            constraint=models.CheckConstraint(condition=models.Q(('sex__in', ['', 'F', 'M'])), name='mediator_sex_is_known'),
        ),
        migrations.AddConstraint(
            model_name='mediator',
            constraint=models.CheckConstraint(condition=models.Q(('education__in', ['', 'SCHOOL', 'UPPER', 'COLLEGE', 'BACHELOR', 'GRADUATE'])), name='mediator_education_is_known'),
        ),
    ]
