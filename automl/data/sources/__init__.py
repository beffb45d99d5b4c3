"""Files, databases and bundled tables to raw columns; every cell of a text table stays text until its column's role is known."""

from automl.data.sources.arrow import from_arrow
from automl.data.sources.builtin import read_builtin
from automl.data.sources.cells import comma_decimals
from automl.data.sources.raw import MISSING, Raw
from automl.data.sources.read import read_data, read_file, read_files, read_table

__all__ = ["MISSING", "Raw", "comma_decimals", "from_arrow", "read_builtin", "read_data", "read_file", "read_files", "read_table"]
