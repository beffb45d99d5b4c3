"""A multi-layer perceptron in torch, whose optimizer is part of the search; many of them train side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress, Together, Watch
from automl.families.large_networks import fit_large
from automl.families.networks import PRUNE, SPARSITY, Trained, epochs_of, export_encoded, n_margins_of, rounds, smoothing_of, step_of, torch_probabilities
from automl.families.space import Float, Int, Params, Space
from automl.neural.optimizers import with_defaults

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

MOST_EPOCHS = 60
PATIENCE = 20
SMALL = 2000  # rows, below which labels are smoothed and weights held back more by default
FEW = 400  # rows, below which numbers also come in parts by default: measured better on glass and sonar, and no better on larger tables
LEAST_STOP = 40  # rows to stop on, below which they tell nothing: every epoch is run then, on all rows
MOST_PAIRED = 5000  # learning rows, up to which a twin on all rows is trained beside the one that finds the epoch to stop at


def space(context: Context) -> Space:
    """Return the options; larger tables afford wider layers and larger batches."""
    large = context.n_rows >= 10_000
    small, few = context.n_rows < SMALL, context.n_rows < FEW
    return Space(
        {
            "layers": Int(1, 4, 2),
            "width": Int(32, 512 if large else 256, 256 if large else 128, log=True),
            "dropout": Float(0.0, 0.5, 0.3 if small else 0.15),
            "smoothing": Float(0.0, 0.1, 0.03 if small else 0.0),
            "bins": Int(0, 32, 8 if few else 0),
            "batch": Int(256, 1024, 256, log=True) if large else Int(16, 256, 64, log=True),
            "prune": PRUNE,
            "optimizer": with_defaults("adamw", {"lr": 3e-3 if small else 2e-3, "weight_decay": 0.3 if small else 1e-2}),
        }
    )


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options; the network's sizes are known only with the features."""
    return Trained(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Train until the stopping rows no longer gain, the known number of epochs is over, or time is out."""
    if SPARSITY in estimator.params or not fit_large(estimator, data, progress, MOST_EPOCHS, PATIENCE):
        fit_many([estimator], [data], progress)
    return estimator


def numbers_of(n_inputs: int, layers: int, width: int, n_margins: int) -> int:
    """Return how many weights and biases a network has."""
    return (n_inputs + 1) * width + (layers - 1) * (width + 1) * width + (width + 1) * n_margins


def signature(params: Params) -> str:
    """Return what networks must have alike to train side by side: layers, about their widths and their rows per step, and the parts of numbers."""
    parts = f", numbers in {params['bins']} parts" if params["bins"] else ""
    return f"layers: {params['layers']} of up to {_bucket(params['width'])}, {step_of(params['batch'])} rows per step{parts}"


def _bucket(width: int) -> int:
    """Return the width that a network is filled up to beside others: the next power of two."""
    return 1 << max(5, (width - 1).bit_length())


def fit_many(estimators: Sequence[Estimator], data: Sequence[FitData], progress: Progress, watch: Watch | None = None) -> None:
    """Train networks that share a signature side by side, on all devices of the kind, each on rows of its own; equal data may be one object.

    `watch` is told of each as soon as it is ready, and asked after each epoch of one whether it is still wanted; one that is not stays unfitted.

    With too few rows to stop on, all rows are learned from for every epoch. On small tables each network has a twin on all rows, those to
    stop on as well; the twin's weights after the epoch that was best for the other one are kept: rows that are held back are too dear
    there to be lost, and the best epoch is about the same.
    """
    import torch

    from automl.neural.batched.layout import Layout
    from automl.neural.batched.pairs import Pairs
    from automl.neural.batched.pruning import without_dead_units
    from automl.neural.batched.run import Ledger
    from automl.neural.batched.slots import Event, Outcome, Rows, Slot
    from automl.neural.batched.spread import devices_of, train_spread
    from automl.neural.encoding import fit_encoding
    from automl.neural.network import Mlp

    first: Trained = estimators[0]
    torch.set_num_threads(first.context.threads)
    n_margins = n_margins_of(first.context)
    encodings: dict[tuple[int, int], dict[str, NDArray[Any]]] = {}
    rows: dict[tuple[int, int], Rows] = {}
    networks = []
    for one, its in zip(estimators, data, strict=True):
        key = (id(its), one.params["bins"])
        if key not in encodings:
            encodings[key] = fit_encoding(its.x, one.params["bins"])
        one.encoded_by(encodings[key])
        if key not in rows:
            stop = None if its.x_stop is None else one.encode(its.x_stop)
            own = Rows(one.encode(its.x), its.y, stop, its.y_stop, its.weight, its.weight_stop)
            rows[key] = own.whole() if own.y_stop is not None and 0 < len(own.y_stop) < LEAST_STOP else own
        torch.manual_seed(one.context.seed)
        one.network = Mlp(rows[key].x.shape[1], [one.params["width"]] * one.params["layers"], n_margins, one.params["dropout"])
        networks.append((one, rows[key]))
    layout = Layout(max(r.x.shape[1] for _, r in networks), [max(e.params["width"] for e in estimators)] * first.params["layers"], n_margins)
    slots, second = [], {}
    for i, (one, given) in enumerate(networks):
        fixed = one.context.rounds is not None
        alone = Slot(
            given, layout.row_of(one.network.linears()), one.params, epochs_of(one.context, MOST_EPOCHS), PATIENCE, one.context.seed,
            dropout=one.params["dropout"], smoothing=smoothing_of(one.params["smoothing"], given.y, one.context.n_outputs), fixed=fixed,
            sparsity=one.params.get(SPARSITY, 0.0),
        )  # fmt: skip
        slots.append(alone)
        if given.stops and not fixed and len(given.y) <= MOST_PAIRED:
            second[i] = alone
    followers = {leader: len(slots) + at for at, leader in enumerate(second)}
    whole: dict[int, Rows] = {}
    for alone in second.values():
        if id(alone.rows) not in whole:
            whole[id(alone.rows)] = alone.rows.whole()
        slots.append(replace(alone, rows=whole[id(alone.rows)], fixed=True, every=True))
    step = step_of(first.params["batch"], min(len(d.y) for d in data))
    pairs, watch = Pairs(followers), watch or Watch()
    done: dict[int, Outcome | None] = {}

    def judge(number: int, event: Event) -> Literal["go", "end", "drop"]:
        return pairs.judge(number, event) if watch.wanted(pairs.leader_of(number)) else "drop"

    def ended(number: int, outcome: Outcome, ledger: Ledger) -> None:
        done[number] = outcome
        i = pairs.leader_of(number)
        if i not in done or followers.get(i, i) not in done:
            return
        one: Trained = estimators[i]
        row, one.epochs = pairs.best(i, done)
        layout.fill(row, one.network.linears())
        one.network = without_dead_units(one.network).eval()
        one.ledger = ledger
        for known in {i, followers.get(i, i)}:
            done[known] = None
        watch.ended(i)

    train_spread(
        layout, slots, devices=devices_of(first.context.device), follows={twin: leader for leader, twin in followers.items()},
        batch=step, deadline=progress.deadline, judge=judge, ended=ended,
    )  # fmt: skip


def export(estimator: Estimator, context: Context) -> Form:
    """Return the encoding, and weights (n_in, n_out) and biases of each layer."""
    import numpy as np

    layers = estimator.network.linears()
    arrays = {f"weights.{i}": layer.weight.detach().numpy().T for i, layer in enumerate(layers)}
    arrays["bias"] = np.concatenate([layer.bias.detach().numpy() for layer in layers])
    return export_encoded(estimator, "encoded_network", {"layers": len(layers), "n_outputs": context.n_outputs}, arrays)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return torch's own probabilities on one thread."""
    return torch_probabilities(estimator.network, estimator.encode(x))


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit (8 s for 26,000 rows on one core of a server of 2024); twins of small tables take as long again."""
    return 0.2 + 3e-4 * context.n_rows + min(6e-4 * context.n_rows, 1.0) + 1e-3 * context.n_rows * context.text


def _inputs(context: Context, params: Params) -> int:
    """Return about how many numbers a network takes of a row."""
    return (context.n_columns + 100 * context.text) * (1 + int(params["bins"]))


def work(context: Context, params: Params) -> float:
    """Return about what a step multiplies: the numbers of the network times the rows of a step; of one with a twin, which is trained with it, twice."""
    twins = 2 if context.n_rows <= MOST_PAIRED else 1
    numbers = numbers_of(_inputs(context, params), params["layers"], params["width"], n_margins_of(context))
    return float(twins * numbers) * step_of(params["batch"], context.n_rows)


def memory(context: Context, params: Params) -> float:
    """Return rough MB of a network beside others: its numbers, their gradient and what the optimizer keeps; of one with a twin, weights of all epochs."""
    numbers = numbers_of(_inputs(context, params), params["layers"], _bucket(params["width"]), n_margins_of(context))
    copies = 2 * 8 + MOST_EPOCHS if context.n_rows <= MOST_PAIRED else 8
    values = 2 * int(params["layers"]) * _bucket(params["width"]) + _inputs(context, params)
    return 4 * (numbers * copies + step_of(params["batch"], context.n_rows) * values) / 2**20


def rows_memory(context: Context, params: Params) -> float:
    """Return rough MB of the rows of one fold: as they come, encoded, and on the device; on small tables a second time for the twins."""
    copies = 5 if context.n_rows <= MOST_PAIRED else 3
    return 4 * copies * context.n_rows * _inputs(context, params) / 2**20


FAMILY = Family(
    name="mlp",
    summary="Layers of weighted sums with a kink, trained by gradient steps.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=True, onehot_limit=100, terms=1000),
    devices=frozenset({"cpu", "cuda"}),
    requires=("torch",),
    scheme="network",
    rounds=rounds,
    cost=cost,
    copies=3,
    on_request=("prune",),
    together=Together(alike=("layers", "width", "batch", "bins"), signature=signature, fit_many=fit_many, work=work, memory=memory, rows_memory=rows_memory),
)
