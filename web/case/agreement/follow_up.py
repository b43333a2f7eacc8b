"""Call-backs by somebody other than the mediator."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from cases.choices import Satisfaction, Solved
from mediation import services as mediation
from mediation.models import FollowUp
from web.case.fact_form import FactForm
from web.frame.fields import BoundedDate, line, radios, select, text

HEARD = (
    *("solved", "satisfaction", "performed", "performance"),
    *("lawsuit", "hidden_danger", "wrong_mediation", "measures"),
)


class FollowUpForm(FactForm):
    name, label = "follow-up", gettext_lazy("记录回访")
    fact = declared.agreement.FOLLOW_UP
    lead = gettext_lazy(
        "回访人不能是本案的调解员。是否解决、是否满意，照申请人说的记；联系不上的也要记录，满三次可以结案。"
    )
    done = gettext_lazy("已记录回访。")

    def questions(self) -> dict[str, forms.Field]:
        blank = [("", _("—"))]
        return {
            "how": radios(_("怎样回访"), FollowUp.How.choices, row=True),
            "reached": radios(_("联系上了吗"), [("yes", _("联系上了")), ("no", _("没有联系上"))], row=True),
            "solved": select(_("申请人认为是否解决"), [*blank, *Solved.choices], required=False),
            "satisfaction": select(_("满意度"), [*blank, *Satisfaction.choices], required=False),
            "performed": select(_("协议履行了多少"), [*blank, *FollowUp.Performed.choices], required=False),
            "performance": line(_("协议履行情况"), most=200, required=False),
            "lawsuit": line(_("有没有起诉，结果怎样"), most=200, required=False),
            "hidden_danger": line(_("有没有激化或者隐患"), most=200, required=False),
            "wrong_mediation": line(_("有没有错调"), most=200, required=False),
            "measures": line(_("采取了什么措施"), most=300, required=False),
            "next_on": BoundedDate(label=_("下次什么时候再回访"), required=False),
            "note": text(_("说明"), most=500, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        reached = given["reached"] == "yes"
        heard: dict[str, Any] = {name: given[name] if reached else "" for name in HEARD}
        heard |= {"next_on": given["next_on"], "note": given["note"]}
        mediation.follow_up(self.case, how=given["how"], reached=reached, by=by, at=at, **heard)


class SurveyForm(FactForm):
    """Two questions for the parties themselves; nobody at the centre finds this form."""

    name, label, button = "survey", gettext_lazy("评价处理结果"), gettext_lazy("提交评价")
    fact = declared.agreement.SURVEY
    lead = gettext_lazy("只有两个问题。怎么想就怎么选，不会影响已有的结果；调解员不能替您填，也不能改。")
    done = gettext_lazy("谢谢您的评价，已经记下。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "solved": radios(_("事情解决了吗？"), Solved.choices),
            "satisfaction": radios(_("您对处理满意吗？"), Satisfaction.choices),
            "comment": text(_("还想说什么"), rows=3, most=500, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        mediation.answer_survey(
            self.rows_of(self.file)[0],
            solved=given["solved"],
            satisfaction=given["satisfaction"],
            comment=given["comment"],
            by=by,
            at=at,
        )
