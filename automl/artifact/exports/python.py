"""An artifact as a Python package of its own: what predicts, and the artifact; it needs numpy alone, and numba where that is there.

The file is a wheel: `pip install` takes it, and an unpacked copy works as well. Inside are the modules of ours that predict, under another
name, so that it stands beside any version of this package.
"""

import base64
import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from automl.artifact.answer import answers_of, write_rows
from automl.artifact.exports.gate import Written, judged, no_way
from automl.artifact.load import Predictor
from automl.inference.blend import views_of
from automl.inference.steps.custom import needed
from automl.inference.table import Table
from automl.versions import engine_version

ROOT = Path(__file__).resolve().parents[2]
ARTIFACT = ("__init__", "load", "chunks", "files", "answer", "unlabelled")
TAKEN = ("errors.py", "vocabulary.py", "inference/**/*.py", "rundir/*.py", *(f"artifact/{name}.py" for name in ARTIFACT))
OURS = re.compile(r"\bautoml\.(?=errors|vocabulary|inference|rundir|artifact)")
VERSION = "1.0"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same artifact gives the same file
GATE_SECONDS = 120

INIT = '''"""{what}: the model of {family} at {precision}, with what it needs to run. Made by automl {version}.

predictor = {package}.load()
{calls}
"""

from pathlib import Path

from {package}.runtime.artifact.load import load as _load

DIGEST = "{digest}"


def load():
    """Return the predictor; the artifact beside this file must be the one that was exported."""
    return _load(Path(__file__).parent / "artifact", warm=False, expect=DIGEST)
'''

TASKS = {
    "classification": ("Predicts {target}", "predict_{target}", "predictor.predict_row({...}), predictor.predict_proba(frame), predictor.predict(frame)"),
    "clustering": ("Puts rows into clusters", "predict_cluster", "predictor.predict_row({...}), predictor.predict(frame), predictor.transform(frame)"),
    "dimensionality_reduction": ("Gives rows coordinates", "reduce_columns", "predictor.predict_row({...}), predictor.transform(frame)"),
}
"""Per task what the package does, its name, and how it is called."""

LONE = '''import sys
ALLOWED = {allowed!r}
class Alone:
    """Nothing is imported but the standard library, numpy and the package itself."""
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in ALLOWED and top not in sys.stdlib_module_names and not top.startswith("_sysconfigdata"):
            raise ImportError(name + " is not there")
sys.meta_path.insert(0, Alone())
sys.path.insert(0, {place!r})
from pathlib import Path
from {package}.runtime.artifact.answer import main
main(Path({rows!r}), Path({artifact!r}), [])
'''


def package_of(predictor: Predictor) -> str:
    """Return a name for the package, from that of the target, or of the task where there is none."""
    target = re.sub(r"[^a-z0-9]+", "_", str(predictor.manifest.get("target", "")).lower()).strip("_")
    return TASKS[predictor.manifest["task"]][1].replace("{target}", target or "model")


def wheel_name(predictor: Predictor) -> str:
    """Return the file name, which pip reads."""
    return f"{package_of(predictor)}-{VERSION}-py3-none-any.whl"


def export(predictor: Predictor) -> Written:
    """Return the wheel, of whatever task. Raises UsageError for a model that needs the transformer of another package."""
    steps = [step for form in views_of(predictor.features) for step in form.config["steps"]]
    if origins := needed(steps):
        raise no_way("python", f"it needs {origins[0]}, which is found by the name of this package")
    content = wheel(predictor)

    more = "; numba makes trees faster where it is installed" if predictor.classes_ else ""
    words = f"pip install it, then `import {package_of(predictor)}`; it needs numpy" + (" and scipy, for texts" if reads_texts(predictor) else " alone") + more
    return Written(content, words)


def reads_texts(predictor: Predictor) -> bool:
    """Return whether words of texts are features, which are counted with scipy."""
    return any(step["kind"] in ("tfidf", "hash") for form in views_of(predictor.features) for step in form.config["steps"])


def wheel(predictor: Predictor) -> bytes:
    """Return the content of the wheel; the same for the same artifact."""
    package = package_of(predictor)
    manifest = (predictor.folder / "manifest.json").read_bytes()
    facts = {k: _quoted(predictor.manifest.get(k, "")) for k in ("target", "family", "precision")}
    what, _, calls = TASKS[predictor.manifest["task"]]
    facts |= {"what": what.replace("{target}", facts.pop("target")), "calls": calls}
    files: dict[str, bytes] = {
        f"{package}/__init__.py": INIT.format(package=package, digest=hashlib.sha256(manifest).hexdigest(), version=engine_version(), **facts).encode(),
        f"{package}/runtime/__init__.py": b'"""What predicts, as it stood where the model was made."""\n',
        f"{package}/artifact/manifest.json": manifest,
    }
    for name in predictor.manifest["parts"]:
        files[f"{package}/artifact/{name}"] = (predictor.folder / name).read_bytes()
    for pattern in TAKEN:
        for path in sorted(ROOT.glob(pattern)):
            text = OURS.sub(f"{package}.runtime.", path.read_text(encoding="utf-8"))
            files[f"{package}/runtime/{path.relative_to(ROOT).as_posix()}"] = text.encode()
    info = f"{package}-{VERSION}.dist-info"
    requires = "Requires-Dist: numpy>=2.1\n" + ("Requires-Dist: scipy>=1.15\n" if reads_texts(predictor) else "")
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {package}\nVersion: {VERSION}\nRequires-Python: >=3.11\n{requires}".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: automl\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def _quoted(value: object) -> str:
    """Return a text that can stand inside a docstring, whatever it holds."""
    return str(value).replace("\\", "\\\\").replace('"', "'")


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def checked(predictor: Predictor, exported: Written, table: Table) -> dict[str, Any]:
    """Return how far the package is from the artifact on some rows, asked in a process that finds nothing but the standard library and numpy.

    Raises UsageError where it differs, or cannot be asked.
    """
    package = package_of(predictor)
    expected = predictor.proba(table).astype(np.float64)
    with tempfile.TemporaryDirectory() as name:
        place, rows = Path(name) / "site", Path(name) / "rows.npz"
        with zipfile.ZipFile(io.BytesIO(exported.content)) as archive:
            archive.extractall(place)
        write_rows(rows, table, [f.name for f in predictor.fields], [])
        allowed = {"numpy", package} | ({"scipy"} if reads_texts(predictor) else set())
        code = LONE.format(allowed=allowed, place=str(place), package=package, rows=str(rows), artifact=str(place / package / "artifact"))
        try:
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=GATE_SECONDS, check=False, cwd=name)
        except subprocess.TimeoutExpired:
            raise no_way("python", f"its package had not answered {len(expected)} rows after {GATE_SECONDS} s") from None
        if done.returncode:
            raise no_way("python", (done.stderr.strip().splitlines() or ["its package ended without a word"])[-1][:300])
        found = np.load(answers_of(rows)).astype(np.float64)
        measured = json.loads(done.stdout.splitlines()[-1])
    if found.shape != expected.shape:
        raise no_way("python", f"its package answers {found.shape}, where the artifact answers {expected.shape}")
    return {**judged(predictor, expected, found, "python"), "load_seconds": measured["load_seconds"], "peak_memory_mb": measured["peak_memory_mb"]}
