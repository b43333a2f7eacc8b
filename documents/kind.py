"""One kind of official document: what it is called, what it needs, who may read it, how it is worded."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.sheet import Block, Fields

Wording = Callable[[Fields], list[Block]]


class Hand(models.TextChoices):
    """What a person still has to do on the paper of an issued document before it may go out or lie in the dossier."""

    SIGN = "SIGN", _("请本人在纸质文书上签名")
    SEAL = "SEAL", _("请盖章后送出")


class Audience(models.TextChoices):
    """For whose eyes a document is, beside the staff of the case."""

    STAFF = "STAFF", _("仅中心内部")
    PARTIES = "PARTIES", _("各方当事人")
    APPLICANTS = "APPLICANTS", _("申请人一方")
    RESPONDENTS = "RESPONDENTS", _("被申请人一方")
    PARTY = "PARTY", _("文书所写的当事人")


@dataclass(frozen=True)
class Kind:
    """One kind of document. `title` is the official one of a people's mediation committee.

    `served`: on whom it is served once it is issued; nothing where it is only kept or looked at.
    """

    code: str
    title: str
    wording: Wording
    audience: Audience
    order: int
    layout: str = "letter"
    series: str = ""
    about: str = ""
    needs: dict[str, str] = field(default_factory=dict)
    may: dict[str, str] = field(default_factory=dict)
    draft: bool = False
    served: Audience | None = None
    hand: Hand | None = None
    full_data: bool = False
    printed: str = ""

    def title_for(self, *, people: bool) -> str:
        """Return the title as this body writes it: without 人民 where it is not a people's mediation committee."""
        return self.title if people else self.title.replace("人民调解", "调解")

    def heading_for(self, *, people: bool) -> str:
        """Return what stands over the text."""
        return self.printed or self.title_for(people=people)

    def label_of(self, name: str) -> str:
        """Return what a field is called on paper."""
        return (COMMON | self.may | self.needs).get(name, name)


# What every document has; filled in where it is issued.
COMMON = {
    "centre": "调解组织名称",
    "seal_label": "印章说明",
    "date": "制发日期",
    "case_ref": "案号或登记号",
    "receipt_number": "登记号",
    "phone": "联系电话",
}

Declared = Callable[[Wording], Wording]


class Declarations(list[Kind]):
    """The kinds of one module, each declared above its wording."""

    def kind(self, code: str, title: str, audience: Audience, order: int, **rest: object) -> Declared:
        def keep(wording: Wording) -> Wording:
            self.append(Kind(code, title, wording, audience, order, **rest))  # type: ignore[arg-type]
            return wording

        return keep
