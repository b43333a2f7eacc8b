"""Who agrees: as their papers name them, and with the power to."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import AgentScope
from mediation.checks.check import Problem, check, name_of
from mediation.checks.draft import Draft

NEEDED = {AgentScope.DISPOSE, AgentScope.SIGN}
TITLES = ("先生", "女士", "小姐", "某", "*", "＊", "老师")


@check(gettext_lazy("当事人与身份证件一致"))
def parties_exact(draft: Draft) -> Iterator[Problem]:
    for party in draft.parties:
        registered = party.company or party.committee
        if registered is not None and party.name != registered.name:
            yield Problem(
                _("%(party)s的名称与登记的“%(name)s”不一致，请改成证件上的全称。")
                % {"party": name_of(party), "name": registered.name},
                True,
            )
        if party.is_person and (len(party.name.strip()) < 2 or any(sign in party.name for sign in TITLES)):
            yield Problem(_("%(party)s的姓名不是证件上的全名，请核对身份证后改正。") % {"party": name_of(party)}, True)
        if not party.is_person and not party.head:
            yield Problem(
                _("%(party)s还没有填写法定代表人或者负责人，协议书上要写明；请补全当事人资料，或者由协会补录到名册。")
                % {"party": name_of(party)},
                False,
            )


@check(gettext_lazy("身份已核对"))
def identities_checked(draft: Draft) -> Iterator[Problem]:
    for party in draft.parties:
        if party.identity_checked_at is None:
            yield Problem(_("还没有核对%(party)s的身份证件。") % {"party": name_of(party)}, True)


@check(gettext_lazy("代理人、代表人的权限"))
def authority(draft: Draft) -> Iterator[Problem]:
    for party in draft.parties:
        for agent in party.acting_agents:
            if agent.power_of_attorney_id is None:
                yield Problem(_("%(party)s的代理人还没有提交授权委托书。") % {"party": name_of(party)}, True)
            elif not set(agent.scope) >= NEEDED:
                yield Problem(
                    _("%(party)s的代理人没有承认、放弃、变更请求并签署协议的授权，须由当事人本人签署或者补充授权。")
                    % {"party": name_of(party)},
                    False,
                )
