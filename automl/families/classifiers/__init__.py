"""Families for classification."""
