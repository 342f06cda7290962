"""A bank's database as SOURCE: its address, and a mapping file where its names are not those of the contract."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.core.errors import ParameterError
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.identity import key_fingerprint
from analysis.intake.mapping import SourceMapping, load_mapping
from analysis.intake.source import Options, Prepared, Source, refuse_options
from analysis.intake.sources.address import read_address
from analysis.intake.sources.committed import key_of
from analysis.intake.sources.folder import check_name, described, slug

if TYPE_CHECKING:
    from analysis.intake.pipeline import Delivery

TITLE = Text("银行数据库", "a bank's database")


def prepare(source: Source, data: str | None, options: Options, quarter: Quarter | None) -> Prepared:  # noqa: ARG001
    """The address checked and the tables' content hashed; rows are mapped when the tables are first needed.

    Parameters
    ----------
    data : the address, followed by a space and the path of a mapping file where there is one

    Raises
    ------
    ParameterError : no address, one with a password, or a mapping file that is not there
    """
    refuse_options(source.name, options)
    if not data:
        raise ParameterError(
            "The source database needs an address.", hint="Write SOURCE=postgresql://user@host/database."
        )
    url, _, given = data.partition(" ")
    address = read_address(url)
    written = _written(given)
    mapping = written or _plain(slug(Path(address.database).stem, "database"))
    check_name(mapping, source)
    key = key_of(mapping)

    def write(folder: Path) -> Any:
        from analysis.intake.pipeline import write_tables

        return write_tables(lambda connection: _bring(connection, url, written), mapping, folder, key=key)

    from analysis.intake.sources.database import content_key

    parts = (repr(mapping), key_fingerprint(key), content_key(url, written))
    return Prepared(parts, write, source=described(source, mapping))


def _written(path: str) -> SourceMapping | None:
    if not path:
        return None
    if not Path(path).is_file():
        raise ParameterError(f"There is no mapping file {Path(path).name!r}.", hint="Give its path as DATA.")
    return load_mapping(Path(path))


def _plain(name: str) -> SourceMapping:
    """The mapping of a database whose tables and columns have the names of the contract."""
    return SourceMapping(name, TITLE, "production", "CNY", "gbt4754", ())


def _bring(connection: Any, url: str, mapping: SourceMapping | None) -> Sequence["Delivery"]:
    from analysis.intake.pipeline import Delivery
    from analysis.intake.sources.database import bring_tables

    return [Delivery("", tuple(bring_tables(connection, url, mapping)))]
