"""Every key says what it is; what the format names and this version lacks is refused by name."""

from pydantic import BaseModel

from automl.spec.load import load_spec
from automl.spec.model import NOT_YET, Spec


def _leaves(model, prefix=""):
    for name, info in model.model_fields.items():
        yield prefix + name, info
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _leaves(info.annotation, f"{prefix}{name}.")


def test_every_key_is_described():
    assert all(info.description for _, info in _leaves(Spec))


def test_no_key_is_both_built_and_refused():
    built = {name for name, _ in _leaves(Spec)}
    assert not {key for key, words in NOT_YET.items() if not words} & built


def test_each_key_that_is_not_there_yet_is_refused(tmp_path):
    for key in (k for k, words in NOT_YET.items() if not words):
        section, _, name = key.rpartition(".")
        lines = {"data": ["train: a.csv"], "task": ["type: classification", "target: y"]}
        at = lines
        if section.count(".") == 0:
            at.setdefault(section, []).append(f"{name}: 1") if section else at.update({name: ["x: 1"]})
        else:
            lines["data"].append(f"columns: {{{name}: z}}")
        path = tmp_path / "s.yaml"
        path.write_text("".join(f"{k}:\n" + "".join(f"  {line}\n" for line in v) for k, v in lines.items()))
        spec, found = load_spec(path)
        assert spec is None and [d.code for d in found] == ["S104"], (key, found)
