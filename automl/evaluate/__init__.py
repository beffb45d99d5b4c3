"""Stage 9, packed rungs to Evaluation: each loaded again, scored once on rows nothing was fitted on, timed, chosen."""
