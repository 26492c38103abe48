"""The one error of this package."""


class IdentifierError(ValueError):
    """Mã số không hợp lệ (the text is not a valid identifier of its kind); `str(error)` is a Vietnamese sentence."""
