import pytest

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


def test_variables_stay_as_they_were_written_and_paths_hold_from_the_folder(tmp_path, monkeypatch):
    for name, value in {"PW": "hunter2", "PART": "sub", "PLACE": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    task = "task: {type: classification, target: y}\n"
    (tmp_path / "sub").mkdir()
    for name in ("a.csv", "sub/a.csv"):
        (tmp_path / name).write_text("y,x\n")
    (tmp_path / "s.yaml").write_text("data: ['a.csv', '${PART}/a.csv', '${PLACE}/a.csv', '*.csv']\noutput: {dir: '${PART}'}\n" + task)
    folder = tmp_path / "runs" / "one"
    text = resolved_text(read_spec(tmp_path / "s.yaml"), tmp_path, folder, {})
    assert '["../../a.csv", "../../${PART}/a.csv", "${PLACE}/a.csv", "../../*.csv"]' in text and 'dir: "../../${PART}"' in text
    folder.mkdir(parents=True)
    (folder / "r.yaml").write_text(text)
    assert read_spec(folder / "r.yaml").data.train[1] == "../../${PART}/a.csv"
    for connection, expected in [
        ("postgresql://me:${PW}@host/db", "postgresql://me:${PW}@host/db"), ("sqlite:///sub/shop.db?x=1", "sqlite:///../../sub/shop.db?x=1"),
        ("sqlite:///${PART}/shop.db", "sqlite:///../../${PART}/shop.db"), ("sqlite:////abs/shop.db", "sqlite:////abs/shop.db"), ("sqlite://", "sqlite://"),
    ]:  # fmt: skip
        (tmp_path / "s.yaml").write_text(f"data: {{sql: {{connection: '{connection}', query: select 1}}}}\n" + task)
        text = resolved_text(read_spec(tmp_path / "s.yaml"), tmp_path, folder, {})
        assert f'connection: "{expected}"' in text and "hunter2" not in text


def test_the_earlier_run_holds_from_the_folder(tmp_path):
    (tmp_path / "a.csv").write_text("y,x\n")
    (tmp_path / "s.yaml").write_text("data: a.csv\ntask: {type: classification, target: y}\nsearch: {start_from: runs/old}\n")
    assert 'start_from: "../old"' in resolved_text(read_spec(tmp_path / "s.yaml"), tmp_path, tmp_path / "runs" / "new", {})


@pytest.mark.parametrize(("asked", "shown"), [("first.json", "../../first.json"), ("auto", "auto"), ("none", "none")])
def test_the_list_to_begin_with_holds_from_the_folder(tmp_path, asked, shown):
    (tmp_path / "a.csv").write_text("y,x\n")
    (tmp_path / "s.yaml").write_text(f"data: a.csv\ntask: {{type: classification, target: y}}\nsearch: {{portfolio: {asked}}}\n")
    assert f'portfolio: "{shown}"' in resolved_text(read_spec(tmp_path / "s.yaml"), tmp_path, tmp_path / "runs" / "new", {})
