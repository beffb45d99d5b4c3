"""`features.transform` resolved: which installed transformer works on which column."""

from automl.data.columns import LEARNED
from automl.data.dataset import Dataset
from automl.errors import MissingPackageError, SpecError, UsageError, did_you_mean
from automl.inference.transformer import Origin, load, origin_of
from automl.plan.fault import spec_error
from automl.spec.model import Spec
from automl.vocabulary import Decision

PATH = ("features", "transform")


def unknown_transformers(spec: Spec) -> list[tuple[tuple[str, ...], str, str]]:
    """Return (place, message, label) for every name that no installed package, or more than one, has a transformer of."""
    found: list[tuple[tuple[str, ...], str, str]] = []
    for column, name in spec.features.transform.items():
        try:
            origin_of(name)
        except UsageError as fault:
            found.append(((*PATH, column), fault.problem, fault.fix))
    return found


def resolve_transforms(spec: Spec, dataset: Dataset) -> tuple[dict[str, Origin], list[Decision]]:
    """Return the transformer of each column that has one, and a decision for each.

    Raises SpecError for an unknown name, a column that is not in the data, not learned from, of a kind that the transformer does
    not take, or whose order must be kept; MissingPackageError for a transformer that cannot be imported.
    """
    wanted: dict[str, Origin] = {}
    decisions: list[Decision] = []
    for place, message, label in unknown_transformers(spec):
        raise spec_error(spec, place, message, label)
    known = [role.key for role in dataset.roles] or list(dataset.table.columns)
    ignored = {role.key: role for role in dataset.roles if role.value not in LEARNED}
    kinds = {f.name: f.kind for f in dataset.fields}
    for column, name in spec.features.transform.items():
        if column == dataset.target:
            raise spec_error(spec, (*PATH, column), f"`{column}` is the target", "name an input column")
        if column not in known:
            near = did_you_mean(column, known)
            raise spec_error(spec, (*PATH, column), f"column `{column}` is not in the data", f"did you mean `{near}`?" if near else "name a column of the data")
        if column in ignored:
            problem = f"`{column}` is not learned from: {ignored[column].value}, {ignored[column].because}"
            raise spec_error(spec, (*PATH, column), problem, f"`data.columns.types: {{{column}: text}}`, or number, category, date, makes it an input")
        if column not in kinds:
            label = "`automl eda` says which; `warn` in place of `fix` for it, under `checks`, keeps the column"
            raise spec_error(spec, (*PATH, column), f"the fix of a check takes `{column}` away, so that nothing is left to transform", label)
        if column in spec.features.monotone:
            raise _out_of_order(spec, column, name)
        origin = origin_of(name)
        try:
            transformer = load(origin)
        except MissingPackageError as fault:
            raise MissingPackageError(fault.problem, ".".join((*PATH, column)), fault.fix) from None
        if kinds[column] not in transformer.kinds:
            problem = f"`{column}` is a {kinds[column]}, and the transformer `{name}` takes: {', '.join(sorted(transformer.kinds))}"
            raise spec_error(spec, (*PATH, column), problem, f"name another column, or say what `{column}` is in `data.columns.types`")
        wanted[column] = origin
        decisions.append(Decision("features.transform", f"{column}: {name}", f"asked for; of the package {origin.distribution} {origin.version}"))
    return wanted, decisions


def _out_of_order(spec: Spec, column: str, name: str) -> SpecError:
    problem = f"nothing is known of the order in what `{name}` makes of `{column}`, which `monotone` asks to keep"
    return spec_error(spec, (*PATH, column), problem, "leave out one of the two")
