"""Find who is responsible."""

from accounts.models import Centre, Region


def centre_for_region(region: Region) -> Centre | None:
    """Return the branch of the region, else the nearest centre above it, else None."""
    codes = [region.code, region.code[:4] + "00", region.code[:2] + "0000"]
    found = {centre.region_id: centre for centre in Centre.objects.filter(region_id__in=codes)}
    return next((found[code] for code in codes if code in found), None)
