"""Stage 3, Dataset and Split to Profile: what the training rows look like, and findings that change what is done."""
