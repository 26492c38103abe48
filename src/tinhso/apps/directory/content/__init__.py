"""Folders of `content/units`: facts about one province's units, checked and expanded. No database."""

from tinhso.apps.directory.content._folder import read_directory
from tinhso.apps.directory.content._reader import UnitsInvalid
from tinhso.apps.directory.content._specs import (
    DirectoryContent,
    FieldSpec,
    PostSpec,
    SuccessionSpec,
    UnitSpec,
)

__all__ = ["DirectoryContent", "FieldSpec", "PostSpec", "SuccessionSpec", "UnitSpec", "UnitsInvalid", "read_directory"]
