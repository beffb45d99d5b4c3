"""Stage 7, Candidate to its rungs: the same model in fewer bytes, and what that costs, judged out of fold."""
