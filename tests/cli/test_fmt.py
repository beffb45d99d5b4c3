from ..test_run import call

BAD = "data: a.csv  # the table\ntask: {type: classification, tagret: y}\nconstrains: {time: 10 min}\n"


def test_it_shows_first_and_writes_when_told(tmp_path):
    spec = tmp_path / "s.yaml"
    spec.write_text(BAD)
    done = call("fmt", spec)
    assert done.returncode == 2 and spec.read_text() == BAD and "--fix writes it" in done.stderr
    done = call("fmt", spec, "--fix")
    assert done.returncode == 0 and "3 fixed" in done.stderr
    assert spec.read_text() == "data: a.csv  # the table\ntask: {type: classification, target: y}\nconstraints: {time: 10m}\n"
    assert call("fmt", spec).returncode == 0


def test_what_is_left_is_shown(tmp_path):
    spec = tmp_path / "s.yaml"
    spec.write_text(BAD + "seed: many\n")
    done = call("fmt", spec, "--fix")
    assert done.returncode == 2 and "`seed` takes a whole number" in done.stderr and "tagret" not in spec.read_text()


def test_a_fix_is_told_in_a_line_without_all_that_would_do(tmp_path):
    spec = tmp_path / "s.yaml"
    spec.write_text("data: a.csv\ntask: {type: classification, target: y, metric: auc}\n")
    done = call("fmt", spec, "--fix")
    assert done.stderr.splitlines() == ["s.yaml:2: `task.metric`: `auc` is not a metric of classification; metric: roc_auc", "1 fixed"]
