"""What a browser says of itself, in a few words a person knows her devices by.

Only words of ours come out, whatever was sent: the text itself would be a finer trace than anybody needs.
"""

# The first mark found counts: most browsers also name those they descend from.
_BROWSERS = (
    ("Zalo", "Zalo"),
    ("coc_coc_browser", "Cốc Cốc"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "máy Mac"),
    ("Linux", "Linux"),
)


def describe_browser(user_agent: str) -> str:
    """«Chrome trên Windows»; less where less is known, nothing where nothing is."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} trên {system}"
    return browser or (f"Trình duyệt trên {system}" if system else "")
