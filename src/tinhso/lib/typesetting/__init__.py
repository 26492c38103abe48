"""Typesetting of papers: a template of `content/` and data become the bytes of a PDF/A-2b.

The only door is `typeset`; what it refuses, it refuses with a `TypesettingError` whose message is a sentence.
"""

from tinhso.lib.typesetting.compiler import TypesettingError, typeset, unpack_templates

__all__ = ["TypesettingError", "typeset", "unpack_templates"]
