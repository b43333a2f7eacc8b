"""Close the demo's accounts in a database that goes into production."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from demo.leaving import remove_demo


class Command(BaseCommand):
    help = "Close the accounts of the demo whose password is published; its cases stay, because the journal keeps them."

    def handle(self, *args: Any, **options: Any) -> None:
        closed = remove_demo(at=timezone.now())
        if not closed:
            self.stdout.write("没有演示账号。 There are no demo accounts.")
            return
        self.stdout.write(
            f"已停用 {len(closed)} 个演示账号：{'、'.join(closed)}。"
            "演示案件和名册删不掉，正式运行最好换一个空的数据库。"
            f" {len(closed)} demo accounts are closed. The demo's cases and registers cannot be removed:"
            " for real work an empty database is better."
        )
        if not User.objects.filter(is_active=True, memberships__role=Role.SYSADMIN, memberships__until=None).exists():
            self.stdout.write(
                "现在没有系统管理员，请用 bin/manage create_staff 建一个。"
                " There is no system administrator now: make one with bin/manage create_staff."
            )
