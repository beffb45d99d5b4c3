"""Stage 6, Study to Candidate: the winner fitted on all training rows, with the fold models that judge its rungs."""
