"""The constraints on the winner as they may be written: short and long, with their units, and what they mean."""

import pytest

from automl.spec.load import load, load_spec
from automl.spec.resolved import resolved_text

from ..builders import spec_of
from .bad_specs import BASE


def asked(**constraints):
    return spec_of(constraints=constraints).constraints


@pytest.mark.parametrize(
    ("text", "bytes_"), [("50MB", 50_000_000), ("1B", 1), ("1.5kB", 1500), ("2KiB", 2048), ({"max": "1GB"}, 10**9)], ids=str
)  # fmt: skip
def test_a_size_has_a_unit(text, bytes_):
    found = asked(model_size=text).model_size
    assert (found.max, found.hard) == (bytes_, True)


@pytest.mark.parametrize(("text", "ms"), [("5ms", 5.0), ("500us", 0.5), ("0.5s", 500.0), ({"max": "5ms"}, 5.0)], ids=str)
def test_a_latency_has_a_unit(text, ms):
    found = asked(latency=text).latency
    assert (found.max, found.rows, found.percentile, found.hard) == (ms, 1, 95, True)


def test_a_number_is_good_enough_whichever_way_the_metric_goes():
    short = asked(quality=0.8).quality
    assert short.asked(True) == short.asked(False) == 0.8
    least = asked(quality={"min": 0.8, "hard": False}).quality
    assert least.asked(True) == 0.8 and least.asked(False) is None and not least.hard


def test_what_is_left_out_asks_for_nothing():
    found = asked()
    assert (found.model_size, found.latency, found.quality, found.fairness, found.interpretable) == (None, None, None, None, "no")


def test_fairness_has_its_defaults_and_takes_a_share():
    found = asked(fairness={"column": 7, "max_gap": "5%"}).fairness
    assert (found.column, found.metric, found.max_gap, found.hard) == ("7", "equal_opportunity", 0.05, True)


def test_a_column_of_groups_that_the_data_do_not_have_is_found_before_a_run(tmp_path):
    (tmp_path / "a.csv").write_text("age_band,x,y\nold,1,a\n")
    (tmp_path / "s.yaml").write_text(BASE + "constraints:\n  fairness:\n    column: ageband\n")
    found = [d for d in load_spec(tmp_path / "s.yaml")[1] if d.is_error]
    assert [(d.code, d.span.line, d.span.column) for d in found] == [("D301", 7, 13)] and "`age_band`" in found[0].label


def test_the_resolved_spec_reads_as_it_was_asked(tmp_path):
    (tmp_path / "a.csv").write_text("band,x,y\nold,1,a\n")
    text = (
        "constraints: {memory: 8GB, model_size: 1.5kB, latency: {max: 500us, rows: 10}, quality: 0.8, interpretable: prefer, "
        "fairness: {column: band, max_gap: 5%}}\n"
    )
    (tmp_path / "s.yaml").write_text(BASE + text)
    loaded = load(tmp_path / "s.yaml")
    folder = tmp_path / "run"
    folder.mkdir()
    written = resolved_text(loaded.or_raise(), tmp_path, folder, {})
    assert "max: " in written and "s.yaml:5" in written
    (folder / "spec.resolved.yaml").write_text(written)
    again = load(folder / "spec.resolved.yaml")
    assert again.or_raise().constraints == loaded.or_raise().constraints
