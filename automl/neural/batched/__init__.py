"""Many networks of one shape trained as one: parameters with a slot dimension in front, each slot with options and a clock of its own."""
