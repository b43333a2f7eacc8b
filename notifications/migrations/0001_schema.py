import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.schema import CreateTogether


class Migration(migrations.Migration):

    replaces = [('notifications', '0001_first'), ('notifications', '0002_confirmation_and_supervision'), ('notifications', '0003_performance_answers'), ('notifications', '0004_agreement_changed'), ('notifications', '0005_mediators'), ('notifications', '0006_ledger'), ('notifications', '0007_sessions_and_offers'), ('notifications', '0008_slots_answered')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        CreateTogether([
        migrations.CreateModel(
            name='CannotReach',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(max_length=30)),
                ('subject_id', models.PositiveBigIntegerField()),
                ('opened_at', models.DateTimeField(verbose_name='发现时间')),
                ('handed_over_at', models.DateTimeField(blank=True, null=True, verbose_name='交办时间')),
                ('how', models.CharField(blank=True, choices=[('PHONE', '打电话说到了本人'), ('LETTER', '寄出了信函'), ('COUNTER', '本人到中心来了'), ('VISIT', '上门找到了本人'), ('NEW_NUMBER', '问到并更正了联系方式'), ('READ', '本人已在网上看到'), ('GAVE_UP', '各种办法都试过，联系不上')], max_length=12, verbose_name='怎样联系上的')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='办结时间')),
                ('assigned_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='to_reach', to=settings.AUTH_USER_MODEL, verbose_name='由谁联系')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='unreached', to=settings.AUTH_USER_MODEL)),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '联系不上',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('resolved_at__isnull', True)), fields=('recipient', 'subject_kind', 'subject_id'), name='cannot_reach_once_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('how', ''), ('resolved_at__isnull', True)), models.Q(models.Q(('how', ''), _negated=True), ('resolved_at__isnull', False)), _connector='OR'), name='cannot_reach_resolved_says_how')],
                'indexes': [models.Index(condition=models.Q(('resolved_at__isnull', True)), fields=['subject_kind', 'subject_id'], name='cannot_reach_open'), models.Index(condition=models.Q(('handed_over_at__isnull', True)), fields=['id'], name='cannot_reach_new')],
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('SITE', '站内'), ('SMS', '短信'), ('EMAIL', '电子邮件')], default='SMS', max_length=10, verbose_name='渠道')),
                ('daily_digest', models.BooleanField(default=False, verbose_name='每天汇总一次')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='notice_preference', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '通知方式',
                'constraints': [models.CheckConstraint(condition=models.Q(('channel__in', ['SITE', 'SMS', 'EMAIL'])), name='preference_channel_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('case_filed', '已收到申请'), ('supplement_needed', '需要补充材料'), ('company_asked', '请企业答复'), ('invitation', '征询是否同意调解'), ('consent_reminder', '催复是否同意调解'), ('accepted', '已受理'), ('mediator_assigned', '已安排调解员'), ('mediator_nominated', '请答复是否担任调解员'), ('mediator_disclosed', '调解员有披露，请表示意见'), ('mediator_released', '案件不再由您经办'), ('challenge_decided', '回避申请已有决定'), ('session_scheduled', '已安排调解会'), ('slots_proposed', '请选调解会的时间'), ('slots_answered', '各方已选调解会的时间'), ('session_changed', '调解会有变动'), ('record_ready', '有记录待核对签名'), ('offer_made', '有新的方案'), ('offer_moved', '方案有了进展'), ('suspended', '已中止'), ('resumed', '已恢复'), ('agreement_ready', '有协议待签署'), ('agreement_changed', '协议文本有变动，原签署作废'), ('agreement_in_force', '协议已生效'), ('performance_due', '履行将到期'), ('performance_overdue', '履行已逾期'), ('performance_reported', '请确认履行'), ('performance_answered', '履行有了回应'), ('performance_urged', '督促履行'), ('confirmation_moved', '司法确认有进展'), ('ended', '调解已终止'), ('rejected', '不予受理'), ('referred', '已移送'), ('withdrawn', '已撤回'), ('followup_due', '将要回访'), ('closed', '已结案'), ('archived', '已归档'), ('message_received', '有新留言'), ('overdue_staff', '有期限已超过'), ('task_assigned', '有新任务'), ('proposal_waiting', '有待审批事项'), ('deadline_moved', '期限有变动'), ('confirmation_due', '司法确认期限将到'), ('supervised', '有督办待答复'), ('survey', '请评价处理结果'), ('document_served', '有文书送达'), ('cannot_reach', '联系不上当事人'), ('daily_digest', '每日汇总')], max_length=30, verbose_name='事项')),
                ('subject_kind', models.CharField(max_length=30)),
                ('subject_id', models.PositiveBigIntegerField()),
                ('url', models.CharField(max_length=200, verbose_name='页面')),
                ('params', models.JSONField(blank=True, default=dict, help_text='不含个人信息')),
                ('created', models.DateTimeField(verbose_name='时间')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='已读时间')),
                ('cannot_reach', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='notifications.cannotreach')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '通知',
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['case_filed', 'supplement_needed', 'company_asked', 'invitation', 'consent_reminder', 'accepted', 'mediator_assigned', 'mediator_nominated', 'mediator_disclosed', 'mediator_released', 'challenge_decided', 'session_scheduled', 'slots_proposed', 'slots_answered', 'session_changed', 'record_ready', 'offer_made', 'offer_moved', 'suspended', 'resumed', 'agreement_ready', 'agreement_changed', 'agreement_in_force', 'performance_due', 'performance_overdue', 'performance_reported', 'performance_answered', 'performance_urged', 'confirmation_moved', 'ended', 'rejected', 'referred', 'withdrawn', 'followup_due', 'closed', 'archived', 'message_received', 'overdue_staff', 'task_assigned', 'proposal_waiting', 'deadline_moved', 'confirmation_due', 'supervised', 'survey', 'document_served', 'cannot_reach', 'daily_digest'])), name='notice_kind_is_known'), models.CheckConstraint(condition=models.Q(('url__startswith', '/')), name='notice_url_is_a_path')],
                'indexes': [models.Index(fields=['recipient', '-id'], name='notice_inbox'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['recipient'], name='notice_unread'), models.Index(fields=['subject_kind', 'subject_id', 'id'], name='notices_of_subject')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('SITE', '站内'), ('SMS', '短信'), ('EMAIL', '电子邮件')], max_length=10, verbose_name='渠道')),
                ('status', models.CharField(choices=[('PENDING', '待发送'), ('SENDING', '正在发送'), ('SENT', '已发送'), ('FAILED', '发送失败，将重试'), ('DEAD', '未能送达'), ('UNKNOWN', '不确定是否发出'), ('DIGESTED', '并入每日汇总'), ('UNNEEDED', '已在网上看过，不必再发')], default='PENDING', max_length=10, verbose_name='状态')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='尝试次数')),
                ('next_attempt_at', models.DateTimeField(blank=True, null=True, verbose_name='下次发送')),
                ('error', models.CharField(blank=True, default='', help_text='不含个人信息', max_length=60, verbose_name='失败原因')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='发送时间')),
                ('in_digest', models.BooleanField(default=False, verbose_name='等每日汇总')),
                ('read_by', models.DateTimeField(blank=True, help_text='没有别的渠道，只能在网上看', null=True, verbose_name='最晚何时看到')),
                ('digest', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='gathered', to='notifications.notice', verbose_name='所在汇总')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notifications.notice')),
            ],
            options={
                'verbose_name': '送达',
                'constraints': [models.UniqueConstraint(fields=('notice', 'channel'), name='delivery_once_per_channel'), models.CheckConstraint(condition=models.Q(('channel__in', ['SITE', 'SMS', 'EMAIL'])), name='delivery_channel_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('next_attempt_at__isnull', False), ('sent_at__isnull', True), ('status__in', ['PENDING', 'FAILED'])), models.Q(('next_attempt_at__isnull', True), ('sent_at__isnull', False), ('status', 'SENT')), models.Q(('next_attempt_at__isnull', True), ('sent_at__isnull', True), ('status__in', ['SENDING', 'DEAD', 'UNKNOWN', 'DIGESTED', 'UNNEEDED'])), _connector='OR'), name='delivery_status_fits_its_times'), models.CheckConstraint(condition=models.Q(models.Q(('digest__isnull', False), ('status', 'DIGESTED')), models.Q(models.Q(('status', 'DIGESTED'), _negated=True), ('digest__isnull', True)), _connector='OR'), name='delivery_digested_names_its_digest')],
                'indexes': [models.Index(condition=models.Q(('status__in', ['PENDING', 'FAILED'])), fields=['next_attempt_at', 'id'], name='delivery_due'), models.Index(condition=models.Q(('status', 'SENDING')), fields=['id'], name='delivery_in_the_air'), models.Index(condition=models.Q(('read_by__isnull', False)), fields=['read_by'], name='delivery_to_be_read')],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='第几次')),
                ('began_at', models.DateTimeField(verbose_name='开始时间')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('result', models.CharField(choices=[('BEGUN', '已开始'), ('SENT', '已发出'), ('FAILED', '没有发出'), ('UNKNOWN', '不确定')], default='BEGUN', max_length=10, verbose_name='结果')),
                ('error', models.CharField(blank=True, default='', help_text='不含个人信息', max_length=60, verbose_name='失败原因')),
                ('receipt', models.CharField(blank=True, default='', max_length=80, verbose_name='服务商的编号')),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tries', to='notifications.delivery')),
            ],
            options={
                'verbose_name': '发送记录',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('delivery', 'number'), name='attempt_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('result', 'BEGUN')), models.Q(('ended_at__isnull', False), ('result__in', ['SENT', 'FAILED', 'UNKNOWN'])), _connector='OR'), name='attempt_result_fits_its_times')],
            },
        ),
        ]),
    ]
