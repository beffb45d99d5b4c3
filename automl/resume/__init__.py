"""What makes a run survive: what its folder is of, what its first start decided, and a usable model at every moment."""
