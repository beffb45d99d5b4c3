"""Profile and a family's needs to a feature form: fitted on the training rows of a fold only, run by inference."""
