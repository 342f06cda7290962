"""From a plan of chapters to a published report."""

import sys

# nbformat imports jsonschema, which builds an Earley parser for international web addresses when it is imported: two of
# the two and a half seconds that `import nbformat` takes, in every kernel and every run. Nothing here checks such
# addresses; jsonschema goes on without when the package is not there, and this says it is not.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
