"""Stage 4, Spec and Profile and Hardware to Plan: every value resolved, each with its reason."""
