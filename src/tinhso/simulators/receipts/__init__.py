"""Stand-ins for outside providers of electronic receipts: the JSON of Viettel SInvoice and the SOAP of VNPT."""

from tinhso.simulators.receipts.app import create_app

__all__ = ["create_app"]
