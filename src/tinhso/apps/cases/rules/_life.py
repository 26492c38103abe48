"""What turns in the life of a case bring with them: fees, the steps behind, what an answer may touch."""

from collections.abc import Iterable, Mapping
from typing import Any

from tinhso.apps.cases.enums import FeeEffect
from tinhso.lib.amounts import dong


def fee_effect_of_ending(*, fee_vnd: int, received: bool) -> FeeEffect:
    """What becomes of the fees when a case ends without a result, unless the officer decides otherwise.

    Nothing was due before reception; after it the work has begun, and what was paid is kept. Assumed: the general
    decrees on fees leave it to the rules of each fee.
    """
    return FeeEffect.KEPT if fee_vnd and received else FeeEffect.NONE


def gives_back(effect: str) -> bool:
    """Whether an ending gives back what was paid: decided so, or nothing was due yet."""
    return effect in {FeeEffect.REFUND, FeeEffect.NONE}


def fee_effect_of_error(*, fee_vnd: int, received: bool) -> FeeEffect:
    """What becomes of the fees when an agency's error is undone: nobody pays twice for it."""
    return FeeEffect.AGAIN if fee_vnd and received else FeeEffect.NONE


def touched_elsewhere(*, before: Mapping[str, Any], after: Mapping[str, Any], asked: Iterable[str]) -> list[str]:
    """The answers that differ although nobody asked for them, by key."""
    allowed = set(asked)
    keys = sorted({*before, *after} - allowed)
    return [key for key in keys if key in after and before.get(key) != after.get(key)]


def settlement(*, effect: str, fee_vnd: int) -> str:
    """Fees and papers as the notice of the end tells them (xử lý phí, lệ phí và giấy tờ)."""
    amount = dong(fee_vnd)
    words = {
        FeeEffect.KEPT: f"Không hoàn phí, lệ phí đã nộp ({amount}).",
        FeeEffect.REFUND: f"Hoàn phí, lệ phí đã nộp ({amount}) theo cách đã nộp.",
    }.get(FeeEffect(effect) if effect else FeeEffect.NONE, "Không phát sinh phí, lệ phí.")
    return f"{words} Giấy tờ bản chính đã nộp được trả lại tại Bộ phận Một cửa nơi nộp hồ sơ."
