"""Which mappings are the project's own, and whose key makes the pseudonyms of data that a mapping describes."""

from analysis.intake.identity import pseudonym_key
from analysis.intake.mapping import SourceMapping, load_mapping
from analysis.intake.reference import project_root


def is_committed(mapping: SourceMapping) -> bool:
    """Whether it is the one that the project has for open data of its name."""
    path = project_root() / "data" / "mappings" / f"{mapping.name}.toml"
    return path.is_file() and load_mapping(path) == mapping


def key_of(mapping: SourceMapping) -> bytes:
    """The key of the pseudonyms.

    Everybody knows the published key, so that a mapping by which somebody calls a bank's data open must not choose it:
    only open data of this project have it. Synthetic data have it too, and every page of theirs says so.
    """
    is_claimed = mapping.kind == "open" and not is_committed(mapping)
    return pseudonym_key("production" if is_claimed else mapping.kind)
