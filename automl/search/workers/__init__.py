"""Isolated work: a process per job, forked from one that has already imported the libraries."""
