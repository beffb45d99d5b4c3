"""Stage 8, rung to folder and back: manifest, parts, hashes, and the Predictor that loads them; no pickle anywhere."""
