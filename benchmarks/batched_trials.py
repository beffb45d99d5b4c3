"""Measures how many trials of a small network are trained per second as one batched model, against one after the other.

    OMP_NUM_THREADS=1 python benchmarks/batched_trials.py            the table
    OMP_NUM_THREADS=1 python benchmarks/batched_trials.py --quick    one line per device, such as `cpu ratio 3.1 unfused 3.8`
    OMP_NUM_THREADS=1 python benchmarks/batched_trials.py --verify   the largest gap between losses after one epoch, in float32

Sequential training is automl.neural.training.train with torch's own AdamW, `fused` in one call per step or one call per tensor and
formula (`unfused`); both clip gradients, score stopping rows after each epoch and follow the same schedule. Each trial has a
rate and a decay of its own. CPU: one thread, CPU seconds (other processes matter less), minimum over interleaved repetitions.
CUDA, where there is a device: wall seconds, mixed precision in both; sequential trials are timed for a few and counted for all. The ratio
named first there is against eager, unfused training on the same device, which is what was asked for; `fused` is what the search does alone.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

from automl.neural.batched.layout import Layout
from automl.neural.batched.run import train_slots
from automl.neural.batched.slots import Rows, Slot
from automl.neural.network import Mlp
from automl.neural.training import train

N_FEATURES, N_CLASSES = 54, 7
CPU_CASES = ((64, 256), (32, 256), (128, 256), (64, 128), (256, 256))  # width of both hidden layers, rows per step
CPU_TRIALS, CPU_ROWS = 32, 2560
CUDA_ROWS, CUDA_WIDTH, CUDA_BATCH, CUDA_TRIALS = 20_000, 128, 256, (32, 64, 128, 256)


def problem(n_rows: int) -> Rows:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n_rows + n_rows // 8, N_FEATURES)).astype(np.float32)
    y = (x[:, :N_CLASSES] + 0.5 * x[:, N_CLASSES : 2 * N_CLASSES] * x[:, 20 : 20 + N_CLASSES]).argmax(axis=1)
    return Rows(x[:n_rows], y[:n_rows], x[n_rows:], y[n_rows:])


def options(trial: int) -> dict[str, object]:
    return {"optimizer": "adamw", "optimizer.adamw.lr": 1e-3 * 1.05 ** (trial % 32), "optimizer.adamw.weight_decay": 1e-3 * 1.1 ** (trial % 32)}


def network(trial: int, width: int) -> Mlp:
    torch.manual_seed(trial)
    return Mlp(N_FEATURES, [width, width], N_CLASSES, 0.0)


def batched(rows: Rows, trials: int, width: int, batch: int, epochs: int, device: str, half: bool | None = None) -> list[float]:
    layout = Layout(N_FEATURES, [width, width], N_CLASSES)
    slots = [Slot(rows, layout.row_of(network(t, width).linears()), options(t), epochs, epochs, 0) for t in range(trials)]
    outcomes, _ = train_slots(layout, slots, batch=batch, device=device, most=trials, half=half)
    return [o.losses[-1] for o in outcomes if o is not None]


def sequential(rows: Rows, trials: int, width: int, batch: int, epochs: int, device: str, fused: bool) -> list[float]:
    losses = []
    for t in range(trials):
        net, own = network(t, width).to(device), options(t)
        optimizer = torch.optim.AdamW(
            net.parameters(), lr=own["optimizer.adamw.lr"], weight_decay=own["optimizer.adamw.weight_decay"], fused=fused, foreach=False
        )
        train(net, optimizer, rows.x, rows.y, rows.x_stop, rows.y_stop, epochs=epochs, batch=batch, patience=epochs, device=device, seed=0, fixed=False)
        with torch.no_grad():
            losses.append(float(torch.nn.functional.cross_entropy(net(torch.as_tensor(rows.x_stop)), torch.as_tensor(rows.y_stop))))
    return losses


def cpu_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def wall_seconds(work: Callable[[], object]) -> float:
    torch.cuda.synchronize()
    began = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - began


def cpu_case(width: int, batch: int, repetitions: int, epochs: int = 2, some: int = 8) -> dict[str, float]:
    """Return the seconds of all trials by each way; sequential ones are timed for `some` of them."""
    rows, found = problem(CPU_ROWS), {"batched": np.inf, "fused": np.inf, "unfused": np.inf}
    for _ in range(repetitions):
        found["batched"] = min(found["batched"], cpu_seconds(lambda: batched(rows, CPU_TRIALS, width, batch, epochs, "cpu")))
        for name in ("fused", "unfused"):
            seconds = cpu_seconds(lambda: sequential(rows, some, width, batch, epochs, "cpu", name == "fused"))  # noqa: B023
            found[name] = min(found[name], seconds * CPU_TRIALS / some)
    return found


def cuda_case(trials: int, epochs: int = 3, some: int = 2) -> dict[str, float]:
    """Return the seconds of all trials by each way, each called once before it is timed."""
    rows = problem(CUDA_ROWS)
    batched(rows, trials, CUDA_WIDTH, CUDA_BATCH, 1, "cuda")
    for fused in (False, True):
        sequential(rows, 1, CUDA_WIDTH, CUDA_BATCH, 1, "cuda", fused)
    found = {"batched": min(wall_seconds(lambda: batched(rows, trials, CUDA_WIDTH, CUDA_BATCH, epochs, "cuda")) for _ in range(2))}
    for name in ("fused", "unfused"):
        found[name] = wall_seconds(lambda: sequential(rows, some, CUDA_WIDTH, CUDA_BATCH, epochs, "cuda", name == "fused")) * trials / some  # noqa: B023
    return found


def two_cores(trials: int, epochs: int = 3) -> float:
    """Return the seconds that two CPU cores would take for the trials one by one, each core half of them."""
    rows = problem(CUDA_ROWS)
    sequential(rows, 1, CUDA_WIDTH, CUDA_BATCH, 1, "cpu", fused=True)
    return min(cpu_seconds(lambda: sequential(rows, 1, CUDA_WIDTH, CUDA_BATCH, epochs, "cpu", fused=True)) for _ in range(2)) * trials / 2


def verify(device: str, trials: int = 8) -> float:
    """Return the largest gap between losses after one epoch, in float32 on the same batches."""
    rows = problem(CPU_ROWS)
    one = sequential(rows, trials, 64, 256, 1, "cpu", fused=False)
    many = batched(rows, trials, 64, 256, 1, device, half=False)
    return float(np.abs(np.array(one) - np.array(many)).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one line per device, within a minute")
    parser.add_argument("--verify", action="store_true", help="the largest gap in loss")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    cuda = torch.cuda.is_available()
    if asked.verify:
        for device in ["cpu", *(["cuda"] if cuda else [])]:
            print(f"{device} largest gap {verify(device):.1e}")
        return
    cpu_case(64, 256, 1, epochs=1, some=1)  # imports and first calls
    if asked.quick:
        found = cpu_case(64, 256, 4)
        print(f"cpu ratio {found['fused'] / found['batched']:.1f} unfused {found['unfused'] / found['batched']:.1f}", flush=True)
        if cuda:
            found, cores = cuda_case(256), two_cores(256)
            eager, fused = (found[name] / found["batched"] for name in ("unfused", "fused"))
            print(f"cuda ratio {eager:.1f} (eager, unfused) fused {fused:.1f} cores {cores / found['batched']:.1f}")
        return
    print(f"{'hidden':>8}{'batch':>7}{'trials':>8}{'batched':>9}{'fused':>8}{'unfused':>9}{'fused/b':>9}{'unfused/b':>11}")
    for width, batch in CPU_CASES:
        found = cpu_case(width, batch, 5)
        print(line(f"2x{width}", batch, CPU_TRIALS, found), flush=True)
    if not cuda:
        print("no CUDA device: that part was not run")
        return
    print(torch.cuda.get_device_name())
    for trials in CUDA_TRIALS:
        found = cuda_case(trials)
        print(line(f"2x{CUDA_WIDTH}", CUDA_BATCH, trials, found), f"  two CPU cores / batched {two_cores(trials) / found['batched']:.1f}", flush=True)


def line(hidden: str, batch: int, trials: int, found: dict[str, float]) -> str:
    b, f, u = (found[name] for name in ("batched", "fused", "unfused"))
    return f"{hidden:>8}{batch:>7}{trials:>8}{b:>9.2f}{f:>8.2f}{u:>9.2f}{f / b:>9.2f}{u / b:>11.2f}"


if __name__ == "__main__":
    main()
