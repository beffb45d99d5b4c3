import os
import stat
import subprocess
from importlib.machinery import ModuleSpec

import pytest
import torch

from automl import hardware


def test_cores_and_memory_are_within_the_machine():
    found = hardware.probe()
    assert 1 <= found.cores <= (os.cpu_count() or 1)
    assert 0 < found.memory_mb <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20


def test_a_cgroup_quota_counts(tmp_path, monkeypatch):
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    (tmp_path / "memory.max").write_text(str(1 << 30))
    monkeypatch.setattr(hardware, "_CGROUP", tmp_path)
    found = hardware.probe()
    assert found.cores == 1 and found.memory_mb == 1024


def says(tmp_path, monkeypatch, lines):
    """Put a program that says this in place of nvidia-smi."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\ncat <<END\n" + "\n".join(lines) + "\nEND\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (None, "abc"), ("", ""), ("-1", ""), ("0", "a"), ("2,0", "ca"), (" 1 , 2", "bc"), ("0,-1,1", "a"), ("1,3,0", "b"), ("none", ""),
        ("GPU-8932f937-d72c,GPU-1d2f", "ab"), ("MIG-1,MIG-2,MIG-3,MIG-4", "abcc"),
    ],
)  # fmt: skip
def test_only_devices_that_cuda_lets_a_program_see_count(named, expected, tmp_path, monkeypatch):
    says(tmp_path, monkeypatch, [f"{name}, 1000" for name in "abc"])
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if named is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert "".join(a.name for a in hardware.probe().accelerators) == expected


@pytest.mark.parametrize("memory", ["[N/A]", "[Not Supported]"])
def test_a_device_that_does_not_tell_its_memory_is_one_all_the_same(memory, tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    says(tmp_path, monkeypatch, [f"NVIDIA GB10, {memory}"])
    assert hardware.probe().accelerators == (hardware.Accelerator("NVIDIA GB10", 0),)
    says(tmp_path, monkeypatch, ["something, went wrong"])
    assert hardware.probe().accelerators == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("__version__ = '2.13.0+cpu'\ncuda: Optional[str] = None\nhip: Optional[str] = None\n", False), ("cuda = None\n", False),
        ("__version__ = '2.13.0+cu130'\ncuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n", True), ("cuda = '12.8'\n", True), (None, True),
    ],
)  # fmt: skip
def test_whether_torch_was_built_for_cuda_is_read_from_its_versions(text, expected, tmp_path, monkeypatch):
    if text is not None:
        (tmp_path / "version.py").write_text(text)
    monkeypatch.setattr(hardware, "find_spec", lambda name: ModuleSpec(name, None, origin=str(tmp_path / "__init__.py")))
    assert hardware.torch_uses_cuda() is expected


def test_the_torch_that_is_here_says_of_itself_what_is_read_of_it(monkeypatch):
    assert hardware.torch_uses_cuda() == (torch.version.cuda is not None)
    monkeypatch.setattr(hardware, "find_spec", lambda name: None)
    assert not hardware.torch_uses_cuda()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (MemoryError(), True), (torch.OutOfMemoryError(""), True), ("CUDA error: out of memory", True), ("ran out of GPU memory", True),
        ("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", True), ("cuDNN error: CUDNN_STATUS_ALLOC_FAILED", True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), True), ("std::bad_alloc", True),
        ("Memory allocation error on worker 0: cudaErrorMemoryAllocation", True), ("bad_malloc: Failed to allocate 475136000 bytes.", True),
        ("CUDA error: an illegal memory access was encountered\n  [bt] (3) alloc", False), (KeyError("memorable"), False), ("index out of range", False),
    ],
)  # fmt: skip
def test_faults_that_say_that_memory_ran_out(fault, expected):
    assert hardware.of_memory(fault) is expected


def test_accelerators_are_read_from_nvidia_smi(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA H200, 143771'\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert hardware.probe().accelerators == (hardware.Accelerator("NVIDIA H200", 143771),)


def test_a_broken_nvidia_smi_means_none(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'driver mismatch'; exit 9\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert hardware.probe().accelerators == ()


def test_descendants_are_found_over_generations_and_sessions():
    process = subprocess.Popen(["sh", "-c", "sleep 30 & setsid sleep 31 & echo; wait"], stdout=subprocess.PIPE)
    process.stdout.readline()
    try:
        found = hardware.descendants(process.pid)
        assert len(found) == 2 and process.pid not in found and set(found) < set(hardware.descendants(os.getpid()))
    finally:
        for pid in [*hardware.descendants(process.pid), process.pid]:
            os.kill(pid, 9)
        process.wait()
    assert hardware.descendants(2**22 + 1) == []


def test_a_quota_of_parts_of_cores_and_no_limit_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(hardware, "_CGROUP", tmp_path)
    everything = hardware.probe()
    for quota, cores in (("max 100000", everything.cores), ("250000 100000", min(2, everything.cores)), ("20000 100000", 1), ("nonsense", everything.cores)):
        (tmp_path / "cpu.max").write_text(quota)
        assert hardware.probe().cores == cores
    (tmp_path / "memory.max").write_text("max")
    assert hardware.memory_mb() == everything.memory_mb
    (tmp_path / "memory.max").write_text(str(1 << 60))  # more than the machine has
    assert hardware.memory_mb() == everything.memory_mb


def test_affinity_counts_before_a_quota(tmp_path, monkeypatch):
    if not hasattr(os, "sched_setaffinity"):
        return
    monkeypatch.setattr(hardware, "_CGROUP", tmp_path)
    (tmp_path / "cpu.max").write_text("6400000 100000")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2})
    assert hardware.probe().cores == 3
    (tmp_path / "cpu.max").write_text("200000 100000")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(64)))
    assert hardware.probe().cores == 2
