"""Loads an artifact after checking it, and predicts: numpy only, unless a pandas frame or a text column needs more."""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.artifact.chunks import in_chunks
from automl.artifact.files import no_constant, read_manifest, read_part
from automl.errors import ArtifactError
from automl.inference.blend import VIEWS, Views, views_of
from automl.inference.check_features import check_features, check_steps
from automl.inference.checks import check_model, rehearsed
from automl.inference.compiled import settle
from automl.inference.decision import Decision
from automl.inference.features import Features
from automl.inference.forms import Model
from automl.inference.frame import table_of_frame
from automl.inference.steps.lexicon import Lexicon, Looked
from automl.inference.storage import from_bytes
from automl.inference.table import Field, Table, conform, table_of_row
from automl.rundir import RunDir
from automl.vocabulary import Precision

FORMATS = (1, 2)
TASKS = ("classification", "clustering", "dimensionality_reduction")  # the first of them has classes
FEATURES = "features.safetensors.zlib"
MODEL = "model.safetensors"
MANIFEST_BYTES = 64 << 20
INFLATED_BYTES = 1 << 30  # a small file that unpacks to more is not one of ours


def load(path: Path | str, precision: str | None = None, *, warm: bool = True, expect: str | None = None) -> "Predictor":
    """Return the predictor of a run folder or an artifact; `precision` picks another rung of a run.

    `expect` is the digest that `automl run` printed, or `digest_of` gave where the artifact was made: sha256 of the manifest, which
    has those of all parts. Kept elsewhere it tells whether anything was exchanged; it is compared before anything is parsed.

    `warm`: trees are made ready to be walked by compiled code now (0.3 s, about a second where nothing is compiled yet), so that
    no answer waits for that; else once enough rows have been answered without it.

    Raises ArtifactError when the folder is not an artifact, was changed, is not the one expected, or does not hold that rung.
    """
    predictor = _load(Path(path), precision, expect)
    if warm:
        settle()
    return predictor


def _load(root: Path, precision: str | None, expect: str | None) -> "Predictor":
    if precision is not None and precision not in list(Precision):
        raise ArtifactError(f"`{precision}` is not a precision", fix="one of: " + ", ".join(Precision))
    if (root / "manifest.json").is_file():
        predictor = predictor_of(root, expect)
        if precision not in (None, predictor.precision):
            raise ArtifactError(f"this artifact holds {predictor.precision}, not {precision}", str(root), "give the run folder; it keeps every rung")
        return predictor
    files = RunDir(root)
    if precision is not None and files.rungs.is_dir():
        folder = files.rung(precision)
        if not (folder / "manifest.json").is_file():
            there = ", ".join(sorted(p.name for p in files.rungs.iterdir()))
            raise ArtifactError(f"the run has no rung {precision}", str(root), f"it has: {there}")
        return predictor_of(folder, expect)
    if not (files.artifact / "manifest.json").is_file():
        raise ArtifactError("there is no artifact here", str(root), "give a run folder or an artifact folder")
    try:
        predictor = predictor_of(files.artifact, expect)
    except ArtifactError:
        predictor = predictor_of(files.artifact, expect)  # while a run goes on, a better one may have taken its place between two reads
    if precision not in (None, predictor.precision):
        if files.finished():
            raise ArtifactError(f"the run kept no rung {precision}", str(root), f"its artifact is at {predictor.precision}; `output.keep: best` keeps all")
        raise ArtifactError(f"the run has no rung {precision} yet", str(root), f"it is not finished, and its model so far is at {predictor.precision}")
    return predictor


def predictor_of(folder: Path, expect: str | None = None) -> "Predictor":
    """Return the predictor of an artifact's folder, of the class that its task has; `expect` as for `load`. Raises ArtifactError."""
    kinds: dict[str, type[Predictor]] = {"classification": Predictor}
    task = _manifest(folder, expect)["task"]
    if task not in kinds:
        from automl.artifact.unlabelled import Clusterer, Reducer  # which are made from Predictor

        kinds |= {"clustering": Clusterer, "dimensionality_reduction": Reducer}
    return kinds[task](folder, expect)


class Predictor:
    """A checked artifact, ready to predict; rows in, in their order, out. Tables of very many rows are answered on so many `threads`."""

    def __init__(self, folder: Path, expect: str | None = None) -> None:
        self.folder = folder
        self.threads = 1
        self.manifest = _manifest(folder, expect)
        parts = {name: read_part(folder, name, facts) for name, facts in self.manifest["parts"].items()}
        self.fields: tuple[Field, ...] = self.manifest["columns"]
        self.classes_: list[str] = list(self.manifest["classes"])
        self.precision: str = self.manifest["precision"]
        self.decision: Decision = self.manifest["decision"]
        try:
            self.features = from_bytes(_inflate(parts[FEATURES]), FEATURES)
            self._lexicon = Lexicon()
            self._views = [check_features(Features(check_steps(form, self.fields), self._lexicon), self.fields) for form in views_of(self.features)]
            seen = [(view.width, view.sparse) for view in self._views]
            form = check_model(from_bytes(parts[MODEL], MODEL), seen, len(self.classes_) or None)
            self.kind = form.kind
            self.model = rehearsed(Model(form), form, seen)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError, ArithmeticError, RecursionError) as fault:
            raise ArtifactError(f"the parts do not fit together: {type(fault).__name__} {fault}", str(folder), "it may be of another version") from None

    def proba(self, table: Table) -> NDArray[np.float32]:
        """Return (n_rows, n_classes) of a raw table, calibrated."""
        return self.decision.calibrate(self.outputs(table))

    def outputs(self, table: Table) -> NDArray[np.float32]:
        """Return (n_rows, n_outputs) of a raw table, as the model says them."""
        threads = 1 if any(view.has_words for view in self._views) else self.threads  # words are looked up in what all threads share
        return in_chunks(table, lambda part: self.model.predict(self.matrix(part)), threads)

    def matrix(self, table: Table) -> Any:
        """Return the features (n_rows, n_features) of a raw table, as the model takes them: several such, of several models."""
        clean = conform(table, self.fields)
        looked = Looked(self._lexicon, clean)
        parts = [view.transform(clean, looked=looked) for view in self._views]
        return Views(parts) if self.features.kind == VIEWS else parts[0]

    def answers(self, table: Table) -> dict[str, Any]:
        """Return what is written of each row of a raw table: `prediction` (n_rows,), and `proba_` and the class, for each class."""
        proba = self.proba(table)
        return {"prediction": self.labels(proba), **{f"proba_{name}": proba[:, i] for i, name in enumerate(self.classes_)}}

    def predict_proba(self, frame: Any) -> NDArray[np.float32]:
        """Return (n_rows, n_classes) of a pandas frame, columns by name, in the order of `classes_`.

        Raises DataError naming a missing column or a cell that cannot be read; further columns are ignored.
        """
        return self.proba(table_of_frame(frame, [f.name for f in self.fields]))

    def predict(self, frame: Any) -> NDArray[np.object_]:
        """Return (n_rows,) class labels of a pandas frame."""
        return self.labels(self.predict_proba(frame))

    def predict_row(self, row: Mapping[str, object]) -> dict[str, Any]:
        """Return the prediction of one row given as a mapping: the label, and a probability per class."""
        proba = self.proba(table_of_row(row))
        return {"prediction": self.labels(proba)[0], "proba": dict(zip(self.classes_, proba[0].tolist(), strict=True))}

    def labels(self, proba: NDArray[np.float32]) -> NDArray[np.object_]:
        """Return the class that each row is given, by its calibrated probabilities: the most probable one, unless the artifact says otherwise."""
        found: NDArray[np.object_] = np.array(self.classes_, dtype=object)[self.decision.codes(proba)]
        return found

    def transform(self, frame: Any) -> NDArray[np.float32]:
        """Refuse: a classifier has no coordinates. Raises ArtifactError."""
        raise ArtifactError("a classification artifact does not transform", fix="use predict or predict_proba")


def _manifest(folder: Path, expect: str | None) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        content = read_manifest(path, MANIFEST_BYTES, expect)
        manifest: dict[str, Any] = json.loads(content.decode("utf-8"), parse_constant=no_constant)
        if manifest["format"] not in FORMATS:
            raise ArtifactError(f"the artifact has format {manifest['format']}, this version reads {FORMATS[-1]}", str(path), "upgrade automl")
        parts, classes = manifest["parts"], manifest["classes"]
        whole = set(parts) == {FEATURES, MODEL} and all(isinstance(facts["sha256"], str) for facts in parts.values())
        whole = whole and manifest.setdefault("task", TASKS[0]) in TASKS and bool(classes) == (manifest["task"] == TASKS[0])
        if not whole or not all(isinstance(c, str) for c in classes) or manifest["precision"] not in list(Precision):
            raise ArtifactError("the manifest is not complete", str(path))
        manifest["decision"] = Decision.from_dict(manifest.get("decision", {}), len(classes))
        manifest["columns"] = tuple(Field.from_dict(facts) for facts in manifest["columns"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise ArtifactError(f"the manifest cannot be read: {fault}".splitlines()[0], str(path)) from None
    return manifest


def _inflate(content: bytes) -> bytes:
    """Return the content of a deflated part, no more of it than a part may have."""
    unpacker = zlib.decompressobj()
    try:
        out = unpacker.decompress(content, INFLATED_BYTES)
    except zlib.error as fault:
        raise ArtifactError(f"{FEATURES} is damaged: {fault}") from None
    if not unpacker.eof:
        raise ArtifactError(f"{FEATURES} is cut off or too large")
    return out
