"""What is done with several CUDA devices: networks side by side are spread over them, and a large one may learn on all at once."""

from collections.abc import Callable, Sequence
from typing import Any

from automl.families.large_networks import LARGE_STEP, largest_step
from automl.hardware import Hardware
from automl.plan.candidates import CandidateFamily
from automl.vocabulary import Device


def resolve_devices(hardware: Hardware, n_columns: int, candidates: Sequence[CandidateFamily], decide: Callable[[str, Any, str], Any]) -> None:
    """Say how many devices serve, and what each network makes of them."""
    used = [c for c in candidates if c.device == Device.CUDA.value]
    count = len(hardware.accelerators)
    if not used or not count:
        return
    if count == 1:
        decide("runtime.devices", 1, f"{', '.join(c.family for c in used)} share it; a fit whose memory runs out there is done on the CPU")
        return
    spaces = [c.space for c in used if c.family == "mlp"]
    if not spaces:
        decide("runtime.devices", 1, f"{count} are there; of the families that compete, none can use more than one")
        return
    most = largest_step(spaces[0], n_columns)
    side_by_side = "networks side by side are spread over them"
    if most < LARGE_STEP:
        why = f"none alone is large enough for several: a step takes at most {most:.1g} products; below {LARGE_STEP:.1g}, copying costs more than it saves"
    else:
        why = f"one whose step takes {LARGE_STEP:.1g} products and more learns on all at once"
    decide("runtime.devices", count, f"{side_by_side}; {why}")
