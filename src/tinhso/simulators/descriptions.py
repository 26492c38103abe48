"""What each simulator's addresses are, as OpenAPI: `/<name>/openapi.json`.

Those that answer through the gateway are described in content, as the registry has it; the others beside this module.
Pages for testers are no part of it.
"""

import copy
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_BESIDE = Path(__file__).with_name("openapi")
# Which descriptions in content are of one simulator.
_IN_CONTENT = {
    "business": ("chitiet-doanhnghiep",), "catalogues": ("danhmuc",), "civil-status": ("hoso-lienthong",),
    "criminal-records": ("hoso-lltp",), "insurance": ("the-bhyt",), "land": ("vbdlis", "ilis", "thongbao-dat"),
    "national-portal": ("hoso-mot-cua",), "population": ("tracuu-congdan", "xacthuc-congdan"), "post": ("donhang",),
}  # fmt: skip
_OUT_OF_ORDER = {"description": "Ngừng hoạt động (khi được đặt như vậy)", "content": {"text/plain": {}}}


@lru_cache(32)
def description(name: str) -> dict[str, Any]:
    """The OpenAPI description of one simulator.

    Raises:
        FileNotFoundError: there is none.
    """
    parts = [_read(file) for file in _files(name)]
    whole: dict[str, Any] = {**parts[0], "servers": [{"url": f"/{name}"}], "paths": {}}
    whole["components"] = {}
    for part in parts:
        whole["paths"] |= part["paths"]
        for kind, named in part.get("components", {}).items():
            whole["components"].setdefault(kind, {}).update(named)
    whole["info"]["title"] = "; ".join(part["info"]["title"] for part in parts)
    for item in whole["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("503", _OUT_OF_ORDER)
    return whole


def described(app: Starlette, name: str) -> Starlette:
    """The simulator, which tells its description too."""

    async def tell(request: Request) -> Response:
        return JSONResponse(description(name) | {"servers": [{"url": request.scope.get("root_path", "") or "/"}]})

    app.router.routes.insert(0, Route("/openapi.json", tell, methods=["GET"]))
    return app


def _files(name: str) -> list[Path]:
    if name not in _IN_CONTENT:
        return [_BESIDE / f"{name}.yaml"]
    content = Path(os.environ.get("TINHSO_CONTENT_DIR") or Path(__file__).resolve().parents[3] / "content")
    found = [content / "exchange" / "openapi" / f"{one}.yaml" for one in _IN_CONTENT[name]]
    return [*found, *([_BESIDE / "dvcqg-catalogues.yaml"] if name == "catalogues" else [])]


def _read(file: Path) -> dict[str, Any]:
    # What one anchor names more than once must not be one thing here: each operation gets answers of its own.
    found: dict[str, Any] = yaml.safe_load(file.read_bytes())
    return {**found, "paths": {path: copy.deepcopy(item) for path, item in found["paths"].items()}}
