"""Find a region by its code or by what people write: 340104, 合肥市蜀山区, 安徽省合肥市蜀山区, 蜀山区."""

import re

from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import Region

_SEPARATORS = re.compile(r"[\s/·,，、>\-—]+")


class PlaceError(DomainError):
    """No region, or more than one, is called this."""


class Places:
    """All regions by code and by every way of writing their names; read once, then asked row by row."""

    def __init__(self) -> None:
        self._by_code = {region.code: region for region in Region.objects.all()}
        current = [region for region in self._by_code.values() if not region.dissolved]
        self._parents = {region.parent_id for region in current if region.parent_id}
        self._by_name: dict[str, list[Region]] = {}
        for region in current:
            for name in self._names(region):
                self._by_name.setdefault(name, []).append(region)
        self._formerly = self._dissolved_names()

    def _dissolved_names(self) -> dict[str, list[Region]]:
        """Return who took over the regions that are called so no more; a name still in use is not among them."""
        found: dict[str, list[Region]] = {}
        for region in self._by_code.values():
            if not region.dissolved or not region.successor_id:
                continue
            for name in self._names(region) - self._by_name.keys():
                heirs = found.setdefault(name, [])
                if self._by_code[region.successor_id] not in heirs:
                    heirs.append(self._by_code[region.successor_id])
        return found

    def _names(self, region: Region) -> set[str]:
        line = [region.name]
        above = region
        while above.parent_id:
            above = self._by_code[above.parent_id]
            line.insert(0, above.name)
        names = {"".join(line[start:]) for start in range(len(line))}
        return names | {line[0] + line[-1]}

    def find(self, written: str) -> Region:
        """Return the region that is meant; raises PlaceError where none or several are called so."""
        plain = _SEPARATORS.sub("", written)
        if plain in self._by_code:
            return self._still_there(self._by_code[plain])
        found = self._by_name.get(plain) or self._formerly.get(plain, [])
        if len(found) > 1:
            raise PlaceError(_("有几个地区都叫“%(name)s”，请写上城市，或者填六位行政区划代码。") % {"name": written})
        if not found:
            raise PlaceError(
                _("找不到地区“%(name)s”，请填六位行政区划代码，或者省、市、区县的全称。") % {"name": written}
            )
        return found[0]

    def _still_there(self, region: Region) -> Region:
        """Return the region, or the one that took it over."""
        if not region.dissolved:
            return region
        if not region.successor_id:
            raise PlaceError(_("%(name)s已经撤销，请填现在的区县。") % {"name": region.name})
        return self._by_code[region.successor_id]

    def find_district(self, written: str) -> Region:
        """Return a region that has no smaller ones below it; raises PlaceError."""
        region = self.find(written)
        if region.code in self._parents:
            raise PlaceError(_("“%(name)s”范围太大，请写到区县。") % {"name": written})
        return region
