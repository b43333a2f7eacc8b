"""Filing and its supplement."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Role
from web.case.action_form import ActionForm
from web.case.fields import how
from web.frame.fields import LinesField, tick


class Submit(ActionForm):
    name = "submit"
    lead = gettext_lazy(
        "提交以后，中心会在5个工作日内告诉您是否受理。今天这个日期会记下来，涉及诉讼时效的，可以作为您主张权利的证明。"
    )

    def questions(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {
            "data_notice": tick(
                _("申请人已阅读并同意个人信息处理告知"),
                error_messages={"required": _("请先阅读并同意个人信息处理告知。")},
                help_text=_("我们只为处理这件事使用您的姓名、电话和地址；对方只看到您的姓氏，看不到电话和住址。"),
            )
        }
        if self.file.has(Role.INTAKE):
            found["how"] = how(_("申请人怎样表示同意"))
        return found


class Discard(ActionForm):
    name, danger = "discard", True
    lead = gettext_lazy("草稿作废，不再保留在待办里。草稿还没有提交，别人没有看到过。")


class ReturnForSupplement(ActionForm):
    name = "return_for_supplement"
    lead = gettext_lazy("退给申请人补材料，最多退两次。申请人有5个工作日，补正后重新计算受理期限。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "items": LinesField(
                label=_("需要补正的内容"),
                help_text=_("一行写一项，申请人会看到这份清单。例如：身份证明复印件"),
                error_messages={"required": _("请列出需要补正的内容。")},
            )
        }


class Resubmit(ActionForm):
    name = "resubmit"
    lead = gettext_lazy("材料补齐后提交，中心重新开始计算受理期限。要补的照片和文件请先上传。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        asked = self.file.supplement
        return [(_("要补的内容"), "\n".join(f"{i}. {item}" for i, item in enumerate(asked.items, 1)))] if asked else []


class Lapse(ActionForm):
    name, danger = "lapse", True
    lead = gettext_lazy("提醒后仍未补正的，期限届满由系统视为撤回；申请人可以随时重新申请。")
