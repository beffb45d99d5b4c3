"""The checks by name, in the order of the spec's section `checks`; each takes a Look and yields what it found."""

from collections.abc import Callable, Iterator

from automl.eda.checks import columns, content, rows, shape, sides, target, values
from automl.eda.look import Draft, Look

CHECKS: dict[str, Callable[[Look], Iterator[Draft]]] = {
    "target_leakage": target.target_leakage,
    "id_like": columns.id_like,
    "constant": columns.constant,
    "duplicate_columns": columns.duplicate_columns,
    "duplicate_rows": rows.duplicate_rows,
    "split_overlap": rows.split_overlap,
    "conflicting_labels": rows.conflicting_labels,
    "label_noise": target.label_noise,
    "imbalance": target.imbalance,
    "rare_class": target.rare_class,
    "missing_target": target.missing_target,
    "missing_values": values.missing_values,
    "disguised_missing": values.disguised_missing,
    "drift": sides.drift,
    "unseen_categories": sides.unseen_categories,
    "high_cardinality": columns.high_cardinality,
    "category_variants": values.category_variants,
    "mixed_types": values.mixed_types,
    "skew_outliers": values.skew_outliers,
    "infinite": values.infinite,
    "correlated_groups": values.correlated_groups,
    "text": content.text,
    "datetime": content.datetime,
    "time_leak": sides.time_leak,
    "group_leak": sides.group_leak,
    "too_few_rows": rows.too_few_rows,
    "personal_data": content.personal_data,
    "clusterability": shape.clusterability,
    "intrinsic_dimension": shape.intrinsic_dimension,
}
