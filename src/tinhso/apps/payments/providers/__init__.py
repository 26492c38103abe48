"""Outside systems: the national payment platform, banks, receipts. One port for all ways to pay on line."""

from tinhso.apps.payments.enums import Provider
from tinhso.apps.payments.providers._port import PaymentProvider
from tinhso.apps.payments.providers.demo import DemoProvider
from tinhso.apps.payments.providers.platform import NationalPlatform
from tinhso.apps.payments.providers.vietqr import Transfers

__all__ = ["PaymentProvider", "provider_of"]

_PROVIDERS: dict[str, type[PaymentProvider]] = {
    Provider.PLATFORM: NationalPlatform,
    Provider.VIETQR: Transfers,
    Provider.DEMO: DemoProvider,
}


def provider_of(name: str) -> PaymentProvider:
    """The provider of this name.

    Raises:
        KeyError: no such way to pay on line (a programming error: actions have checked the name).
    """
    return _PROVIDERS[name]()
