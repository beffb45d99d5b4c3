"""One large network on several devices: a process for each, gradients averaged at every step (torch's DistributedDataParallel).

A process is `python -m automl.neural.distributed FOLDER RANK`; it reads what to train from FOLDER, meets the others by a file there, and
the first one writes what came of it. Nothing but this machine is involved.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import distributed

from automl.hardware import of_memory
from automl.neural.batched.slots import Rows
from automl.neural.network import Mlp
from automl.neural.optimizers import make_optimizer, schedule_of
from automl.neural.training import train

MEMORY = 3  # exit status: the memory of a device ran out
POLL = 0.05  # seconds
SILENCE = timedelta(minutes=5)  # of one process, after which the others give up


class TeamFault(RuntimeError):
    """A process of the team ended without a network; the message is its last words."""


def train_large(
    network: Mlp, params: Mapping[str, Any], rows: Rows, *, devices: Sequence[str], epochs: int, batch: int, patience: int, seed: int,
    fixed: bool = False, smoothing: float = 0.0, deadline: float = math.inf, threads: int = 1,
) -> int:  # fmt: skip
    """Train a network in place, on one process per device, and return the epochs whose weights were kept; as automl.neural.training.train does.

    `params` name the optimizer and its rates; `batch` rows per step of all processes together. Raises torch.OutOfMemoryError where a
    device's memory ran out, TeamFault where a process ended otherwise; the network is then as it was.
    """
    with tempfile.TemporaryDirectory(prefix="automl-team-") as name:
        folder = Path(name)
        for field in ("x", "y", "x_stop", "y_stop", "weight", "weight_stop"):
            if (values := getattr(rows, field)) is not None:
                np.save(folder / f"{field}.npy", values)
        np.savez(folder / "begin.npz", **{key: value.detach().cpu().numpy() for key, value in network.state_dict().items()})
        linears = network.linears()
        job = {
            "devices": list(devices), "params": dict(params), "epochs": epochs, "batch": batch, "patience": patience, "seed": seed, "fixed": fixed,
            "smoothing": smoothing, "deadline": None if deadline == math.inf else deadline, "threads": threads, "dropout": network.dropout,
            "sizes": [linears[0].in_features, *(layer.out_features for layer in linears)],
        }  # fmt: skip
        (folder / "job.json").write_text(json.dumps(job))
        _run(folder, len(devices))
        with np.load(folder / "end.npz") as made:
            network.load_state_dict({key: torch.from_numpy(made[key]) for key in made.files})
        network.eval()
        return int(json.loads((folder / "epochs.json").read_text()))


def _run(folder: Path, size: int) -> None:
    """Run the processes until the first one is done or any fails, which ends the others."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    team = []
    try:
        for rank in range(size):
            with (folder / f"log{rank}").open("wb") as log:
                command = [sys.executable, "-m", "automl.neural.distributed", str(folder), str(rank)]
                team.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env))
        while (found := [one.poll() for one in team])[0] is None and not any(found):
            time.sleep(POLL)
        if found[0] == 0:
            return
        if MEMORY in found:
            raise torch.OutOfMemoryError(f"the memory of device {found.index(MEMORY) + 1} of {size} ran out")
        for rank, status in enumerate(found):
            if status:
                words = (folder / f"log{rank}").read_text(errors="replace").strip().splitlines()
                raise TeamFault(f"process {rank + 1} of {size} ended with status {status}: {words[-1] if words else 'it said nothing'}"[:300])
    finally:
        for one in team:
            if one.poll() is None:
                one.kill()
            one.wait()


def main(folder: Path, rank: int) -> int:
    """Train as one process of a team; return its exit status."""
    job = json.loads((folder / "job.json").read_text())
    devices, sizes = job["devices"], job["sizes"]
    _end_with(os.getppid())
    torch.set_num_threads(job["threads"])
    on_cuda = devices[rank].startswith("cuda")
    if on_cuda:
        torch.cuda.set_device(devices[rank])
    elif sys.platform == "linux":
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")  # all are on this machine, whatever its own name leads to
    store = distributed.FileStore(str(folder / "meeting"), len(devices))  # type: ignore[attr-defined]
    distributed.init_process_group("nccl" if on_cuda else "gloo", store=store, rank=rank, world_size=len(devices), timeout=SILENCE)
    try:
        network = Mlp(sizes[0], sizes[1:-1], sizes[-1], job["dropout"])
        with np.load(folder / "begin.npz") as begin:
            network.load_state_dict({key: torch.from_numpy(begin[key]) for key in begin.files})
        given = {path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}
        torch.manual_seed(job["seed"] + rank)  # each drops units of its own
        epochs = train(
            network, make_optimizer(job["params"], network.parameters()), given["x"], np.array(given["y"]), given.get("x_stop"), _copy(given.get("y_stop")),
            epochs=job["epochs"], batch=job["batch"], patience=job["patience"], device=devices[rank], seed=job["seed"], fixed=job["fixed"],
            deadline=math.inf if job["deadline"] is None else job["deadline"], weight=_copy(given.get("weight")), weight_stop=_copy(given.get("weight_stop")),
            schedule=schedule_of(job["params"]["optimizer"]), smoothing=job["smoothing"],
        )  # fmt: skip
        if rank == 0:
            np.savez(folder / "end.npz", **{key: value.numpy() for key, value in network.state_dict().items()})
            (folder / "epochs.json").write_text(json.dumps(epochs))
    except (RuntimeError, MemoryError) as fault:
        if not of_memory(fault):
            raise
        return MEMORY
    return 0


def _copy(values: Any) -> Any:
    """Return an array of its own, which torch may share."""
    return None if values is None else np.array(values)


def _end_with(parent: int) -> None:
    """End this process soon after the one that started it: it might wait for others that are gone as well."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    code = main(Path(sys.argv[1]), int(sys.argv[2]))
    sys.stderr.flush()
    os._exit(code)  # threads of the process group outlive an ordinary end, and crash in it
