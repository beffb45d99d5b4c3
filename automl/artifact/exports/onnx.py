"""Linear models, networks and trees as an ONNX graph: features in, calibrated probabilities out.

The features are not in the graph: strings, dates and double precision do not survive that (whole pipelines of scikit-learn differ by
up to 0.08 in a probability once converted). Its metadata name them, in the order of the columns.
"""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.artifact.exports.gate import Exported, needs, no_way
from automl.artifact.load import Predictor
from automl.inference.decision import CLIP, FALL, LEAST
from automl.inference.encoding import SOFT
from automl.inference.features import Features
from automl.inference.forms import Form, widen
from automl.inference.network_bytes import FULL, HALF
from automl.inference.trees import leaves_of, right_children, roots_of, thresholds_of

OPSET, ML_OPSET, IR = 18, 3, 9  # of 2022 to 2023: runtimes of today read them all


def export(predictor: Predictor, model: Form) -> Exported:
    """Return the graph of a model. Raises UsageError where its kind has none, MissingPackageError without onnx and onnxruntime."""
    try:
        import onnx
        import onnxruntime
    except ImportError as fault:
        raise needs("onnx onnxruntime", "onnx") from fault
    if model.kind not in ("linear", "network", "encoded_network", "trees"):
        raise no_way("onnx", f"its kind is `{model.kind}`; linear models, networks and trees have a graph")
    if predictor.decision.curves:
        raise no_way("onnx", "its probabilities are calibrated by curves, which have no place in a graph")
    graph = _Graph(onnx)
    n_features, n_classes = predictor_width(predictor), len(predictor.classes_)
    margin, n_margins = {"linear": _linear, "network": _network, "encoded_network": _encoded, "trees": _trees}[model.kind](graph, model)
    proba = _softmax(graph, margin, n_margins) if n_margins else margin
    _calibrated(graph, proba, predictor.decision.temperature)
    content = graph.content(n_features, n_classes, _metadata(predictor))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def answer(matrix: Any) -> NDArray[Any]:
        x = matrix if isinstance(matrix, np.ndarray) else matrix.toarray()
        found: NDArray[Any] = session.run(["probabilities"], {"features": np.ascontiguousarray(x, dtype=np.float32)})[0]
        return found

    return Exported(content, f"the input `features` takes {n_features} numbers a row, as the metadata name them; features are not in the graph", answer)


def predictor_width(predictor: Predictor) -> int:
    """Return how many features a model takes."""
    return Features(predictor.features).width


class _Graph:
    """Nodes and numbers of a graph in the making."""

    def __init__(self, onnx: Any) -> None:
        self._onnx = onnx
        self._nodes: list[Any] = []
        self._numbers: list[Any] = []
        self._count = 0

    def number(self, value: Any) -> str:
        name = f"n{len(self._numbers)}"
        self._numbers.append(self._onnx.numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, kind: str, *inputs: str, domain: str = "", output: str = "", **attributes: Any) -> str:
        self._count += 1
        output = output or f"t{self._count}"
        self._nodes.append(self._onnx.helper.make_node(kind, list(inputs), [output], domain=domain, **attributes))
        return output

    def content(self, n_features: int, n_classes: int, metadata: dict[str, str]) -> bytes:
        helper, real = self._onnx.helper, self._onnx.TensorProto.FLOAT
        given = helper.make_tensor_value_info("features", real, ["rows", n_features])
        told = helper.make_tensor_value_info("probabilities", real, ["rows", n_classes])
        graph = helper.make_graph(self._nodes, "automl", [given], [told], self._numbers)
        imports = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
        model = helper.make_model(graph, opset_imports=imports, ir_version=IR, producer_name="automl")
        helper.set_model_props(model, metadata)
        self._onnx.checker.check_model(model)
        content: bytes = model.SerializeToString()
        return content


def _metadata(predictor: Predictor) -> dict[str, str]:
    facts = {"classes": predictor.classes_, "features": Features(predictor.features).names(), "decision": predictor.decision.as_dict()}
    return {name: json.dumps(value, ensure_ascii=False) for name, value in facts.items()}


def _linear(graph: _Graph, form: Form) -> tuple[str, int]:
    """Return the name of the margins and how many there are; 0: they are probabilities already."""
    weights, bias = widen(form.arrays, "weights"), widen(form.arrays, "bias")
    return graph.node("Gemm", "features", graph.number(weights), graph.number(bias)), len(bias)


def _encoded(graph: _Graph, form: Form) -> tuple[str, int]:
    """Write what stands before a network, and the network; columns that are no numbers pass as they are.

    The steps are those of inference.encoding in the same order: what follows may round.
    """
    arrays = {name.removeprefix("encode."): array for name, array in form.arrays.items() if name.startswith("encode.")}
    plain = Form("network", form.config, {name: array for name, array in form.arrays.items() if not name.startswith("encode.")})
    n_columns = int(plain.arrays["weights.0"].shape[0]) - len(arrays["columns"])
    centre, scale, bent = np.zeros(n_columns, np.float32), np.ones(n_columns, np.float32), np.zeros(n_columns, np.float32)
    centre[arrays["numbers"]], scale[arrays["numbers"]], bent[arrays["numbers"]] = arrays["centre"], arrays["scale"], 1.0
    x = graph.node("Div", graph.node("Sub", "features", graph.number(centre)), graph.number(scale))
    part = graph.node("Div", x, graph.number(np.float32(SOFT)))
    square = graph.node("Mul", graph.node("Mul", part, part), graph.number(bent))
    x = graph.node("Div", x, graph.node("Sqrt", graph.node("Add", square, graph.number(np.float32(1.0)))))
    if len(arrays["columns"]):
        own = graph.node("Gather", "features", graph.number(arrays["columns"].astype(np.int64)), axis=1)
        own = graph.node("Mul", graph.node("Sub", own, graph.number(arrays["low"])), graph.number(arrays["slope"]))
        x = graph.node("Concat", x, graph.node("Clip", own, graph.number(np.float32(0.0)), graph.number(np.float32(1.0))), axis=1)
    return _network(graph, plain, x)


def _network(graph: _Graph, form: Form, at: str = "features") -> tuple[str, int]:
    layers, arrays = int(form.config["layers"]), form.arrays
    if not {f"weights.{i}" for i in range(layers)} | {"bias"} <= set(arrays) <= {f"weights.{i}" for i in range(layers)} | {"bias", "scale"}:
        raise no_way("onnx", "its layers are of a kind that this export does not write yet")
    ends = np.cumsum([arrays[f"weights.{i}"].shape[1] for i in range(layers)])[:-1]
    biases = np.split(arrays["bias"].astype(np.float32), ends)
    scales = np.split(arrays["scale"].astype(np.float32), ends) if "scale" in arrays else [np.ones(1, np.float32)] * layers
    for i in range(layers):
        if form.config.get("sums") == "bytes":
            at = _bytes_layer(graph, at, FULL if i else HALF, arrays[f"weights.{i}"], scales[i], biases[i])
        else:
            at = graph.node("Gemm", at, graph.number(arrays[f"weights.{i}"].astype(np.float32) * scales[i]), graph.number(biases[i]))
        if i + 1 < layers:
            at = graph.node("Relu", at)
    return at, len(biases[-1])


def _bytes_layer(graph: _Graph, at: str, parts: np.float32, weights: NDArray[np.int8], scale: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
    """Write a layer of inference.network_bytes, its steps in the same order: a rounding that falls the other way changes all that follows."""
    least = graph.number(np.float32(np.finfo(np.float32).tiny))
    top = graph.node("Max", graph.node("ReduceMax", graph.node("Abs", at), graph.number(np.array([1], np.int64)), keepdims=1), least)
    count = graph.number(parts)
    whole = graph.node("Round", graph.node("Mul", at, graph.node("Div", count, top)))
    sums = graph.node("MatMul", whole, graph.number(weights.astype(np.float32)))
    return graph.node("Add", graph.node("Mul", sums, graph.node("Mul", graph.node("Div", top, count), graph.number(scale[None, :]))), graph.number(bias))


def _trees(graph: _Graph, form: Form) -> tuple[str, int]:
    """Write all trees as one node; a split sends values below its threshold to its first branch, missing ones where the form says."""
    config = form.config
    n_nodes, n_trees, mean = int(config["n_nodes"]), int(config["n_trees"]), config["mode"] == "mean"
    if n_trees == 0:
        raise no_way("onnx", "it has no trees, and answers the same for every row")
    if "sets" in form.arrays:
        raise no_way("onnx", "its trees ask about sets of categories, which this graph has no node for")
    splits = np.unpackbits(form.arrays["splits"], count=n_nodes).astype(bool)
    roots, right = roots_of(splits), right_children(splits).astype(np.int64)
    tree = np.repeat(np.arange(n_trees), np.diff(np.append(roots, n_nodes)))
    own = np.arange(n_nodes) - roots[tree]
    at = np.flatnonzero(splits)
    feature, threshold, missing_left = np.zeros(n_nodes, np.int64), np.zeros(n_nodes, np.float32), np.zeros(n_nodes, np.int64)
    feature[at], threshold[at] = form.arrays["feature"], thresholds_of(form)
    right_too = np.unpackbits(form.arrays["missing_right"], count=len(at)) if "missing_right" in form.arrays else np.zeros(len(at), np.uint8)
    missing_left[at] = 1 - right_too
    true, false = np.zeros(n_nodes, np.int64), np.zeros(n_nodes, np.int64)
    true[at], false[at] = own[at] + 1, right[at] - roots[tree[at]]
    leaves, leaf = np.flatnonzero(~splits), leaves_of(form, splits, roots).astype(np.float32)
    n_margins = int(config["n_outputs"]) if mean else len(config["base"])
    wide = leaf.shape[1] > 1
    targets = np.tile(np.arange(leaf.shape[1]), len(leaves)) if wide else tree[leaves] % n_margins
    weights = leaf.ravel() / np.float32(n_trees) if mean else leaf.ravel()
    found = graph.node(
        "TreeEnsembleRegressor", "features", domain="ai.onnx.ml", n_targets=n_margins, aggregate_function="SUM", post_transform="NONE",
        nodes_treeids=tree.tolist(), nodes_nodeids=own.tolist(), nodes_featureids=feature.tolist(), nodes_values=threshold.tolist(),
        nodes_modes=["BRANCH_LT" if s else "LEAF" for s in splits.tolist()], nodes_truenodeids=true.tolist(), nodes_falsenodeids=false.tolist(),
        nodes_missing_value_tracks_true=missing_left.tolist(), target_ids=targets.tolist(),
        target_treeids=np.repeat(tree[leaves], leaf.shape[1]).tolist(), target_nodeids=np.repeat(own[leaves], leaf.shape[1]).tolist(),
        target_weights=weights.tolist(),
    )  # fmt: skip
    return (found, 0) if mean else (graph.node("Add", found, graph.number(np.array(config["base"], np.float32))), n_margins)


def _softmax(graph: _Graph, margin: str, n_margins: int) -> str:
    """Write probabilities of margins; one margin is that of the second of two classes."""
    if n_margins == 1:
        margin = graph.node("Mul", margin, graph.number(np.array([[-0.5, 0.5]], np.float32)))
    return graph.node("Softmax", margin, axis=1)


def _calibrated(graph: _Graph, proba: str, temperature: float) -> None:
    """Write what a temperature makes of probabilities (see inference.decision.logs), under the name of the output."""
    if temperature == 1.0:
        graph.node("Identity", proba, output="probabilities")
        return
    low = float(np.log(CLIP))
    z = graph.node("Log", graph.node("Max", proba, graph.number(np.float32(LEAST))))
    floor = graph.number(np.float32(low))
    beyond = graph.node("Add", floor, graph.node("Mul", graph.node("Sub", z, floor), graph.number(np.float32(FALL))))
    z = graph.node("Where", graph.node("Less", z, floor), beyond, z)
    graph.node("Softmax", graph.node("Div", z, graph.number(np.float32(temperature))), axis=1, output="probabilities")
