"""Families for clustering."""
