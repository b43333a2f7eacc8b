"""Forms of the setup of a centre: shape only, the services check the meaning."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Centre
from web.frame.fields import line, radios, select
from web.frame.region_fields import RegionField
from web.register.member_forms import DayField


class BackupForm(forms.Form):
    """What the administrator says about the backup."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["on"] = DayField(label=_("哪一天做的"))
        self.fields["where"] = line(
            _("备份放在哪里，恢复试过没有"), most=150, help_text=_("数据库、证据文件和密钥要一起备份，见运行手册。")
        )

    def clean_on(self) -> Any:
        if self.cleaned_data["on"] > timezone.localdate():
            raise forms.ValidationError(_("日期还没有到。"))
        return self.cleaned_data["on"]

    def sentence(self) -> str:
        return f"{self.cleaned_data['on']:%Y-%m-%d}，{self.cleaned_data['where']}"


class BranchForm(forms.Form):
    """A branch to be opened."""

    def __init__(self, parents: list[Centre], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.parents = {one.code: one for one in parents}
        if len(parents) > 1:
            above = [("", _("请选择")), *((code, one.name) for code, one in self.parents.items())]
            self.fields["parent"] = select(_("上级中心"), above)
        self.fields["code"] = line(
            _("代码"), most=8, help_text=_("2到8位大写字母和数字，登记号以它开头，不能再改，例如AHWH。")
        )
        self.fields["name"] = line(_("名称"), most=100)
        region = RegionField(label=_("地区"))
        region.offer(parents)
        self.fields["region"] = region
        self.fields["nature"] = radios(_("性质"), Centre.Nature.choices)
        self.fields["number_prefix"] = line(_("案号字头"), most=20, help_text=_("如：皖物调芜"))
        self.fields["phone"] = line(_("电话"), most=40)
        self.fields["address"] = line(_("地址"), most=200, required=False)
        self.fields["opening_hours"] = line(_("办公时间"), most=100, required=False)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip().upper()
        if Centre.objects.filter(code=code).exists():
            raise forms.ValidationError(_("这个代码已经有中心用了。"))
        return code

    def settled(self) -> dict[str, Any]:
        """Return the values as the service takes them."""
        given = dict(self.cleaned_data)
        above = given.pop("parent", "")
        return given | {"parent": self.parents[above] if above else next(iter(self.parents.values()))}
