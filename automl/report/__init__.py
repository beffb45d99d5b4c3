"""Stage 10, run folder to HTML and JSON: reads files of the run, fits nothing."""
