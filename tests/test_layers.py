"""Imports point one way: the table of ARCHITECTURE, section 3, enforced on every import, inside functions too."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1] / "automl"

LAYERS = [
    ["errors"], ["vocabulary"], ["versions"], ["registry"], ["rundir"], ["hardware"], ["metrics"], ["inference"], ["spec"],
    ["families.space"], ["neural"], ["families", "data"], ["eda"], ["features"], ["plan"], ["search"], ["finalize"],
    ["quantize"], ["artifact"], ["evaluate"], ["report", "deploy"], ["testing"], ["resume"], ["records"], ["result"], ["checked"],
    ["signals"], ["run"], ["unlabelled"], ["notebook"], ["api"], ["estimators"], ["cli"],
]  # fmt: skip
ONLY = {
    "optuna": ["search"],
    "jinja2": ["report"],
    "torch": ["neural", "families", "quantize"],
    "ruamel": ["spec.nodes"],
    "click": ["cli"],
    "sqlalchemy": ["data.sources.sql"],
}
INFERENCE_MAY = {"errors", "vocabulary", "inference"}


def _layer(name: str) -> int:
    best = -1
    for position, group in enumerate(LAYERS):
        for entry in group:
            if (name == entry or name.startswith(entry + ".")) and (best < 0 or entry == "families.space"):
                best = position
    assert best >= 0, f"automl.{name} is in no layer"
    return best


def _imports(path: Path) -> list[str]:
    out = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            out += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            whole = ROOT.joinpath(*node.module.split(".")[1:]) if node.module.startswith("automl") else None
            names = [a.name for a in node.names if whole is not None and ((whole / f"{a.name}.py").exists() or (whole / a.name).is_dir())]
            out += [f"{node.module}.{n}" for n in names] or [node.module]
    return out


def _modules() -> list[tuple[str, Path]]:
    out = []
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        name = name.removesuffix(".__init__")
        if name not in ("__init__", "__main__"):
            out.append((name, path))
    return out


def test_imports_point_left():
    wrong = []
    for name, path in _modules():
        for target in _imports(path):
            if target == "automl" or not target.startswith("automl."):
                continue
            other = target.removeprefix("automl.")
            same_room = other.split(".")[0] == name.split(".")[0]
            if not same_room and _layer(other) >= _layer(name):
                wrong.append(f"{name} imports {other}")
    assert not wrong, wrong


def test_inference_knows_nothing_else_of_ours():
    for name, path in _modules():
        if name.split(".")[0] == "inference":
            used = {t.split(".")[1] for t in _imports(path) if t.startswith("automl.")}
            assert used <= INFERENCE_MAY, (name, used)


def test_some_packages_have_one_home():
    for name, path in _modules():
        for target in _imports(path):
            homes = ONLY.get(target.split(".")[0])
            assert homes is None or any(name == h or name.startswith(h + ".") for h in homes), f"{name} imports {target}"


def test_every_module_opens_with_a_sentence():
    for name, path in [*_modules(), ("__init__", ROOT / "__init__.py")]:
        text = ast.get_docstring(ast.parse(path.read_text()))
        assert text and text.split("\n\n")[0].rstrip().endswith("."), name


def test_the_task_is_known_where_it_may_be():
    """run, plan, the search loop and the workers must not name a task."""
    for name in ("run", "plan.plan", "search.loop", "search.proposer", "search.workers.job", "finalize.refit", "quantize.ladder"):
        text = ROOT.joinpath(*name.split(".")).with_suffix(".py").read_text()
        assert "classification" not in text, name
