"""Batches of several sizes: every rung on the same rows, a slower one is seen to be slower, and little time gives fewer rows."""

import numpy as np
import pytest

from automl.evaluate.batches import SIZES, buys, time_batches
from tests.evaluate.test_speed import Rung, _table


def test_every_size_is_measured_for_every_rung():
    found = time_batches([Rung(), Rung()], _table(100), 60.0)
    assert [[b["rows"] for b in r["batches"]] for r in found] == [list(SIZES)] * 2
    assert all(r["all_threads"] is None or (r["all_threads"]["rows"] == SIZES[-1] and r["all_threads"]["threads"] > 1) for r in found)
    assert all(
        b["rows_per_second"] > 0 and b["runtime_ratio_range"][0] <= b["runtime_ratio"] <= b["runtime_ratio_range"][1] for r in found for b in r["batches"]
    )


def test_a_slower_rung_has_a_ratio_below_one():
    found = time_batches([Rung(per_call=0.002), Rung(per_call=0.008)], _table(300), 0.5)
    assert 0.15 < found[1]["batches"][0]["runtime_ratio"] < 0.4 and found[0]["batches"][0]["runtime_ratio"] == pytest.approx(1.0)


def test_little_time_gives_fewer_rows_and_no_time_nothing():
    slow = [Rung(per_row=1e-6), Rung(per_row=1e-6)]
    rows = [b["rows"] for b in time_batches(slow, _table(300), 0.3)[0]["batches"]]
    assert rows[0] == 256 and 256 <= rows[-1] < 65_536
    assert time_batches([Rung(per_row=1e-4)], _table(300), 0.01)[0] == {"batches": [], "all_threads": None}


def batch(low, high, rows=256, noisy=False):
    return {"noisy": noisy, "rows": rows, "runtime_ratio": (low + high) / 2, "runtime_ratio_range": [low, high]}


def test_words_say_where_speed_is_bought_and_where_only_bytes():
    assert buys([batch(1, 1)], "float32") == "" and buys([], "int8") == ""
    assert buys([batch(0.99, 1.05), batch(2.9, 3.1, 65_536)], "int8") == "fewer bytes, and speed: 3.0× at 65,536 rows"
    assert buys([batch(0.99, 1.05)], "float16") == "fewer bytes; no faster than float32 here"
    assert buys([batch(3, 5, noisy=True), batch(1, 1)], "int8") == "fewer bytes; no faster than float32 here"
    assert "too busy" in buys([batch(3, 5, noisy=True)], "int8")
    assert buys([batch(0.7, 0.9)], "float16") == "fewer bytes, and slower: 0.80× at 256 rows"


def test_energy_is_told_where_a_counter_can_be_read(tmp_path, monkeypatch):
    import automl.evaluate.energy as energy

    monkeypatch.setattr(energy, "ROOT", tmp_path)
    energy._counters.cache_clear()
    assert energy.joules() is None
    for name, value in (("intel-rapl:0", "2500000"), ("intel-rapl:1", "500000"), ("intel-rapl:0:0", "99")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "energy_uj").write_text(value)
    energy._counters.cache_clear()
    assert energy.joules() == 3.0
    found = time_batches([Rung()], _table(10), 1.0)[0]["batches"][0]
    assert found["joules_per_million_rows"] == 0.0
    energy._counters.cache_clear()
    assert np.isfinite(found["rows_per_second"])
