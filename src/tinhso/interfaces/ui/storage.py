"""Static files under names that change with their content, our modules' imports of each other included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]  # ships no types

# `import … from "./neighbour.js"` at the head of a module; minified packages of others never look like this.
_MODULE_IMPORT = (
    r"""(?m)^(?P<matched>import (?P<names>[^;"']+) from "(?P<url>\.{1,2}/[\w/-]+\.js)";)""",
    'import %(names)s from "%(url)s";',
)


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # its base has no types
    """Rewrites imports too: else a module named by its hash would load its neighbours once more under plain names, and
    what they listen to would happen twice."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("*.js", (_MODULE_IMPORT,)))
