"""One file per form: safetensors, with kind and config as JSON in its header; loading builds no object of a library."""

import json
from pathlib import Path

import numpy as np

from automl.errors import ArtifactError
from automl.inference.forms import Form
from automl.inference.tensors import read


def to_bytes(form: Form) -> bytes:
    """Return the file content of a form."""
    from safetensors.numpy import save

    config = json.dumps({"kind": form.kind, "config": form.config}, separators=(",", ":"), allow_nan=False)
    arrays = {name: np.ascontiguousarray(array) for name, array in form.arrays.items()}
    content: bytes = save(arrays, metadata={"form": config})
    return content


def from_bytes(content: bytes, name: str) -> Form:
    """Return the form in a file's content. Raises ArtifactError when it is not one of ours or is damaged."""
    try:
        texts, arrays = read(content)
        described = json.loads(texts["form"], parse_constant=_no_constant)
        kind, config = described["kind"], described["config"]
        if not isinstance(kind, str) or not isinstance(config, dict):
            raise ValueError("it does not say what it is")
        return Form(kind, config, arrays)
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise ArtifactError(f"{name} is not a model part or is damaged: {fault}".splitlines()[0], name) from None


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")


def read_form(path: Path) -> Form:
    """Read a form from a file."""
    return from_bytes(path.read_bytes(), path.name)
