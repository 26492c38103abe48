"""Tables of reception."""

from tinhso.apps.reception.models._offline import CounterDevice, DeviceSeries, OfflineSlip

__all__ = ["CounterDevice", "DeviceSeries", "OfflineSlip"]
