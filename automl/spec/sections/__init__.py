"""The larger sections of a spec, one file each; `spec.model` puts them together."""
