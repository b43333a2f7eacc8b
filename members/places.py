"""Find a region by its code or by what people write: 340104, 合肥市蜀山区, 安徽合肥, 蜀山; or ask back."""

import re
from collections.abc import Iterable, Sequence
from itertools import product

from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.folding import fold
from accounts.models import Region, region_prefix

_SEPARATORS = re.compile(r"[/·,，、>\-—()]+")
_KIND = re.compile(r"(?:特别行政区|(?:[一-龥]族)*自治[区州县旗]|地区|省|市|区|县|盟|旗)$")
_ZONE = re.compile(r"开发区|高新|经开|新区|新城|园区|示范区|功能区|管委会")
MOST_OFFERED = 40


class PlaceError(DomainError):
    """No region, or more than one, is called this."""


class Places:
    """All regions by code and by every way of writing their names; read once, then asked row by row.

    `near` are the codes of the regions where whoever asks works: a name that several places bear means the one there.
    """

    def __init__(self, near: Sequence[str] = ()) -> None:
        self._near = tuple(region_prefix(code) for code in near)
        self._by_code = {region.code: region for region in Region.objects.all()}
        self._parents = {region.parent_id for region in self._by_code.values() if region.parent_id}
        self._full: dict[str, list[Region]] = {}
        self._short: dict[str, list[Region]] = {}
        for region in self._by_code.values():
            for name in self._names(region):
                self._full.setdefault(name, []).append(region)
            for name in self._names(region, short=True):
                self._short.setdefault(name, []).append(region)

    def _line(self, region: Region) -> list[str]:
        line = [region.name]
        while region.parent_id:
            region = self._by_code[region.parent_id]
            line.insert(0, region.name)
        return line

    def _names(self, region: Region, *, short: bool = False) -> set[str]:
        forms = [{name, _bare(name)} if short else {name} for name in self._line(region)]
        ways = [forms[start:] for start in range(len(forms))] + [[forms[0], forms[-1]]]
        return {fold("".join(parts)) for way in ways for parts in product(*way)}

    def find(self, written: str) -> Region:
        """Return the region that is meant; raises PlaceError where none or several are called so."""
        plain = fold(_SEPARATORS.sub("", written))
        if plain in self._by_code:
            return self._standing(self._by_code[plain])
        found = self._here(self._full.get(plain, [])) or self._here(self._short.get(plain, []))
        if len(found) > 1:
            raise PlaceError(
                _("有几个地区都叫“%(name)s”：%(places)s。请写上城市，或者填六位行政区划代码。")
                % {"name": written, "places": self._listed(found)}
            )
        if not found:
            raise self._asked_back(written, plain)
        return self._standing(found[0])

    def _here(self, found: list[Region]) -> list[Region]:
        """Keep those that stand, and among them those near; what was dissolved counts where nothing else is meant."""
        standing = [region for region in found if not region.dissolved] or found
        return [region for region in standing if region.code.startswith(self._near)] or standing

    def _standing(self, region: Region) -> Region:
        """Follow a region that was dissolved or renamed to the one that took it over."""
        while region.dissolved:
            if region.successor_id is None:
                raise PlaceError(_("%(name)s已经撤销，请填现在的区县。") % {"name": region.name})
            region = self._by_code[region.successor_id]
        return region

    def _asked_back(self, written: str, plain: str) -> PlaceError:
        """Say what there is to choose from: the districts of the city that is named, or of where somebody works."""
        offered = self._listed(self._around(plain))
        sentence = (
            _("“%(name)s”不是行政区划，请填它所在的区县：%(places)s。")
            if _ZONE.search(written)
            else _("找不到地区“%(name)s”，请填六位行政区划代码，或者省、市、区县的全称：%(places)s。")
        )
        if offered:
            return PlaceError(sentence % {"name": written, "places": offered})
        return PlaceError(_("找不到地区“%(name)s”，请填六位行政区划代码，或者省、市、区县的全称。") % {"name": written})

    def _around(self, plain: str) -> list[Region]:
        begun = (plain[:end] for end in range(len(plain) - 1, 1, -1))
        named = next((found for way in begun if (found := self._here(self._short.get(way, [])))), [])
        if len(named) == 1:
            return self._below(named[0].code)
        return [row for code in self._near for row in self._below(code.ljust(6, "0"))]

    def _below(self, code: str) -> list[Region]:
        rows = [row for row in self._by_code.values() if row.parent_id == code and not row.dissolved]
        return sorted(rows, key=lambda row: row.code)

    def _listed(self, regions: Iterable[Region]) -> str:
        return _("、").join("".join(self._line(region)[-2:]) for region in list(regions)[:MOST_OFFERED])

    def find_district(self, written: str) -> Region:
        """Return a region that has no smaller ones below it; raises PlaceError."""
        region = self.find(written)
        if region.code in self._parents:
            said = {"name": written, "places": self._listed(self._below(region.code))}
            raise PlaceError(_("“%(name)s”范围太大，请写到区县：%(places)s。") % said)
        return region


def _bare(name: str) -> str:
    """Leave out what kind of region it is, where enough is left: 合肥市 → 合肥, but not 县 of 和县."""
    bare = _KIND.sub("", name)
    return bare if len(bare) >= 2 else name
