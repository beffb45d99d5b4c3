"""The process that others are forked from, driven over its bare socket."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time

import pytest

from automl.search.workers.zygote import PACKET

from .conftest import alive, child_pids, gone


class Driver:
    def __init__(self, *preload):
        self.link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "automl.search.workers.zygote", str(theirs.fileno()), str(os.getpid()), *preload]
        path = os.pathsep.join(p for p in sys.path if p)
        self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.DEVNULL)
        theirs.close()

    def ask(self, name, path):
        self.link.send(json.dumps({"id": name, "path": str(path)}).encode())

    def wait(self, kind, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.link], [], [], 0.1)[0]:
                data = json.loads(self.link.recv(PACKET))
                if data["kind"] == kind:
                    return data
        raise AssertionError(f"no {kind} within {seconds} s")


@pytest.fixture
def start():
    drivers = []

    def make(*preload):
        drivers.append(Driver(*preload))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.link.close()
        driver.process.kill()
        driver.process.wait()


def test_a_job_is_a_fresh_child_with_a_group_of_its_own(start, toys):
    driver = start()
    driver.ask("a", toys("sleeper"))
    pid = driver.wait("started")["pid"]
    assert child_pids(driver.process.pid) == [pid]
    time.sleep(0.3)
    assert os.getpgid(pid) == os.getsid(pid) == pid != os.getpgid(driver.process.pid)


def test_it_ends_when_the_driver_closes_its_end_and_takes_its_jobs_along(start, toys):
    driver = start()
    driver.ask("a", toys("stubborn"))
    pid = driver.wait("started")["pid"]
    time.sleep(0.3)
    driver.link.close()
    assert driver.process.wait(timeout=10) == 0
    assert gone(pid)


def test_ctrl_c_in_the_terminal_is_the_drivers_to_handle(start, toys):
    driver = start()
    driver.ask("a", toys("leaver"))
    driver.wait("exited")
    driver.process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    driver.ask("b", toys("leaver"))
    assert os.waitstatus_to_exitcode(driver.wait("exited")["status"]) == 3


def test_a_package_that_is_not_there_is_left_to_the_job_that_needs_it(start, toys):
    driver = start("toy_of_nobody", "json")
    time.sleep(0.5)
    driver.ask("a", toys("leaver"))
    assert driver.wait("exited")["id"] == "a"


def test_a_request_is_not_kept_waiting_by_all_of_the_imports(start, toys, tmp_path):
    """Imports and requests take turns: one slow package is waited for, not the ones after it."""
    for i in range(4):
        (tmp_path / f"toy_pause{i}.py").write_text("import time\ntime.sleep(1.5)")
    driver = start(*(f"toy_pause{i}" for i in range(4)))
    driver.ask("a", toys("leaver"))
    began = time.monotonic()
    driver.wait("started")
    assert time.monotonic() - began < 4


def test_what_is_preloaded_a_job_does_not_load_again(start, toys, tmp_path):
    (tmp_path / "toy_loaded.py").write_text(f"open({str(tmp_path / 'loads')!r}, 'a').write('x')")
    driver = start("toy_loaded")
    end = time.monotonic() + 10
    while not (tmp_path / "loads").exists() and time.monotonic() < end:
        time.sleep(0.02)
    for name in ("a", "b"):
        driver.ask(name, toys("loaded"))
        driver.wait("exited")
    assert (tmp_path / "loads").read_text() == "x"


def test_jobs_that_end_are_reaped(start, toys):
    driver = start()
    for i in range(3):
        driver.ask(str(i), toys("leaver"))
    assert {driver.wait("exited")["id"] for _ in range(3)} == {"0", "1", "2"}
    assert child_pids(driver.process.pid) == [] and alive(driver.process.pid)
