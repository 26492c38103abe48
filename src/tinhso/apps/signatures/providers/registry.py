"""Which adapter speaks for which kind of service."""

from pathlib import Path

from tinhso.apps.signatures.data import ServiceData, SignerNotSet
from tinhso.apps.signatures.enums import ServiceKind
from tinhso.apps.signatures.providers.csc import CloudSignature
from tinhso.apps.signatures.providers.mysign import MySign
from tinhso.apps.signatures.providers.pkcs11 import Token
from tinhso.apps.signatures.providers.pkcs12 import KeyFile
from tinhso.apps.signatures.providers.port import Signer
from tinhso.apps.signatures.providers.smartca import SmartCA


def connect(service: ServiceData, *, folder: Path) -> Signer:
    """The adapter of a service; `folder` holds the key files of this installation.

    Raises:
        SignerNotSet: the kind has no adapter that takes digests (the desktop plug-in takes files).
    """
    match service.kind:
        case ServiceKind.PKCS12:
            return KeyFile(folder)
        case ServiceKind.PKCS11:
            return Token(service)
        case ServiceKind.SMARTCA:
            return SmartCA(service)
        case ServiceKind.MYSIGN:
            return MySign(service)
        case ServiceKind.CSC1:
            return CloudSignature(service, 1)
        case ServiceKind.CSC2:
            return CloudSignature(service, 2)
    raise SignerNotSet(f"{service.name} không ký từ xa: người ký tự tải tệp về máy để ký.")
