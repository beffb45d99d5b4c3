"""Reads the safetensors format: a header in JSON that says where each array lies, then the bytes; nothing in it can run.

Eight bytes (little endian) give the length of the header; each entry has `dtype`, `shape` and `data_offsets` (from, to) behind it, and
`__metadata__` holds texts (github.com/huggingface/safetensors, format). Arrays must fill the file without a gap, as its own
reader asks; written are files by that library.
"""

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER_BYTES = 100_000_000  # the most that the library reads
KINDS = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8,
    "U64": np.uint64, "U32": np.uint32, "U16": np.uint16, "U8": np.uint8, "BOOL": np.bool_,
}  # fmt: skip


def read(content: bytes) -> tuple[dict[str, str], dict[str, NDArray[Any]]]:
    """Return the texts and the arrays of a file. Raises ValueError, KeyError, TypeError or RecursionError where it is none."""
    length = int.from_bytes(content[:8], "little")
    if not 0 < length <= min(HEADER_BYTES, len(content) - 8):
        raise ValueError("its header is cut off")
    header: dict[str, Any] = json.loads(content[8 : 8 + length].decode("utf-8"))
    if not isinstance(header, dict):
        raise ValueError("its header is no mapping")
    texts = header.pop("__metadata__", {})
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("its header does not hold texts")
    data = memoryview(content)[8 + length :]
    arrays, spans = {}, []
    for name, facts in header.items():
        shape, (start, end) = facts["shape"], facts["data_offsets"]
        if not all(type(size) is int and size >= 0 for size in (*shape, start, end)):
            raise ValueError(f"the place of {name} is not whole numbers")
        kind = np.dtype(KINDS[facts["dtype"]])
        if end > len(data) or end - start != math.prod(shape) * kind.itemsize:
            raise ValueError(f"the place of {name} does not fit its shape")
        arrays[name] = np.frombuffer(data[start:end], dtype=kind).reshape(shape).copy()  # a copy is aligned, and lets go of the file
        spans.append((start, end))
    at = 0
    for start, end in sorted(spans):
        if start != at:
            raise ValueError("its arrays overlap or leave gaps")
        at = end
    if at != len(data):
        raise ValueError("there is more in it than its header says")
    return texts, arrays
