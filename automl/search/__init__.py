"""Stage 5, Plan to Study: many trials under a budget, each in a process of its own."""
