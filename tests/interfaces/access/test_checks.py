"""The check before going live."""

from typing import Any

from tinhso.interfaces.access.checks import identity_is_the_real_one


def test_simulator_and_demo_secret_are_for_demos_only(settings: Any) -> None:
    settings.DEMO = True
    assert identity_is_the_real_one() == []
    settings.DEMO = False
    assert [problem.id for problem in identity_is_the_real_one()] == ["access.E002", "access.E003"]
    settings.NATIONAL_IDENTITY = settings.NATIONAL_IDENTITY | {
        "authorize_url": "https://identity.example/auth", "secret": "from-a-file",
    }  # fmt: skip
    assert identity_is_the_real_one() == []
