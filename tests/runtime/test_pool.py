"""Whatever a job does to its process, it costs that job only."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from service import errors
from service.runtime.pool import EnginePool, PoolLimits

from . import toy_engine

MEGABYTE = 1_000_000
LIMITS = PoolLimits(
    processes=2, queue_size=8, job_timeout_s=5.0, starved_factor=20, memory_headroom_bytes=200 * MEGABYTE
)


@pytest.fixture(scope="module")
def one_pool() -> Iterator[EnginePool]:
    with EnginePool(toy_engine.build, LIMITS) as pool:
        pool.wait_ready(30)
        yield pool


@pytest.fixture
def pool(one_pool: EnginePool) -> Iterator[EnginePool]:
    """One pool for all: it has to survive every one of these tests."""
    yield one_pool
    assert_whole(one_pool)


def assert_whole(pool: EnginePool) -> None:
    """All processes are there again and answer."""
    wait_for(lambda: len(pool.pids()) == pool.processes)
    assert [pool.call("double", n) for n in range(4)] == [0, 2, 4, 6]


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_200_jobs_from_many_threads_are_answered_once_each_by_both_processes(pool: EnginePool) -> None:
    busy = 0

    def ask(number: int) -> tuple[int, int]:
        nonlocal busy
        while True:
            try:
                return pool.call("double", number), pool.call("pid")
            except errors.EngineBusy:
                busy += 1
                time.sleep(0.005)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(ask, range(200)))
    assert [answer for answer, _ in answers] == [2 * number for number in range(200)]
    assert {pid for _, pid in answers} == set(pool.pids())
    assert busy > 0


@pytest.mark.parametrize("method", ["segfault", "exit"])
def test_crash_costs_that_job_only(pool: EnginePool, method: str) -> None:
    before = set(pool.pids())
    neighbour = pool.submit("nap", 0.5, "unharmed")
    with pytest.raises(errors.EngineFailed):
        pool.call(method)
    crashed_at = time.monotonic()
    wait_for(lambda: len(pool.pids()) == 2 and set(pool.pids()) != before)
    assert time.monotonic() - crashed_at < 10.0
    assert neighbour.result() == "unharmed"
    assert len(before & set(pool.pids())) == 1


def test_killed_while_idle_is_replaced_without_costing_a_job(pool: EnginePool) -> None:
    before = pool.pids()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(pool.pids()) == 2 and not set(pool.pids()) & set(before))
    assert pool.call("double", 4) == 8


def test_job_that_works_too_long_is_stopped(pool: EnginePool) -> None:
    before = set(pool.pids())
    started = time.monotonic()
    with pytest.raises(errors.PictureTooComplex):
        pool.call("spin", timeout_s=0.5)
    assert time.monotonic() - started >= 0.5
    assert pool.call("double", 1) == 2
    wait_for(lambda: len(pool.pids()) == 2 and len(before & set(pool.pids())) == 1)


def test_job_that_gets_no_processor_time_is_given_more_before_it_is_stopped() -> None:
    with EnginePool(toy_engine.build, PoolLimits(processes=1, starved_factor=4)) as pool:
        pool.wait_ready(30)
        assert pool.call("nap", 0.6, "late but whole", timeout_s=0.3) == "late but whole"
        pid = pool.pids()
        with pytest.raises(errors.EngineFailed):
            pool.call("nap", 60, timeout_s=0.3)
        assert pool.call("double", 1) == 2
        assert pool.pids() != pid


def test_memory_beyond_the_headroom_is_refused(pool: EnginePool) -> None:
    assert pool.call("eat", 50) == 50
    with pytest.raises(errors.PictureTooComplex):
        pool.call("eat", 400)
    assert max(pool.resident_bytes().values()) < 200 * MEGABYTE


def test_process_that_creeps_is_replaced_before_it_refuses_good_jobs() -> None:
    limits = PoolLimits(processes=1, memory_headroom_bytes=200 * MEGABYTE)
    with EnginePool(toy_engine.build, limits) as pool:
        pool.wait_ready(30)
        pids = set()
        for _ in range(12):
            pids.add(pool.call("pid"))
            pool.call("hoard_memory", 30)
        assert len(pids) == 3


def test_errors_of_the_house_come_through_whole(pool: EnginePool) -> None:
    with pytest.raises(errors.PictureCorrupt) as refusal:
        pool.call("refuse")
    assert refusal.value.role == "front"
    assert len(pool.pids()) == 2


def test_other_errors_say_nothing_of_the_input(pool: EnginePool, caplog: pytest.LogCaptureFixture) -> None:
    before = pool.pids()
    with pytest.raises(errors.EngineFailed) as failure:
        pool.call("stumble", "11010119900307")
    assert "1101" not in str(failure.value)
    assert "1101" not in caplog.text
    assert "ValueError at toy_engine.py:" in caplog.text
    assert pool.pids() == before


def test_leaving_and_unpicklable_results_are_failures_too(pool: EnginePool) -> None:
    for method in ("leave", "unpicklable", "no_such_method"):
        with pytest.raises(errors.EngineFailed):
            pool.call(method)
    with pytest.raises((TypeError, AttributeError)):
        pool.submit("echo", lambda: None)


def test_full_queue_is_busy_at_once(pool: EnginePool) -> None:
    running = [pool.submit("nap", 1.5) for _ in range(2)]
    wait_for(lambda: pool.waiting() == 0)
    waiting = [pool.submit("double", n) for n in range(LIMITS.queue_size)]
    started = time.monotonic()
    with pytest.raises(errors.EngineBusy) as busy:
        pool.submit("double", 0)
    # At once: long before a worker is free.
    assert time.monotonic() - started < 0.5
    assert busy.value.retry_after_s
    assert busy.value.retry_after_s >= 1
    assert [future.result() for future in waiting] == [2 * n for n in range(LIMITS.queue_size)]
    assert all(future.result() is None for future in running)


def test_cancelled_job_is_not_run(pool: EnginePool) -> None:
    running = [pool.submit("nap", 0.3) for _ in range(2)]
    wait_for(lambda: pool.waiting() == 0)
    assert pool.submit("segfault").cancel()
    assert [future.result() for future in running] == [None, None]


def test_large_arguments_and_results_pass(pool: EnginePool) -> None:
    content = os.urandom(30 * MEGABYTE)
    assert pool.call("echo", content) == content


def test_environment_is_set_and_output_kept_off_stdout(pool: EnginePool, capfd: pytest.CaptureFixture[str]) -> None:
    assert pool.call("environment", "OMP_NUM_THREADS") == "1"
    pool.call("shout")
    assert capfd.readouterr().out == ""


def test_build_without_weights_says_so_by_name() -> None:
    with EnginePool(toy_engine.build_without_weights, LIMITS) as pool:
        with pytest.raises(errors.WeightMissing, match=r"toy\.onnx"):
            pool.wait_ready(30)
        with pytest.raises(errors.WeightMissing):
            pool.call("double", 1)
        wait_for(lambda: pool.pids() == ())


@pytest.mark.parametrize("build", [toy_engine.build_and_die, toy_engine.build_and_stumble])
def test_build_that_always_fails_is_given_up(build: Callable[[], object], caplog: pytest.LogCaptureFixture) -> None:
    with EnginePool(build, LIMITS) as pool:
        with pytest.raises(errors.EngineFailed):
            pool.wait_ready(30)
        with pytest.raises(errors.EngineFailed):
            pool.call("double", 1)
    assert "secret" not in caplog.text


def test_engine_that_cannot_be_rebuilt_leaves_nobody_waiting(tmp_path: Path) -> None:
    build = partial(toy_engine.build_once, str(tmp_path / "built"))
    with EnginePool(build, PoolLimits(processes=1)) as pool:
        pool.wait_ready(30)
        crash, waiting = pool.submit("exit"), pool.submit("double", 1)
        with pytest.raises(errors.EngineFailed):
            crash.result()
        with pytest.raises(errors.WeightMissing):
            waiting.result(10)
        with pytest.raises(errors.WeightMissing):
            pool.ready()


def test_close_finishes_what_was_accepted_and_refuses_the_rest() -> None:
    others = set(threading.enumerate())
    pool = EnginePool(toy_engine.build, LIMITS).start()
    pool.wait_ready(30)
    pids = pool.pids()
    accepted = [pool.submit("nap", 0.2, n) for n in range(6)]
    pool.close()
    assert [future.result(0) for future in accepted] == list(range(6))
    assert not any(map(alive, pids))
    with pytest.raises(errors.NotReady):
        pool.submit("double", 1)
    assert set(threading.enumerate()) <= others


def test_close_ends_in_time_whatever_runs() -> None:
    pool = EnginePool(toy_engine.build, LIMITS).start()
    pool.wait_ready(30)
    pids = pool.pids()
    spinning = [pool.submit("spin") for _ in range(3)]
    time.sleep(0.2)
    started = time.monotonic()
    pool.close(grace_s=0.3)
    assert time.monotonic() - started < 20.0
    assert not any(map(alive, pids))
    for future in spinning:
        with pytest.raises((errors.EngineFailed, errors.NotReady)):
            future.result(0)


def test_leaving_the_pool_with_an_error_ends_it_at_once(caplog: pytest.LogCaptureFixture) -> None:
    pool = EnginePool(toy_engine.build, LIMITS)

    def interrupted() -> None:
        with pool:
            pool.wait_ready(30)
            for _ in range(4):
                pool.submit("nap", 4.0)
            time.sleep(0.1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not [record for record in caplog.records if record.name == "service.runtime.pool"]
    assert pool.pids() == ()
    with pytest.raises(errors.NotReady):
        pool.submit("double", 1)


def test_close_does_not_wait_for_engines_still_being_built() -> None:
    started = time.monotonic()
    EnginePool(partial(time.sleep, 60), LIMITS).start().close()
    assert time.monotonic() - started < 30.0


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM])
def test_engines_die_with_the_parent_even_while_they_spin(death: signal.Signals) -> None:
    code = (
        "import sys, time; sys.path[:] = eval(sys.argv[1])\n"
        f"import {toy_engine.__name__} as toy\n"
        "from service.runtime.pool import EnginePool, PoolLimits\n"
        "pool = EnginePool(toy.build, PoolLimits(processes=2)).start(); pool.wait_ready(30)\n"
        "pool.submit('spin'); time.sleep(0.2); print(*pool.pids(), flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, repr(sys.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(alive, pids))
        parent.send_signal(death)
        parent.wait()
    wait_for(lambda: not any(map(alive, pids)), 2.0)


def test_engines_ignore_the_terminals_interrupt(pool: EnginePool) -> None:
    job = pool.submit("nap", 0.3, "finished")
    for pid in pool.pids():
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGTERM)
    assert job.result() == "finished"


def test_logging_names_no_arguments(pool: EnginePool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(errors.PictureTooComplex):
        pool.call("spin", "11010119900307", timeout_s=0.2)
    assert "1101" not in caplog.text


def test_products_start_no_threads_that_take_the_cores_from_the_models() -> None:
    threads = "import service, numpy, os; print(len(os.listdir('/proc/self/task')))"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENBLAS", "OMP"))}
    done = subprocess.run([sys.executable, "-c", threads], capture_output=True, text=True, check=True, env=environment)
    assert int(done.stdout) == 1
