"""`task.costs` against the classes of the data: a matrix of what it costs to take one class for another."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from automl.errors import did_you_mean
from automl.metrics import Costs
from automl.spec.costs import EXAMPLE, KINDS, cost_faults


class CostError(ValueError):
    """A cost that does not fit the data; `path` leads to it from `task.costs` down."""

    def __init__(self, path: tuple[str, ...], message: str, label: str) -> None:
        super().__init__(message)
        self.path, self.message, self.label = path, message, label


def resolve_costs(asked: Mapping[str, Any] | None, classes: Sequence[str], positive: int) -> Costs:
    """Return costs[true][predicted] over class codes, empty where none are asked for; being right costs nothing unless said.

    Raises CostError for an unknown class, a pair without a cost, or a number that is none.
    """
    if asked is None:
        return ()
    for fault in cost_faults(asked):
        raise CostError(*fault)
    kinds = all(name in KINDS for name in asked)
    if len(classes) == 2:
        if not kinds:
            raise CostError((), "for two classes, `costs` has the two kinds of error", EXAMPLE)
        matrix = [[0.0, 0.0], [0.0, 0.0]]
        matrix[1 - positive][positive], matrix[positive][1 - positive] = float(asked[KINDS[0]]), float(asked[KINDS[1]])
        return tuple(map(tuple, matrix))
    if kinds:
        raise CostError((), f"the target has {len(classes)} classes, and the two kinds of error are for two", "write {true class: {predicted class: cost}}")
    _known(asked, classes, ())
    for true, row in asked.items():
        _known(map(str, row), classes, (true,))
    rows = {true: {str(name): float(value) for name, value in row.items()} for true, row in asked.items()}
    for true in classes:
        if true not in rows:
            raise CostError((), f"`costs` says nothing of the class `{true}`", f"{true}: {{{', '.join(f'{c}: 1' for c in classes if c != true)}}}")
        for other in classes:
            if other != true and other not in rows[true]:
                raise CostError((true,), f"`{true}` taken for `{other}` has no cost", f"{other}: 1")
    return tuple(tuple(rows[true].get(other, 0.0) for other in classes) for true in classes)


def _known(names: Iterable[str], classes: Sequence[str], path: tuple[str, ...]) -> None:
    for name in names:
        if name not in classes:
            near = did_you_mean(name, classes)
            raise CostError((*path, name), f"`{name}` is not a class of the target", f"did you mean `{near}`?" if near else "known: " + ", ".join(classes[:20]))
