"""Artifacts that earlier versions wrote, kept as they were, load and answer as they did when they were made."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl.artifact.load import FORMATS, load

STORED = sorted((Path(__file__).parents[1] / "data" / "artifacts").iterdir())


@pytest.mark.parametrize("folder", STORED, ids=lambda p: p.name)
def test_a_stored_artifact_answers_as_it_did(folder):
    kept = json.loads((folder / "answers.json").read_text())
    predictor = load(folder, warm=False)
    assert predictor.precision == folder.name.rpartition("-")[2]
    for row, expected in zip(kept["rows"], kept["answers"], strict=True):
        found = predictor.predict_row(row)
        assert found["prediction"] == expected["prediction"] and found["proba"] == pytest.approx(expected["proba"], abs=2e-6)
    proba = predictor.predict_proba(pd.DataFrame(kept["rows"]))
    assert np.allclose(proba, [list(e["proba"].values()) for e in kept["answers"]], atol=2e-6)


def test_every_format_has_one():
    assert {json.loads((folder / "manifest.json").read_text())["format"] for folder in STORED} == set(FORMATS)
