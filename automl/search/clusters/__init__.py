"""Groups of rows without labels: what is tried, how a partition is judged, and whether there are groups at all."""
