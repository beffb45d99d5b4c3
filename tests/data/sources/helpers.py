"""Writing a file and reading it back, in one line."""

import pytest

from automl.data.sources import read_file
from automl.errors import DataError


def read(folder, content, options=None, name="t.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_file(path, options)


def cells(column):
    return [None if code < 0 else column.levels[code] for code in column.values]


def refused(folder, content, options=None, name="t.csv"):
    with pytest.raises(DataError) as caught:
        read(folder, content, options, name)
    return caught.value


def coded_note(notes, code):
    """Return the one note with a code."""
    found = [n for n in notes if n.endswith(f"[{code}]")]
    assert len(found) == 1, notes
    return found[0]
