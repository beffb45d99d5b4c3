import pytest
import torch

from automl.neural.optimizers import OPTIMIZERS, follow, make_optimizer, schedule_of
from automl.neural.schedules import share
from automl.neural.stepping import Stepper
from automl.neural.updates import RULES


def _defaults(name):
    return {"optimizer": name, **OPTIMIZERS.options[name].default(f"optimizer.{name}.")}


def _loss_after(name, steps=200):
    torch.manual_seed(0)
    x = torch.randn(64, 5)
    y = x @ torch.arange(5.0) + 1
    model = torch.nn.Linear(5, 1)
    optimizer = make_optimizer(_defaults(name), model.parameters())
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = ((model(x)[:, 0] - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("name", OPTIMIZERS.options)
def test_every_optimizer_lowers_the_loss_at_its_defaults(name):
    losses = _loss_after(name)
    assert losses[-1] < 0.97 * losses[0] and losses[-1] == min(losses[::50] + losses[-1:])


@pytest.mark.parametrize("name", OPTIMIZERS.options)
def test_its_own_options_reach_it_and_those_of_others_do_not(name):
    others = {f"optimizer.{other}.lr": 99.0 for other in OPTIMIZERS.options if other != name}
    params = {**_defaults(name), **others, "width": 8, f"optimizer.{name}.lr": 0.0123, f"optimizer.{name}.weight_decay": 0.0045}
    group = make_optimizer(params, [torch.nn.Parameter(torch.zeros(1))]).param_groups[0]
    assert (group["lr"], group["weight_decay"]) == (0.0123, 0.0045)


def test_sgd_looks_ahead_with_its_momentum():
    group = make_optimizer(_defaults("sgd"), [torch.nn.Parameter(torch.zeros(1))]).param_groups[0]
    assert group["nesterov"] and group["momentum"] == 0.9


def test_each_name_makes_the_optimizer_of_that_name():
    made = {name: make_optimizer(_defaults(name), [torch.nn.Parameter(torch.zeros(1))]) for name in OPTIMIZERS.options}
    assert all((o.name if isinstance(o, Stepper) else type(o).__name__.lower()) == name for name, o in made.items()), made


def test_the_default_and_every_range_are_sound():
    assert OPTIMIZERS.default in OPTIMIZERS.options
    for space in OPTIMIZERS.options.values():
        for dimension in space.values():
            assert dimension.low < dimension.default < dimension.high


def test_every_optimizer_has_a_rule_for_slots_and_a_schedule():
    assert set(RULES) == set(OPTIMIZERS.options)
    for name in OPTIMIZERS.options:
        assert 0 < share(schedule_of(name), 0.5) <= 1
    assert share(schedule_of("schedule_free_adamw"), 1.0) == 1.0 and share(schedule_of("muon"), 1.0) < 0.05


@pytest.mark.parametrize("name", OPTIMIZERS.options)
def test_what_an_optimizer_remembers_follows_its_parameters_to_their_device(name):
    """Adagrad makes its sums when it is made, on the CPU still; its count of steps must stay there."""
    parameter, moved = torch.nn.Parameter(torch.zeros(3)), torch.nn.Parameter(torch.zeros(3, device="meta"))
    optimizer = make_optimizer(_defaults(name), [parameter])
    if parameter in optimizer.state:  # a move to CUDA leaves the parameter the same object, one to this device does not
        optimizer.state[moved] = optimizer.state.pop(parameter)
    follow(optimizer)
    kept = [(key, value.device.type) for own in optimizer.state.values() for key, value in own.items()]
    assert kept == ([("step", "cpu"), ("sum", "meta")] if name == "adagrad" else [])
