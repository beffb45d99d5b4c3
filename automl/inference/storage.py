"""One file per form: safetensors, with kind and config as JSON in its header; loading builds no object of a library."""

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from automl.errors import ArtifactError
from automl.inference.forms import Form


def to_bytes(form: Form) -> bytes:
    """Return the file content of a form."""
    config = json.dumps({"kind": form.kind, "config": form.config}, separators=(",", ":"), allow_nan=False)
    arrays = {name: np.ascontiguousarray(array) for name, array in form.arrays.items()}
    content: bytes = save(arrays, metadata={"form": config})
    return content


def from_bytes(content: bytes, name: str) -> Form:
    """Return the form in a file's content. Raises ArtifactError when it is not one of ours or is damaged."""
    try:
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])
        described = json.loads(header["__metadata__"]["form"], parse_constant=_no_constant)
        kind, config = described["kind"], described["config"]
        if not isinstance(kind, str) or not isinstance(config, dict):
            raise ValueError("it does not say what it is")
        return Form(kind, config, load(content))
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as fault:
        raise ArtifactError(f"{name} is not a model part or is damaged: {fault}".splitlines()[0], name) from None


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")


def read_form(path: Path) -> Form:
    """Read a form from a file."""
    return from_bytes(path.read_bytes(), path.name)
