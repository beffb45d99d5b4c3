"""An error of the plan that points into the spec."""

from automl.errors import SpecError
from automl.spec.model import Spec


def spec_error(spec: Spec, path: tuple[str | int, ...], message: str, label: str) -> SpecError:
    """Return the error at a place of the spec, with its line where the spec was read from a file."""
    text = spec.source.error("C401", path, message, label) if spec.source is not None else ""
    return SpecError(message, ".".join(str(p) for p in path), label, text=text)
