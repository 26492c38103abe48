"""What every page knows: whose site it is and who is looking."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from tinhso.kernel.actor import ANONYMOUS
from tinhso.lib.yamltext import load_yaml


@dataclass(frozen=True, slots=True)
class Site:
    """The province in words, as the masthead and the footer say it."""

    province: str
    agency: str
    demo: bool


@lru_cache(maxsize=4)
def _province_name(folder: Path) -> str:
    """Name of the province from its content folder (`tỉnh Quảng Ngãi`)."""
    file = folder / "province.yaml"
    if not file.is_file():
        return "tỉnh"
    data = load_yaml(file.read_text(encoding="utf-8"))
    return str(data["province"]["name"])


def current_site() -> Site:
    """The site of the configured province."""
    name = _province_name(Path(settings.CONTENT_DIR) / "units" / settings.PROVINCE)
    province = name[0].lower() + name[1:]
    return Site(province=province, agency=f"Ủy ban nhân dân {province}", demo=bool(settings.DEMO))


def site(request: HttpRequest) -> dict[str, object]:
    """Context processor: `site` and `actor`; a page rendered before sign-in was read is anonymous."""
    return {"site": current_site(), "actor": getattr(request, "actor", ANONYMOUS)}
