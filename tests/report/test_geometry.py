from automl.report.geometry import bars


def test_bars_are_shares_of_the_highest():
    assert bars([2, 4, 0]) == [0.5, 1.0, 0.0] and bars([]) == [] and bars([0, 0]) == []
