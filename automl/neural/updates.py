"""One step of each optimizer as a formula, on the numbers of one network or on those of many slots with a rate for each.

Every rule changes in place: `p` the parameters, `g` their gradient, `a` and `b` what it remembers (zeros at first), all of
one shape; slots come first. `Hyper` holds numbers, or tensors (n_slots, 1) that broadcast.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

Number = float | torch.Tensor
Matrices = Sequence[tuple[int, int, tuple[int, int]]]
"""Hidden matrices within a row of parameters: where each begins and ends, and its (inputs, outputs)."""

BETAS = (0.9, 0.999)
EPS = 1e-8
MUON_MOMENTUM = 0.95
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # K. Jordan et al. 2024, Muon: an optimizer for hidden layers in neural networks
NEWTON_SCHULZ_STEPS = 5


@dataclass(frozen=True)
class Hyper:
    """What a rule is told: the rate now, the decay, momentum, a second rate, what early averages are divided by, and the sum of squared rates.

    `first` and `second` are `early(t)` of the steps t so far, this one among them. `total` is (n_slots, 1), kept by the rule itself;
    only schedule-free uses it.
    """

    lr: Number
    weight_decay: Number = 0.0
    momentum: Number = 0.9
    aux_lr: Number = 0.0
    first: Number = 1 - BETAS[0]
    second: Number = (1 - BETAS[1]) ** 0.5
    total: torch.Tensor | None = None


def early(t: Any) -> tuple[Any, Any]:
    """Return what averages over t steps are divided by: those of gradients, and the root of those of their squares; t a number or an array.

    Kingma and Ba 2015, arXiv 1412.6980, section 3. On the host and in float64: on a GPU it would be six calls a step for a few numbers.
    """
    return 1 - BETAS[0] ** t, (1 - BETAS[1] ** t) ** 0.5


def sgd(p: torch.Tensor, g: torch.Tensor, a: torch.Tensor, b: torch.Tensor, h: Hyper) -> None:
    """Nesterov's momentum, as torch.optim.SGD does it; decay is part of the gradient."""
    g = g + h.weight_decay * p
    a.mul_(h.momentum).add_(g)
    p.sub_((g + h.momentum * a) * h.lr)


def _second_moment(p: torch.Tensor, g: torch.Tensor, a: torch.Tensor, b: torch.Tensor, h: Hyper, lr: Number) -> None:
    a.lerp_(g, 1 - BETAS[0])
    b.mul_(BETAS[1]).addcmul_(g, g, value=1 - BETAS[1])
    step = b.sqrt()
    step /= h.second
    step += EPS
    torch.div(a, step, out=step)
    p.sub_(step.mul_(lr / h.first))


def adam(p: torch.Tensor, g: torch.Tensor, a: torch.Tensor, b: torch.Tensor, h: Hyper) -> None:
    """Kingma and Ba 2015, arXiv 1412.6980; decay is part of the gradient."""
    _second_moment(p, g + h.weight_decay * p, a, b, h, h.lr)


def adamw(p: torch.Tensor, g: torch.Tensor, a: torch.Tensor, b: torch.Tensor, h: Hyper) -> None:
    """Loshchilov and Hutter 2019, arXiv 1711.05101: decay apart from the gradient."""
    p.mul_(1 - h.lr * h.weight_decay)
    _second_moment(p, g, a, b, h, h.lr)


def rmsprop(p: torch.Tensor, g: torch.Tensor, a: torch.Tensor, b: torch.Tensor, h: Hyper) -> None:
    """Tieleman and Hinton 2012, lecture 6.5 of Neural networks for machine learning; as torch.optim.RMSprop does it."""
    g = g + h.weight_decay * p
    b.mul_(0.99).addcmul_(g, g, value=0.01)
    p.sub_(g / b.sqrt().add_(EPS) * h.lr)


def adagrad(p: torch.Tensor, g: torch.Tensor, a: torch.Tensor, b: torch.Tensor, h: Hyper) -> None:
    """Duchi, Hazan and Singer 2011, JMLR 12: 2121-2159; as torch.optim.Adagrad does it."""
    g = g + h.weight_decay * p
    b.addcmul_(g, g, value=1.0)
    p.sub_(g / b.sqrt().add_(1e-10) * h.lr)


def orthogonal(m: torch.Tensor) -> torch.Tensor:
    """Return about the nearest matrix with orthonormal rows or columns, of one matrix or of many (..., rows, columns).

    Five Newton-Schulz steps with Muon's coefficients: singular values end between about 0.7 and 1.2.
    """
    c1, c2, c3 = NEWTON_SCHULZ
    tall = m.shape[-2] > m.shape[-1]
    x = m.mT if tall else m
    x = x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = x @ x.mT
        x = c1 * x + (c2 * gram + c3 * (gram @ gram)) @ x
    out: torch.Tensor = x.mT if tall else x
    return out


def muon_matrix(p: torch.Tensor, g: torch.Tensor, a: torch.Tensor, h: Hyper, grows: float) -> None:
    """Muon on matrices (..., n, m): the direction of momentum with all singular values about one; `grows` is outputs over inputs.

    K. Jordan et al. 2024, with Nesterov's momentum and decay apart from the gradient.
    """
    a.lerp_(g, 1 - MUON_MOMENTUM)
    direction = orthogonal(torch.lerp(g, a, MUON_MOMENTUM))
    p.mul_(1 - h.lr * h.weight_decay)
    p.sub_(direction * (h.lr * max(1.0, grows) ** 0.5))


def muon(p: torch.Tensor, g: torch.Tensor, a: torch.Tensor, b: torch.Tensor, h: Hyper, matrices: Matrices = ()) -> None:
    """Muon on the hidden matrices within rows of parameters p (n_slots, n_parameters), AdamW with its own rate on all else."""
    lr, decay = (x[..., None] if isinstance(x, torch.Tensor) else x for x in (h.lr, h.weight_decay))
    wide, rest = Hyper(lr, decay), Hyper(h.aux_lr, h.weight_decay, first=h.first, second=h.second)
    done = 0
    for start, end, (n_in, n_out) in [*matrices, (p.shape[1], p.shape[1], (1, 1))]:
        if start > done:
            adamw(p[:, done:start], g[:, done:start], a[:, done:start], b[:, done:start], rest)
        if end > start:
            one, slope, memory = (x[:, start:end].view(-1, n_in, n_out) for x in (p, g, a))
            muon_matrix(one, slope, memory, wide, n_out / n_in)
        done = end


def schedule_free_adamw(p: torch.Tensor, g: torch.Tensor, a: torch.Tensor, b: torch.Tensor, h: Hyper) -> None:
    """Defazio et al. 2024, The road less scheduled, arXiv 2405.15682, algorithm 1: no end need be known.

    `p` is y, where the gradient is taken; `a` is z - y, so that it may begin at zero; the averaged weights that predict are
    `averaged(p, a)`.
    """
    assert h.total is not None, "schedule-free keeps the sum of its squared rates"
    b.mul_(BETAS[1]).addcmul_(g, g, value=1 - BETAS[1])
    rate = h.lr * h.second
    h.total.add_(rate * rate)
    x, z = averaged(p, a), p + a
    z -= rate * (g / (b.sqrt() + EPS) + h.weight_decay * p)
    x.lerp_(z, _like(rate * rate / h.total, x))
    torch.lerp(z, x, BETAS[0], out=p)
    torch.sub(z, p, out=a)


def _like(share: Any, x: torch.Tensor) -> torch.Tensor:
    """Return a share as a tensor that broadcasts against x."""
    return torch.as_tensor(share, dtype=x.dtype, device=x.device)


def averaged(p: torch.Tensor, a: torch.Tensor) -> torch.Tensor:
    """Return the averaged weights x of schedule-free training from y and z - y: y = (1 - beta) z + beta x."""
    return p - a * ((1 - BETAS[0]) / BETAS[0])


RULES: dict[str, Callable[..., None]] = {
    "adamw": adamw, "adam": adam, "sgd": sgd, "rmsprop": rmsprop, "adagrad": adagrad, "muon": muon, "schedule_free_adamw": schedule_free_adamw,
}  # fmt: skip
