from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from audit import subjects


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("会员与小区")

    def ready(self) -> None:
        from members.models import Company, Estate, OwnersCommittee  # models are not loaded before
        from members.selectors import contact_mobiles
        from notifications.registers import look_up_in

        look_up_in(contact_mobiles)
        for kind, model in (("company", Company), ("estate", Estate), ("committee", OwnersCommittee)):
            subjects.expect(kind, model._default_manager.values_list("pk", flat=True).iterator)
