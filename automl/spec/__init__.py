"""Stage 1, text to Spec: reading, checking and pointing at what is wrong."""
