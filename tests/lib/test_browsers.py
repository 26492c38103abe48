"""A browser in words, and only in words of ours."""

import pytest

from tinhso.lib.browsers import describe_browser


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
            "Chrome trên Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) (KHTML, like Gecko) Chrome/141.0 Safari/537.36 Edg/141.0",
            "Edge trên Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; WOW64) (KHTML, like Gecko) coc_coc_browser/123.0 Chrome/117.0 Safari/537.36",
            "Cốc Cốc trên Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) (KHTML, like Gecko) Version/18.0 Safari/604.1",
            "Safari trên iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-A155F) (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0 Safari/537.36",
            "Samsung Internet trên Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.6; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox trên máy Mac"),
        ("curl/8.5 (Linux)", "Trình duyệt trên Linux"),
        ("Firefox/131.0", "Firefox"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_what_is_made_of_it(told: str, words: str) -> None:
    assert describe_browser(told) == words
