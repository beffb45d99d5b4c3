"""Artifacts that somebody tampered with, and made the digests fit: refused with one kind of error, or they answer; never a crash."""

import hashlib
import json
import os
import random
import shutil
import zlib

import numpy as np
import pytest

from automl.artifact.load import FEATURES, MODEL, load
from automl.errors import ArtifactError, AutoMLError
from automl.inference.forms import Form
from automl.inference.storage import from_bytes, to_bytes
from tests.artifact.test_load import edit, frame, replace_part
from tests.artifact.test_pack import packed

FAMILIES = ("logistic_regression", "xgboost", "mlp", "svm", "knn", "naive_bayes", "qda", "random_forest")


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    for family in FAMILIES:
        packed(folder / family, family, "int8" if family not in ("random_forest",) else "float32")
    return folder


def model_of(folder):
    return from_bytes((folder / MODEL).read_bytes(), MODEL)


def change_model(folder, change):
    form = change(model_of(folder))
    replace_part(folder, MODEL, to_bytes(form))


def refused(folder, match="."):
    with pytest.raises(ArtifactError, match=match) as caught:
        load(folder, warm=False)
    assert caught.value.exit_code == 7


def with_array(name, change):
    return lambda form: form.with_arrays({**form.arrays, name: change(form.arrays[name])})


def with_config(**config):
    return lambda form: form.with_arrays(form.arrays, **config)


CASES = {
    "a split on a column that is not there": ("xgboost", with_array("feature", lambda a: np.full_like(a, 255))),
    "more nodes than bits": ("xgboost", with_config(n_nodes=10**12)),
    "fewer trees than roots": ("xgboost", with_config(n_trees=1)),
    "no nodes at all": ("xgboost", with_config(n_nodes=0, n_trees=0)),
    "trees that never end": ("xgboost", with_array("splits", lambda a: np.full_like(a, 255))),
    "trees that end before the last node": ("xgboost", lambda f: Form("trees", {"n_nodes": 3, "n_trees": 1, "n_outputs": 2, "mode": "sum", "base": [0.0]}, {
        "splits": np.array([0b01000000], np.uint8), "feature": np.zeros(1, np.uint8), "threshold": np.zeros(1, np.float32), "leaf": np.zeros((2, 1), np.float32)})),
    "leaves without a scale": ("xgboost", lambda f: f.with_arrays({k: v for k, v in f.arrays.items() if k != "leaf.scale"})),
    "too few leaves": ("xgboost", with_array("leaf", lambda a: a[:-1])),
    "cut points that are not there": ("xgboost", with_array("cut_counts", lambda a: a + 1)),
    "no cut points": ("xgboost", with_array("cut_counts", lambda a: a[:1])),
    "positions left over": ("xgboost", with_array("bin", lambda a: np.append(a, a.dtype.type(0)))),
    "a start that is no number": ("xgboost", with_config(base=["0"])),
    "another number of outputs": ("xgboost", with_config(n_outputs=3, base=[0.0, 0.0, 0.0])),
    "a way to add that is unknown": ("xgboost", with_config(mode="product")),
    "a forest of three classes": ("random_forest", with_array("leaf", lambda a: np.concatenate([a, a[:, :1]], axis=1))),
    "weights of other columns": ("logistic_regression", with_array("weights", lambda a: a[:-1])),
    "weights that are none": ("logistic_regression", with_array("bias", lambda a: a * np.nan)),
    "scales of other outputs": ("logistic_regression", with_array("weights.scale", lambda a: np.ones(7, np.float32))),
    "a thousand million layers": ("mlp", with_config(layers=10**9)),
    "layers that do not fit": ("mlp", with_array("weights.1", lambda a: a[:-1])),
    "a bias too short": ("mlp", with_array("bias", lambda a: a[:-1])),
    "layers by a word": ("mlp", with_config(layers="2")),
    "a neighbour of no class": ("knn", with_array("code", lambda a: np.full_like(a, 9))),
    "no neighbours": ("knn", with_config(k=0)),
    "more neighbours than rows": ("knn", with_config(k=10**9)),
    "a distance that is unknown": ("knn", with_config(metric="system")),
    "support vectors of other columns": ("svm", with_array("support", lambda a: a[:, :-1])),
    "a kernel that is unknown": ("svm", with_config(kernel="exec")),
    "a degree without end": ("svm", with_config(kernel="poly", degree=10**9, coef0=1.0)),
    "classes that are not there": ("svm", with_config(present=[0, 5])),
    "a column before the first": ("naive_bayes", with_array("numbers", lambda a: a - 1)),
    "a column after the last": ("naive_bayes", with_array("marks", lambda a: a + 1000)),
    "triangles that are none": ("qda", with_array("whiten", lambda a: a[:, :-1])),
    "a slope that is none": ("qda", with_config(slope=None)),
    "a blend of nothing": ("qda", lambda f: Form("blend", {"members": []})),
    "a blend inside a blend": ("qda", lambda f: Form("blend", {"members": [{"family": "a", "view": 0, "weight": 1.0, "kind": "blend", "config": {"members": []}}]})),
    "a view that is not there": ("qda", lambda f: Form("blend", {"members": [{"family": "a", "view": 7, "weight": 1.0, "kind": f.kind, "config": f.config}]}, {f"0/{k}": v for k, v in f.arrays.items()})),
    "a member that is not there": ("qda", lambda f: Form("blend", {"members": [{"family": "a", "view": 0, "weight": 1.0, "kind": f.kind, "config": f.config}]}, {f"8/{k}": v for k, v in f.arrays.items()})),
    "a kind from a module path": ("qda", lambda f: Form("os.path", {})),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_model_that_does_not_fit_is_refused_before_it_predicts(originals, tmp_path, name):
    family, change = CASES[name]
    folder = shutil.copytree(originals / family, tmp_path / "a")
    change_model(folder, change)
    refused(folder)


def change_features(folder, change):
    form = from_bytes(zlib.decompress((folder / FEATURES).read_bytes()), FEATURES)
    form = change(form) or form
    replace_part(folder, FEATURES, zlib.compress(to_bytes(form)))


def step(kind, /, **facts):
    def change(form):
        found = next(s for s in form.config["steps"] if s["kind"] == kind)
        found.update(facts)

    return change


FEATURE_CASES = {
    "a column that is not asked for": step("number", column="secret"),
    "a kind that is unknown": step("onehot", kind="exec"),
    "levels that are lists": step("onehot", levels=[["red"]]),
    "levels by a number": step("onehot", levels=3),
    "no scale": step("number", scale=None),
    "three columns": step("number", columns=["number", "number", "number"]),
    "words by a number": step("tfidf", terms=5),
    "words twice": lambda form: next(s for s in form.config["steps"] if s["kind"] == "tfidf").update(
        terms=["a"] * len(next(s for s in form.config["steps"] if s["kind"] == "tfidf")["terms"])
    ),
    "word sequences without end": step("tfidf", ngrams=[1, 10**9]),
    "word sequences by words": step("tfidf", ngrams=["1", "2"]),
    "hashed into everything": step("tfidf", kind="hash", buckets=10**15),
    "words without weights": lambda form: form.with_arrays({}),
    "steps that are none": lambda form: Form("features", {"steps": [3], "sparse": False}, form.arrays),
    "steps by a word": lambda form: Form("features", {"steps": "all", "sparse": False}, form.arrays),
    "columns kept that are not there": lambda form: form.with_arrays({**form.arrays, "select": np.array([10**6])}),
    "columns kept from before the first": lambda form: form.with_arrays({**form.arrays, "select": np.array([-1])}),
    "parts of dates that are none": step("date", parts=["century"]),
}  # fmt: skip


@pytest.mark.parametrize("name", FEATURE_CASES)
def test_features_that_do_not_fit_are_refused(originals, tmp_path, name):
    folder = shutil.copytree(originals / "logistic_regression", tmp_path / "a")
    change_features(folder, FEATURE_CASES[name])
    refused(folder)


def test_json_that_nests_without_end_is_refused(originals, tmp_path):
    folder = shutil.copytree(originals / "qda", tmp_path / "a")
    deep = "[" * 200_000
    header = json.dumps({"__metadata__": {"form": deep}}).encode()
    replace_part(folder, MODEL, len(header).to_bytes(8, "little") + header)
    refused(folder)
    (folder / "manifest.json").write_text(deep)
    refused(folder)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(originals, tmp_path, word):
    folder = shutil.copytree(originals / "qda", tmp_path / "a")
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace('"format": 2', f'"format": 2, "more": {word}'))
    refused(folder, "is no number")


def test_a_header_that_claims_to_be_longer_than_the_file_is_refused(originals, tmp_path):
    for length in (0, 1, 2**40, 2**64 - 1):
        folder = shutil.copytree(originals / "qda", tmp_path / str(length))
        content = (folder / MODEL).read_bytes()
        replace_part(folder, MODEL, length.to_bytes(8, "little") + content[8:])
        refused(folder)


def test_what_is_no_file_is_not_read(originals, tmp_path):
    for name in (MODEL, FEATURES, "manifest.json"):
        folder = shutil.copytree(originals / "qda", tmp_path / name)
        (folder / name).unlink()
        os.mkfifo(folder / name)
        refused(folder)
        (folder / name).unlink()
        (folder / name).mkdir()
        refused(folder)


def test_a_part_of_another_size_is_refused_before_it_is_read(originals, tmp_path):
    folder = shutil.copytree(originals / "qda", tmp_path / "a")
    edit(folder, lambda m: m["parts"][MODEL].update(bytes=3))
    refused(folder, "was changed")


CANARY = b"cos\nsystem\n(S'touch %s'\ntR."


@pytest.mark.parametrize("name", [MODEL, FEATURES])
def test_b130_a_pickle_in_place_of_a_part_runs_nothing(originals, tmp_path, name):
    folder, canary = shutil.copytree(originals / "qda", tmp_path / "a"), tmp_path / "canary"
    replace_part(folder, name, CANARY % str(canary).encode())
    refused(folder)
    assert not canary.exists()


def test_b131_what_an_artifact_says_about_trust_is_ignored(originals, tmp_path):
    folder = shutil.copytree(originals / "qda", tmp_path / "a")
    edit(folder, lambda m: m.update(trusted=["builtins.eval"], kinds=["exec"]))
    change_model(folder, lambda form: Form("exec", {}))
    refused(folder, "of kind `exec`")


def test_b132_versions_of_libraries_do_not_matter(originals, tmp_path):
    folder = shutil.copytree(originals / "xgboost", tmp_path / "a")
    edit(folder, lambda m: m.update(made_with={"automl": "0.0.1", "python": "2.7", "xgboost": "0.1"}))
    assert load(folder).predict_proba(frame()).shape == (20, 2)


@pytest.mark.parametrize("name", [MODEL, FEATURES, "manifest.json"])
def test_b133_a_missing_part_is_named(originals, tmp_path, name):
    folder = shutil.copytree(originals / "qda", tmp_path / "a")
    (folder / name).unlink()
    refused(folder, "no artifact here" if name == "manifest.json" else name)


def test_b134_an_archive_is_not_unpacked(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as archive:
        archive.writestr("../outside.txt", "x")
        archive.writestr("manifest.json", "{}")
    refused(tmp_path / "bundle.zip", "no artifact here")
    assert [p.name for p in tmp_path.iterdir()] == ["bundle.zip"] and not (tmp_path.parent / "outside.txt").exists()


def answers(folder):
    """Load and predict as a user does; whatever is wrong is an error that a user can read."""
    try:
        predictor = load(folder, warm=False)
        predictor.predict(frame())
        predictor.predict_row({"number": None, "word": "red", "text": None, "day": None})
        return True
    except AutoMLError as fault:
        assert fault.exit_code in (3, 5, 7), fault
        return False


@pytest.mark.parametrize("family", FAMILIES)
def test_flipped_bytes_with_fitting_digests_never_crash(originals, tmp_path, family):
    rng = random.Random(family)
    original = (originals / family / MODEL).read_bytes()
    header = 8 + int.from_bytes(original[:8], "little")
    folder = shutil.copytree(originals / family, tmp_path / "a")
    outcomes = set()
    for number in range(60):
        content = bytearray(original)
        for _ in range(rng.choice([1, 1, 3, 20])):
            at = rng.randrange(header) if number % 2 else rng.randrange(header, len(content))
            content[at] = rng.randrange(256)
        if number % 15 == 0:
            content = content[: rng.randrange(len(content))]
        replace_part(folder, MODEL, bytes(content))
        outcomes.add(answers(folder))
    assert False in outcomes


SPOILED = (None, True, -1, 0, 10**9, 1e308, "x", "", [], {}, [1], [[1]], ["a", "a"], {"a": 1}, -(10**20))


def spoil(value, rng):
    """Return a copy with one value somewhere inside exchanged for another, or taken away."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        name = rng.choice(list(value))
        if rng.random() < 0.1:
            return {k: v for k, v in value.items() if k != name}
        return {**value, name: spoil(value[name], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = rng.randrange(len(value))
        return [*value[:at], spoil(value[at], rng), *value[at + 1 :]]
    return rng.choice(SPOILED)


@pytest.mark.parametrize("family", FAMILIES)
def test_spoiled_facts_never_crash(originals, tmp_path, family):
    rng = random.Random(family)
    outcomes = set()
    for number in range(60):
        folder = shutil.copytree(originals / family, tmp_path / str(number))
        which = number % 3
        if which == 0:
            edit(folder, lambda m: spoil(m, rng))
        elif which == 1:
            change_model(folder, lambda form: Form(form.kind, spoil(form.config, rng), form.arrays) if isinstance(form.config, dict) else form)
        else:
            change_features(folder, lambda form: Form(form.kind, spoil(form.config, rng), form.arrays))
        outcomes.add(answers(folder))
        shutil.rmtree(folder)
    assert False in outcomes


def test_the_digest_of_another_artifact_is_refused_before_anything_is_parsed(originals, tmp_path):
    from automl.artifact.files import digest_of
    from automl.errors import UsageError

    folder = shutil.copytree(originals / "qda", tmp_path / "a")
    digest = digest_of(folder)
    assert digest == hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    assert load(folder, expect=digest).classes_ and load(folder, expect=f"sha256:{digest.upper()}".replace("SHA256", "sha256")).classes_
    with pytest.raises(UsageError, match="is no digest"):
        load(folder, expect="latest")
    (folder / "manifest.json").write_text("{ not json at all")
    with pytest.raises(ArtifactError, match="not the artifact that was expected"):
        load(folder, expect=digest)
    edit_all = shutil.copytree(originals / "xgboost", tmp_path / "b")
    with pytest.raises(ArtifactError, match="not the artifact that was expected"):
        load(edit_all, expect=digest)
    with pytest.raises(ArtifactError, match="no artifact here"):
        digest_of(tmp_path / "nowhere")


def foreign_parts():
    """Files of other tools: an archive with a pickle in it as torch writes, one with a schema as skops does, XGBoost's JSON, a graph, a folder of numbers."""
    import io
    import zipfile

    archives = []
    for name, content in (("archive/data.pkl", CANARY % b"canary"), ("schema.json", b'{"__class__": "Popen", "__module__": "subprocess"}')):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(name, content)
        archives.append(buffer.getvalue())
    numbers = io.BytesIO()
    np.save(numbers, np.array([{"a": print}], dtype=object), allow_pickle=True)
    return {
        "torch": archives[0], "skops": archives[1], "xgboost": b'{"learner": {"gradient_booster": {"model": {"trees": []}}}, "version": [3, 0, 0]}',
        "onnx": b"\x08\x09\x12\x06automl:\x00", "numpy": numbers.getvalue(), "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(100),
    }  # fmt: skip


@pytest.mark.parametrize("tool", foreign_parts())
@pytest.mark.parametrize("name", [MODEL, FEATURES])
def test_b136_parts_of_other_tools_are_refused_by_name_and_not_opened(originals, tmp_path, monkeypatch, tool, name):
    monkeypatch.chdir(tmp_path)
    folder = shutil.copytree(originals / "qda", tmp_path / "a")
    replace_part(folder, name, foreign_parts()[tool])
    refused(folder, name)
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("form", ["python", "onnx", "ubj", "skops"])
def test_b129_a_changed_artifact_is_not_exported(originals, tmp_path, form):
    from automl.artifact.exports.export import export

    folder = shutil.copytree(originals / "xgboost", tmp_path / "a")
    content = bytearray((folder / MODEL).read_bytes())
    content[-1] ^= 1
    (folder / MODEL).write_bytes(bytes(content))
    with pytest.raises(ArtifactError, match=f"{MODEL} was changed") as caught:
        export(folder, form, tmp_path / "out")
    assert caught.value.exit_code == 7 and [p.name for p in tmp_path.iterdir()] == ["a"]


UNLABELLED = {
    "clustering": ("kmeans", "dbscan", "gaussian_mixture"),
    "dimensionality_reduction": ("pca", "chi2", "kernel_pca", "autoencoder", "tsne", "nmf", "random_fourier"),
}


@pytest.mark.parametrize(("task", "family"), [(t, f) for t, names in UNLABELLED.items() for f in names])
def test_models_without_labels_answer_or_are_refused(tmp_path, task, family):
    from automl.artifact.pack import pack
    from automl.families import FAMILIES
    from automl.features.fit import fit_features
    from automl.finalize.candidate import Candidate
    from automl.quantize.schemes import precisions_of, store
    from automl.testing.contract import FIELDS, sample
    from tests.quantize.test_agreement import form_of

    table, y = sample(300)
    features = fit_features(table, FIELDS[:1], y, FAMILIES.get("classification", "qda").needs)
    form, x = form_of(task, family)
    steps = [{**features.config["steps"][0], "indicator": False}] * x.shape[1]
    features = Form("features", {"steps": steps, "sparse": False})
    form = store(form, precisions_of(form)[-1])[0]
    facts = {"task": task, "target": "", "classes": [], "positive_class": None, "metric": "x", "params": {}}
    pack(tmp_path / "a", Candidate(family, "float32", "", features, form, (), 0), FIELDS, facts)
    rng = random.Random(family)
    original = (tmp_path / "a" / MODEL).read_bytes()
    rows = frame()
    assert len(load(tmp_path / "a", warm=False).transform(rows)) == 20
    outcomes = set()
    for number in range(40):
        folder = shutil.copytree(tmp_path / "a", tmp_path / str(number))
        if number % 2:
            content = bytearray(original)
            for _ in range(rng.choice([1, 3])):
                content[rng.randrange(len(content))] = rng.randrange(256)
            replace_part(folder, MODEL, bytes(content))
        else:
            change_model(folder, lambda f: Form(f.kind, spoil(f.config, rng), {k: rng.choice([v, v[:-1], v.T, v + v]) for k, v in f.arrays.items()}))
        try:
            load(folder, warm=False).transform(rows)
            outcomes.add(True)
        except AutoMLError as fault:
            assert fault.exit_code == 7, fault
            outcomes.add(False)
        shutil.rmtree(folder)
    assert False in outcomes
