"""Where notices about a replaced number go."""

from django.conf import settings
from django.db import migrations, models

import accounts.fields


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0001_schema'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_kind_is_known',
        ),
        migrations.AddField(
            model_name='delivery',
            name='address',
            field=accounts.fields.EncryptedTextField(blank=True, default='', help_text='空：收件人现在的号码或邮箱', verbose_name='发到'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('case_filed', '已收到申请'), ('supplement_needed', '需要补充材料'), ('company_asked', '请企业答复'), ('invitation', '征询是否同意调解'), ('consent_reminder', '催复是否同意调解'), ('accepted', '已受理'), ('mediator_assigned', '已安排调解员'), ('mediator_nominated', '请答复是否担任调解员'), ('mediator_disclosed', '调解员有披露，请表示意见'), ('mediator_released', '案件不再由您经办'), ('challenge_decided', '回避申请已有决定'), ('session_scheduled', '已安排调解会'), ('slots_proposed', '请选调解会的时间'), ('slots_answered', '各方已选调解会的时间'), ('session_changed', '调解会有变动'), ('record_ready', '有记录待核对签名'), ('offer_made', '有新的方案'), ('offer_moved', '方案有了进展'), ('suspended', '已中止'), ('resumed', '已恢复'), ('agreement_ready', '有协议待签署'), ('agreement_changed', '协议文本有变动，原签署作废'), ('agreement_in_force', '协议已生效'), ('performance_due', '履行将到期'), ('performance_overdue', '履行已逾期'), ('performance_reported', '请确认履行'), ('performance_answered', '履行有了回应'), ('performance_urged', '督促履行'), ('confirmation_moved', '司法确认有进展'), ('ended', '调解已终止'), ('rejected', '不予受理'), ('referred', '已移送'), ('withdrawn', '已撤回'), ('followup_due', '将要回访'), ('closed', '已结案'), ('archived', '已归档'), ('message_received', '有新留言'), ('overdue_staff', '有期限已超过'), ('task_assigned', '有新任务'), ('proposal_waiting', '有待审批事项'), ('deadline_moved', '期限有变动'), ('confirmation_due', '司法确认期限将到'), ('supervised', '有督办待答复'), ('survey', '请评价处理结果'), ('document_served', '有文书送达'), ('cannot_reach', '联系不上当事人'), ('account_changed', '账户资料有变动'), ('phone_changed', '登记的手机号已更换'), ('phone_entered', '登记了新的联系电话'), ('daily_digest', '每日汇总')], max_length=30, verbose_name='事项'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['case_filed', 'supplement_needed', 'company_asked', 'invitation', 'consent_reminder', 'accepted', 'mediator_assigned', 'mediator_nominated', 'mediator_disclosed', 'mediator_released', 'challenge_decided', 'session_scheduled', 'slots_proposed', 'slots_answered', 'session_changed', 'record_ready', 'offer_made', 'offer_moved', 'suspended', 'resumed', 'agreement_ready', 'agreement_changed', 'agreement_in_force', 'performance_due', 'performance_overdue', 'performance_reported', 'performance_answered', 'performance_urged', 'confirmation_moved', 'ended', 'rejected', 'referred', 'withdrawn', 'followup_due', 'closed', 'archived', 'message_received', 'overdue_staff', 'task_assigned', 'proposal_waiting', 'deadline_moved', 'confirmation_due', 'supervised', 'survey', 'document_served', 'cannot_reach', 'account_changed', 'phone_changed', 'phone_entered', 'daily_digest'])), name='notice_kind_is_known'),
        ),
    ]
