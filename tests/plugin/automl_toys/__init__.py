"""A package beside automl, as anybody may write one."""
