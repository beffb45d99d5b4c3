from automl.spec.load import read_spec
from automl.spec.resolved import resolved_text


def test_it_says_where_each_value_came_from_and_runs_again(tmp_path):
    (tmp_path / "a.csv").write_text("y,x\n")
    (tmp_path / "s.yaml").write_text("data: a.csv\ntask: {type: classification, target: y}\nconstraints:\n  time: 5m\n")
    overrides = {"seed": "7"}
    spec = read_spec(tmp_path / "s.yaml", overrides)
    text = resolved_text(spec, tmp_path, tmp_path / "runs" / "one", overrides)
    lines = {line.split(":")[0].strip(): line for line in text.splitlines()}
    assert lines["seed"].endswith("# --set")
    assert lines["time"].endswith("# s.yaml:4") and lines["prefer"].endswith("# default")
    assert '"../../a.csv"' in lines["train"] and lines["train"].endswith("# s.yaml:1")
    (tmp_path / "runs" / "one").mkdir(parents=True)
    (tmp_path / "runs" / "one" / "r.yaml").write_text(text)
    again = read_spec(tmp_path / "runs" / "one" / "r.yaml")
    assert again.model_dump(exclude={"data", "output"}) == spec.model_dump(exclude={"data", "output"})
