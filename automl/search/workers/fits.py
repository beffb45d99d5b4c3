"""Fits without labels inside a worker: one candidate after the other as the driver asks for them, on matrices that are mapped."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import AutoMLError
from automl.families import FAMILIES
from automl.hardware import of_memory, peak_mb
from automl.inference.storage import to_bytes
from automl.rundir import is_full
from automl.search.fits import Fit, run_fit
from automl.search.workers.fitting import limited, moment
from automl.search.workers.job import Send, Told, log_fault

MATRIX, LABELS = "x.npy", "y.npy"


def run_fits(job: dict[str, Any], send: Send, told: Told) -> None:
    """Run fits until the driver says that there are none left.

    What a fit says of its rows stands in the folder as `NUMBER.npy`, its form as `NUMBER.safetensors`, its facts as
    `NUMBER.json`, all before its packet is sent. A fault of a fit is a packet too; where memory ran out, the process ends, as
    what a library keeps then is not known.
    """
    folder = Path(job["folder"])
    task, threads, device = (job["context"][name] for name in ("task", "threads", "device"))
    for name, locator in job["families"].items():
        FAMILIES.add(task, name, locator)  # those that the driver knows, whoever registered them there
    mapped: dict[str, tuple[NDArray[np.float32], NDArray[np.int64] | None]] = {}
    while (answer := told()).get("go"):
        number, fit = answer["number"], Fit(**answer["fit"])
        try:
            if fit.data not in mapped:
                mapped[fit.data] = _mapped(folder / fit.data)
            with limited(threads):
                found = run_fit(task, fit, *mapped[fit.data], threads, moment(answer["deadline"]), device)
            np.save(folder / f"{number}.npy", np.asarray(found.output))
            if found.form is not None:
                (folder / f"{number}.safetensors").write_bytes(to_bytes(found.form))
            if found.facts:
                (folder / f"{number}.json").write_text(json.dumps(dict(found.facts), default=float))
        except MemoryError:
            send({"kind": "failed", "number": number, "state": "memory", "cause": f"needed more than the {job['memory_mb']} MB a worker may use"})
            return
        except Exception as fault:
            log_fault()
            if isinstance(fault, OSError) and is_full(fault, folder):
                raise  # no fault of the fit: the run must stop
            short = (fault.problem if isinstance(fault, AutoMLError) else f"{type(fault).__name__}: {fault}").splitlines()[0][:300]
            send({"kind": "failed", "number": number, "state": "memory" if of_memory(short) else "error", "cause": short})
            continue
        send({"kind": "fitted", "number": number, "seconds": found.seconds, "form": found.form is not None, "peak_memory_mb": round(peak_mb())})


def _mapped(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.int64] | None]:
    """Map a matrix copy-on-write: some libraries refuse read-only memory, none of them writes to it."""
    label = folder / LABELS
    return np.load(folder / MATRIX, mmap_mode="c"), np.load(label) if label.exists() else None
