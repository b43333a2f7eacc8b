"""The taxonomy in the words of people who live in the estates: a group first, then the matter itself."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases.models import Category

OTHER = "99"


@dataclass(frozen=True)
class Group:
    """What a resident recognises at first sight, and the level-1 categories behind it."""

    slug: str
    label: str | Promise
    hint: str | Promise
    codes: tuple[str, ...]


GROUPS = (
    Group("fees", _("物业收费"), _("物业费、水电公摊、催费、押金"), ("01",)),
    Group("service", _("物业服务"), _("保洁、保安、绿化、报修不及时、态度"), ("02",)),
    Group("repair", _("维修、漏水和电梯"), _("房屋外墙、管道、公共设施、电梯"), ("03", "08")),
    Group("neighbours", _("邻里纠纷"), _("楼上漏水、噪声、宠物、堆物、采光"), ("09",)),
    Group("parking", _("停车与充电"), _("车位、停车费、充电桩、电动自行车"), ("06",)),
    Group("decoration", _("装修与违建"), _("装修扰民、拆承重墙、私搭乱建、群租"), ("07",)),
    Group("safety", _("安全与消防"), _("消防通道、失窃、摔伤、灾害应急"), ("10",)),
    Group("money", _("公共收益与维修资金"), _("账目公示、广告收入、使用表决"), ("05", "04")),
    Group("owners", _("业委会、换物业"), _("业主大会、选举、选聘物业、新老交接"), ("11", "12")),
    Group("developer", _("开发商遗留问题"), _("房屋质量、配套、面积、办证"), ("13",)),
    Group("privacy", _("资料公开与个人信息"), _("查阅资料、人脸门禁、张贴欠费名单"), ("14",)),
    Group("other", _("其他，或我不清楚"), _("工作人员会帮您判断"), (OTHER, "15", "16", "17")),
)


def group_of(category: Category | None) -> Group | None:
    """Return the group that a category of either level belongs to."""
    if category is None:
        return None
    code = category.code[:2]
    return next((group for group in GROUPS if code in group.codes), None)


def group_named(slug: str) -> Group | None:
    return next((group for group in GROUPS if group.slug == slug), None)


def unsure_code(group: Group) -> str:
    """Return the category that says no more than the group does."""
    return OTHER if group.slug == "other" else f"{group.codes[0]}99"


def is_settled(category: Category | None) -> bool:
    """Say whether a category is the matter itself and not the heading over several."""
    return category is not None and (category.parent_id is not None or category.code in {"16", "17", OTHER})


def name_of(category: Category) -> str:
    """Name a category in the reader's language."""
    return category.name_en if get_language() == "en" else category.name_zh


def detail_choices(group: Group) -> list[tuple[str, list[tuple[str, str]]]]:
    """List the matters of a group under the headings of their level-1 categories."""
    rows = list(Category.objects.filter(code__regex=f"^({'|'.join(group.codes)})").exclude(code=OTHER))
    unsure = unsure_code(group)
    found = []
    for code in group.codes:
        heading = next((row for row in rows if row.code == code), None)
        matters = [row for row in rows if row.code.startswith(code) and is_settled(row) and row.code != unsure]
        if heading is not None and matters:
            found.append((name_of(heading), [(row.code, name_of(row)) for row in matters]))
    return found
