"""A circuit breaker: a service that keeps failing is left alone for a while, so that nobody waits for it in vain."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Breaker:
    """Opens after some failures in a row; after a rest one call may try, and closes it or opens it again."""

    clock: Callable[[], float]
    failures_to_open: int = 5
    rest_s: float = 5.0
    failures: int = 0
    opened_at: float = 0.0
    is_trying: bool = False

    @property
    def is_open(self) -> bool:
        """Whether calls are refused at once."""
        return self.failures >= self.failures_to_open

    def admit(self) -> bool:
        """Whether a call may go; the caller then tells how it ended."""
        if not self.is_open:
            return True
        if self.is_trying or self.clock() - self.opened_at < self.rest_s:
            return False
        self.is_trying = True
        return True

    def succeeded(self) -> None:
        """The service answered, whatever it said."""
        self.failures, self.is_trying = 0, False

    def failed(self) -> None:
        """The service did not answer."""
        self.failures += 1
        self.is_trying = False
        if self.is_open:
            self.opened_at = self.clock()

    def gave_up(self) -> None:
        """The call ended for a reason of ours: it says nothing about the service."""
        self.is_trying = False
