import os
import signal

import pytest

from automl.signals import Signals, watched


def test_the_first_is_soft_the_second_hard_and_the_third_leaves(capsys):
    signals = Signals()
    signals.stop.active = True
    signals.handle(signal.SIGINT, None)
    assert signals.stop.soft.is_set() and not signals.stop.hard.is_set()
    assert "best model is kept" in capsys.readouterr().err
    signals.handle(signal.SIGINT, None)
    assert signals.stop.hard.is_set()
    with pytest.raises(KeyboardInterrupt):
        signals.handle(signal.SIGINT, None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_where_the_spec_says_so_the_first_leaves(number):
    signals = Signals()
    signals.stop.active = signals.stop.at_once = True
    with pytest.raises(KeyboardInterrupt):
        signals.handle(number, None)
    assert not signals.stop.soft.is_set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_before_there_is_anything_to_keep_the_first_leaves(number):
    signals = Signals()
    with pytest.raises(KeyboardInterrupt):
        signals.handle(number, None)
    assert not signals.stop.soft.is_set()


def test_which_signal_it_was_is_kept_for_the_exit_code():
    signals = Signals()
    signals.stop.active = True
    signals.handle(signal.SIGINT, None)
    assert not signals.terminated
    signals.handle(signal.SIGTERM, None)
    assert signals.terminated and signals.stop.hard.is_set()


def test_real_signals_arrive_and_the_old_handlers_come_back():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with watched() as signals:
        signals.stop.active = True
        os.kill(os.getpid(), signal.SIGINT)
        assert signals.stop.soft.is_set() and not signals.terminated
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.stop.hard.is_set() and signals.terminated
    assert {number: signal.getsignal(number) for number in before} == before


def test_the_old_handlers_come_back_after_an_error_too():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError), watched():
        raise ValueError
    assert signal.getsignal(signal.SIGINT) == before
