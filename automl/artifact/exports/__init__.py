"""An artifact in the form of another tool, written only where that answers as the artifact does."""
