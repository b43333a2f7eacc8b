"""What must be right before anybody is served: asked by `prepare`, the web process and the worker."""

import sys

from django.conf import settings
from django.db import DatabaseError

from accounts.keys import SENTENCES, wrong_keys
from accounts.models import Touchstone
from demo.leaving import open_demo_accounts

OPEN_DEMO = (
    "这个数据库里还有演示账号（{names}），密码是公开的，不能正式运行。请运行 bin/manage remove_demo，"
    "或者换一个空的数据库（推荐）。"
    " This database holds demo accounts ({names}) whose password is published: run bin/manage remove_demo, or better"
    " begin with an empty database."
)


def reasons_not_to_start() -> list[str]:
    """Return the sentences that say why this site must not be served; before the first `prepare` there is none."""
    try:
        reasons = [SENTENCES[Touchstone.Name(name)] for name in wrong_keys()]
        names = open_demo_accounts() if settings.PRODUCTION else []
    except DatabaseError:
        return []
    if names:
        shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
        reasons.append(OPEN_DEMO.format(names=shown))
    return reasons


def refuse_to_start() -> None:
    """End this process with the reasons, if there are any."""
    if reasons := reasons_not_to_start():
        sys.exit("\n".join(reasons))
