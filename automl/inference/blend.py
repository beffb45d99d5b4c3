"""Several models that answer together: a form made of forms, each with its weight and with the view of a row that it was trained on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import ArtifactError
from automl.inference.forms import HOLDS_ROWS, Arrays, Form, Model

BLEND, VIEWS = "blend", "views"


class Views:
    """The same rows as several matrices; an index picks rows in all of them."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self.parts = tuple(parts)

    @property
    def shape(self) -> tuple[int, int]:
        """Return the number of rows, and of columns of all matrices together."""
        return int(self.parts[0].shape[0]), sum(int(part.shape[1]) for part in self.parts)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> "Views":
        return Views([part[rows] for part in self.parts])


@dataclass(frozen=True)
class Voice:
    """One model of a blend; `view` is the position of the matrix it takes, `family` whose model it is, `weight` its share of the answer."""

    family: str
    model: Form
    view: int
    weight: float


def blend(voices: Sequence[Voice]) -> Form:
    """Return the form that answers with the weighted mean of the probabilities of these models. Raises ValueError without any weight."""
    total = sum(voice.weight for voice in voices)
    if not total > 0:
        raise ValueError("a blend needs a model with a weight")
    config = [{"family": v.family, "view": v.view, "weight": v.weight / total, "kind": v.model.kind, "config": v.model.config} for v in voices]
    return Form(BLEND, {"members": config}, _joined([v.model for v in voices]))


def voices_of(form: Form) -> list[Voice]:
    """Return the models of a blend."""
    members = form.config["members"]
    return [Voice(m["family"], Form(m["kind"], m["config"], arrays), m["view"], m["weight"]) for m, arrays in zip(members, _split(form), strict=True)]


def views(forms: Sequence[Form]) -> Form:
    """Return the features of several views as one form."""
    return Form(VIEWS, {"views": [form.config for form in forms]}, _joined(forms))


def views_of(form: Form) -> list[Form]:
    """Return the features of each view; a form that is no bundle is the only one."""
    if form.kind != VIEWS:
        return [form]
    return [Form("features", config, arrays) for config, arrays in zip(form.config["views"], _split(form), strict=True)]


def parts_of(model: Form) -> list[Form]:
    """Return the models that answer: those of a blend, or the one that is none."""
    return [voice.model for voice in voices_of(model)] if model.kind == BLEND else [model]


def holds_rows(model: Form) -> bool:
    """Return whether a model, or one of a blend, holds rows that it was trained on."""
    return any(part.kind in HOLDS_ROWS for part in parts_of(model))


def _joined(forms: Sequence[Form]) -> Arrays:
    return {f"{i}/{name}": array for i, form in enumerate(forms) for name, array in form.arrays.items()}


def _split(form: Form) -> list[Arrays]:
    """Return the arrays of each part, by the number their names begin with."""
    out: list[Arrays] = [{} for _ in form.config["members" if form.kind == BLEND else "views"]]
    for name, array in form.arrays.items():
        number, _, own = name.partition("/")
        out[int(number)][own] = array
    return out


def load(form: Form) -> Callable[[Views], NDArray[np.float32]]:
    """Return the function that answers: (n_rows, n_outputs) from the views of the rows. Raises ArtifactError for a blend of blends."""
    voices = voices_of(form)
    if any(voice.model.kind == BLEND for voice in voices):
        raise ArtifactError("the artifact holds a blend inside a blend", fix="upgrade automl")
    models = [(Model(voice.model), voice.view, np.float32(voice.weight)) for voice in voices]

    def predict(x: Views) -> NDArray[np.float32]:
        first, view, weight = models[0]
        out = first.predict(x.parts[view]) * weight
        for model, view, weight in models[1:]:
            out += model.predict(x.parts[view]) * weight
        return out

    return predict
