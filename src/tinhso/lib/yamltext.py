"""YAML into plain values, by the reader compiled in C: some ten times as quick as the one written in Python."""

from typing import Any

import yaml


def load_yaml(text: str) -> Any:
    """The plain values (dict, list, str, int, float, bool, None, date, datetime) of a YAML text.

    Raises:
        yaml.YAMLError: the text is no YAML.
    """
    return yaml.load(text, Loader=yaml.CSafeLoader)
