"""Stage 2, Spec to Dataset and Split: reading tables, finding what columns are, dividing rows."""
