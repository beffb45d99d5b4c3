"""The words that `task.type` takes."""

TYPES = {
    "classification": "one class per row; needs `target`",
    "clustering": "groups of similar rows",
    "dimensionality_reduction": "fewer columns, same structure",
}
