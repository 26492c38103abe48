"""Addresses: the SDK's operations at `/`, the provincial dialect under `/lgsp`, and the tester's page."""

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from tinhso.simulators.troubles import Troubles
from tinhso.simulators.vxp.provincial import Provincial
from tinhso.simulators.vxp.sdk import Sdk
from tinhso.simulators.vxp.state import Axis


def create_app(content: Path | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/vxp`; its memory is `app.state.axis`."""
    folder = os.environ.get("TINHSO_CONTENT_DIR") or Path(__file__).resolve().parents[4] / "content"
    axis = Axis(content or Path(folder))
    troubles = Troubles("Trục liên thông văn bản giả lập", "/vxp", more=axis.section)
    app = Starlette(
        routes=[
            Route("/", troubles.admin, methods=["GET"]),
            Route("/admin", troubles.admin, methods=["GET", "POST"]),
            Mount("/lgsp", routes=Provincial(axis, troubles).routes()),
            *Sdk(axis, troubles).routes(),
        ]
    )
    app.state.axis, app.state.troubles = axis, troubles
    return app
