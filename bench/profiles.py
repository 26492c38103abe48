"""How much is measured: the small profile fits into five minutes on two quiet cores."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """How much is measured."""

    name: str
    templates: int = 40
    cases: int = 20_000
    open_cases: int = 5_000
    worked_cases: int = 48
    peer_cases: int = 16
    requests: int = 200
    page_requests: int = 12
    search_rounds: int = 1
    papers: int = 12
    log_rows: int | None = 20_000
    file_megabytes: int = 50
    seconds: int = 3
    national: bool = False
    unpooled: bool = False


PROFILES = {
    "small": Profile("small"),
    "full": Profile(
        "full", templates=400, cases=100_000, open_cases=100_000, worked_cases=240, peer_cases=60, requests=4_000,
        page_requests=300, search_rounds=5, papers=200, log_rows=None, file_megabytes=200, seconds=20, national=True,
        unpooled=True,
    ),
    "tiny": Profile(
        "tiny", templates=20, cases=400, open_cases=100, worked_cases=16, peer_cases=8, requests=40, page_requests=5,
        papers=3, log_rows=1_000, file_megabytes=8, seconds=1,
    ),
}  # fmt: skip
