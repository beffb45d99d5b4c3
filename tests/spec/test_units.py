import pytest

from automl.spec import units


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5m", 90), ("none", None)])
def test_durations(text, seconds):
    assert units.duration(text) == seconds


@pytest.mark.parametrize("text", ["-5m", "0", 0, 600, "5 parsecs", "", "1d", "3s", "m"])
def test_bad_durations(text):
    with pytest.raises(ValueError):
        units.duration(text)


@pytest.mark.parametrize(("text", "value"), [("20%", 0.2), (0.25, 0.25), ("none", None)])
def test_shares(text, value):
    assert units.share(text) == value


@pytest.mark.parametrize("text", ["90%", 0, "a fifth", -0.1])
def test_bad_shares(text):
    with pytest.raises(ValueError):
        units.share(text)


def test_human_forms():
    assert [units.human_seconds(s) for s in (8.04, 59.6, 125, 120, 3780)] == ["8.0 s", "1 min", "2 min 5 s", "2 min", "1 h 3 min"]
    assert [units.human_bytes(b) for b in (812, 4100, 41_000, 3_200_000)] == ["812 B", "4.1 kB", "41 kB", "3.2 MB"]


@pytest.mark.parametrize("text", ["5 ms", "5MS", "5 msec", "5 Milliseconds"])
def test_a_latency_written_otherwise_is_put_right(text):
    with pytest.raises(units.FixableError) as fault:
        units.milliseconds(text)
    assert fault.value.fix == "5ms"


@pytest.mark.parametrize("text", [5, 0.5, True, "5", "5m", "5h", "-5ms", "0ms", "1us", "1000s", "ms", "", [5]])
def test_what_is_no_latency_is_refused_with_the_forms_or_the_limits(text):
    with pytest.raises(ValueError, match=r"ms|least|most"):
        units.milliseconds(text)


@pytest.mark.parametrize(("ms", "words"), [(0.0423, "0.0423 ms"), (5.12, "5.12 ms"), (512.3, "512 ms"), (1234.0, "1.23 s")])
def test_milliseconds_in_words(ms, words):
    assert units.human_milliseconds(ms) == words


def test_thresholds():
    assert [units.cutoff(v) for v in ("auto", 0.3, "0.3", "30%", "99.5%")] == ["auto", 0.3, 0.3, 0.3, 0.995]
    for bad in (0, 1, "100%", -0.2, True, "half", "nan", "inf", None):
        with pytest.raises(ValueError, match="threshold"):
            units.cutoff(bad)
    with pytest.raises(units.FixableError) as caught:
        units.cutoff(30)
    assert caught.value.fix == "30%"
