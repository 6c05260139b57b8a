"""Every row gets exactly one line, whatever is wrong with it and whenever the run is killed."""

from __future__ import annotations

import io
import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from service import errors
from service.batch.progress import Summary
from service.batch.run import run_batch

from . import toy
from .toy import TODAY, VERSIONS, Engine, ThreadPool, write_manifest


def run(manifest: Path, out: Path, pool: Any = None, **changed: Any) -> Summary:
    options: dict[str, Any] = {"versions": VERSIONS, "today": None, "default_today": TODAY, "stream": io.StringIO()}
    return run_batch(manifest, out, pool=pool or ThreadPool(Engine().verify), **{**options, **changed})


def lines_of(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text(encoding="utf-8").splitlines()]


def by_id(out: Path) -> dict[str, dict[str, Any]]:
    lines = lines_of(out)
    assert len({line["id"] for line in lines}) == len(lines)
    return {line["id"]: line for line in lines}


def test_each_row_gets_one_line_with_its_verdict(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, [b"good%d" % n for n in range(30)] + [b"other"])
    pool = ThreadPool(Engine().verify)
    summary = run(manifest, tmp_path / "out", pool)
    found = by_id(tmp_path / "out")
    assert set(found) == {f"r{n}" for n in range(1, 32)}
    assert found["r7"] == {"id": "r7", "row": 7, **Engine().verify(b"good6", b"back", b"selfie", TODAY, None)}
    assert summary.outcomes == {"approved": 30, "review": 1}
    assert (summary.rows, summary.done_before) == (31, 0)
    assert pool.most_in_flight <= 4


def test_bad_rows_get_an_error_and_the_run_goes_on(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, [b"good", b"corrupt", b"complex", b"good"])
    (tmp_path / "pictures" / "back4").write_bytes(b"unused")
    with manifest.open("a", encoding="utf-8") as file:
        file.write("r5,pictures/front1,pictures/nowhere,pictures/selfie\n")
        file.write("r6,pictures/front1,,pictures/selfie\n")
        file.write("r7,pictures/front1\n")
        file.write(",pictures/front1,pictures/back,pictures/selfie\n")
        file.write("r1,pictures/front1,pictures/back,pictures/selfie\n")
        file.write("r8,pictures,pictures/back,pictures/selfie\n")
    summary = run(manifest, tmp_path / "out")
    found = {line["row"]: line for line in lines_of(tmp_path / "out")}
    assert sorted(found) == list(range(1, 11))
    codes = {row: line["error"]["code"] for row, line in found.items() if "error" in line}
    assert codes == {
        2: "picture_corrupt",
        3: "picture_too_complex",
        5: "picture_missing",
        6: "manifest_invalid",
        7: "manifest_invalid",
        8: "manifest_invalid",
        9: "manifest_invalid",
        10: "picture_missing",
    }
    assert found[2]["error"]["capture"] == "front"
    assert found[5]["error"]["capture"] == "back"
    assert "same id" in found[9]["error"]["detail"]
    assert "nowhere" not in json.dumps(found[5]["error"])
    assert summary.outcomes["approved"] == 2
    assert summary.outcomes["manifest_invalid"] == 4


def test_absolute_paths_byte_order_mark_and_chinese_ids(tmp_path: Path) -> None:
    write_manifest(tmp_path, [b"good"])
    pictures = tmp_path / "pictures"
    text = f'front,id,note,back,selfie\r\n{pictures}/front1,张三-1,"a, b",pictures/back, {pictures}/selfie\r\n\r\n'
    (tmp_path / "m.csv").write_text(text, encoding="utf-8-sig")
    run(tmp_path / "m.csv", tmp_path / "out")
    assert by_id(tmp_path / "out")["张三-1"]["decision"] == "approved"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"id,front,back\n1,a,b\n",
        b"id;front;back;selfie\n",
        b"\xff\xfe\x00",
        b"id,front,back,selfie\n\xff\xff,a,b,c\n",
    ],
)
def test_unreadable_manifest_is_refused_before_anything_is_written(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.csv").write_bytes(content)
    with pytest.raises(errors.ManifestInvalid):
        run(tmp_path / "m.csv", tmp_path / "out")
    with pytest.raises(errors.ManifestInvalid):
        run(tmp_path / "missing.csv", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_manifest_without_rows_ends_at_once(tmp_path: Path) -> None:
    assert run(write_manifest(tmp_path, []), tmp_path / "out").rows == 0
    assert lines_of(tmp_path / "out") == []


def test_engine_failure_is_tried_once_more(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, [b"good", b"flaky", b"good"])
    run(manifest, tmp_path / "once", ThreadPool(toy.Failing(1)))
    assert by_id(tmp_path / "once")["r2"]["decision"] == "review"
    run(manifest, tmp_path / "twice", ThreadPool(toy.Failing(2)))
    assert by_id(tmp_path / "twice")["r2"]["error"]["code"] == "engine_failed"
    assert len(lines_of(tmp_path / "twice")) == 3


def test_busy_pool_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy(ThreadPool):
        asked = refusals = 0

        def submit(self, method: str, *args: object) -> Any:
            self.asked += 1
            # With nothing to wait for at first, and with rows under way later.
            if self.asked <= 2 or self.asked % 2:
                self.refusals += 1
                raise errors.EngineBusy(retry_after_s=60)
            return super().submit(method, *args)

    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    pool = Busy(Engine().verify)
    run(write_manifest(tmp_path, [b"good"] * 10), tmp_path / "out", pool)
    assert len(by_id(tmp_path / "out")) == 10
    assert pool.refusals > 2
    assert max(slept) <= 1.0


def test_engines_gone_for_good_end_the_run_and_it_can_go_on_later(tmp_path: Path) -> None:
    class Gone(ThreadPool):
        submitted = 0

        def submit(self, method: str, *args: object) -> Any:
            self.submitted += 1
            if self.submitted > 10:
                raise errors.WeightMissing
            return super().submit(method, *args)

    manifest = write_manifest(tmp_path, [b"good"] * 20)
    with pytest.raises(errors.WeightMissing):
        run(manifest, tmp_path / "out", Gone(Engine().verify))
    assert 0 < len(lines_of(tmp_path / "out")) < 20
    summary = run(manifest, tmp_path / "out")
    assert summary.done_before > 0
    assert len(by_id(tmp_path / "out")) == 20


def test_finished_run_started_again_does_nothing(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, [b"good", b"corrupt"])
    run(manifest, tmp_path / "out")
    before = (tmp_path / "out" / "results.jsonl").read_bytes()
    pool = ThreadPool(Engine().verify)
    summary = run(manifest, tmp_path / "out", pool)
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == before
    assert pool.most_in_flight == 0
    assert summary.outcomes == {"approved": 1, "picture_corrupt": 1}


def test_line_torn_at_any_byte_is_cut_and_done_again(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, [b"good one", b"good two"])
    results = tmp_path / "out" / "results.jsonl"
    run(manifest, tmp_path / "out")
    whole = results.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    for kept in range(0, len(last), 7):
        results.write_bytes(whole[: len(whole) - len(last) + kept])
        assert run(manifest, tmp_path / "out").done_before == 1
        assert sorted(results.read_bytes().splitlines()) == sorted(whole.splitlines())


def test_garbage_left_by_a_power_cut_is_cut_and_done_again(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, [b"good"] * 5)
    results = tmp_path / "out" / "results.jsonl"
    run(manifest, tmp_path / "out")
    whole = results.read_bytes().splitlines(keepends=True)
    for garbage in (bytes(40), b"{}\n", whole[0], b'{"id":"x","row":99}\n', b"[]\n", b"\n"):
        results.write_bytes(b"".join([*whole[:2], garbage, *whole[2:]]))
        assert run(manifest, tmp_path / "out").done_before == 2
        assert len(by_id(tmp_path / "out")) == 5


def test_another_manifest_day_or_model_is_refused(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, [b"good"])
    run(manifest, tmp_path / "out", today=TODAY)
    other = write_manifest(tmp_path, [b"good", b"good"], "other.csv")
    with pytest.raises(errors.BatchConflict, match="manifest"):
        run(other, tmp_path / "out")
    with pytest.raises(errors.BatchConflict, match="today"):
        run(manifest, tmp_path / "out", today=date(2026, 11, 25))
    with pytest.raises(errors.BatchConflict, match="versions"):
        run(manifest, tmp_path / "out", versions={**VERSIONS, "model": "def"})
    (tmp_path / "out" / "run.json").unlink()
    with pytest.raises(errors.BatchConflict):
        run(manifest, tmp_path / "out")
    assert len(lines_of(tmp_path / "out")) == 1


def test_run_continued_after_midnight_keeps_its_day(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, [b"good one", b"good two"])
    run(manifest, tmp_path / "out")
    results = tmp_path / "out" / "results.jsonl"
    results.write_bytes(results.read_bytes().splitlines(keepends=True)[0])
    run(manifest, tmp_path / "out", default_today=date(2026, 11, 25))
    assert {line["today"] for line in lines_of(tmp_path / "out")} == {"2026-11-24"}


def test_two_runs_in_one_directory_are_refused(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, [b"good"])

    def second_run(*_: Any) -> Any:
        with pytest.raises(errors.BatchConflict, match="Another run"):
            run(manifest, tmp_path / "out")
        return {"decision": "approved"}

    run(manifest, tmp_path / "out", ThreadPool(second_run))
    assert len(lines_of(tmp_path / "out")) == 1


COMMAND = [
    sys.executable,
    "-c",
    f"import sys; sys.path[:] = {sys.path!r}; from {toy.__name__} import main; main()",
]


def test_killed_at_random_moments_it_loses_and_doubles_nothing(tmp_path: Path) -> None:
    rng = random.Random(11)
    rows = 800
    fronts = [rng.choice((b"good", b"poor", b"corrupt", b"good")) + b"%d" % n for n in range(rows)]
    fronts[400] = b"crash"
    manifest, out = write_manifest(tmp_path, fronts), tmp_path / "out"
    results = out / "results.jsonl"
    kills = 0
    while True:
        with subprocess.Popen([*COMMAND, str(manifest), str(out)], stderr=subprocess.PIPE, process_group=0) as process:
            size = results.stat().st_size if results.exists() else 0
            while process.poll() is None and (results.stat().st_size if results.exists() else 0) == size:
                time.sleep(0.005)
            if kills < 6:
                time.sleep(rng.uniform(0, 0.08))
                os.killpg(process.pid, signal.SIGKILL)
                kills += 1
            _, complaint = process.communicate()
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, complaint.decode()
        if kills % 2:  # a page half on the disk: what a power cut leaves of the last line
            with results.open("r+b") as file:
                file.truncate(max(0, results.stat().st_size - rng.randrange(40)))
    assert kills >= 5
    counts = Counter(line["row"] for line in lines_of(out))
    assert counts == Counter(range(1, rows + 1))
    for line in lines_of(out):
        front = fronts[line["row"] - 1]
        expected = {b"go": "approved", b"po": "review", b"co": "picture_corrupt", b"cr": "engine_failed"}[front[:2]]
        assert (line["error"]["code"] if "error" in line else line["decision"]) == expected


def test_a_terminal_gets_a_bar_and_other_streams_get_lines(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, [b"good"] * 40)
    plain = io.StringIO()
    run(manifest, tmp_path / "plain", stream=plain)
    lines = [line for line in plain.getvalue().splitlines() if line.startswith("batch: ")]
    assert 10 <= len(lines) <= 20
    assert lines[-1] == "batch: 40/40 rows"
    assert "approved" in plain.getvalue()
    assert "rows/s" in plain.getvalue()
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        run(manifest, tmp_path / "terminal", stream=terminal)
        shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "40/40" in shown
    assert "rows/s" in shown
    assert "batch: 2/40" not in shown


def test_memory_stays_flat_over_many_rows(tmp_path: Path) -> None:
    """Rows that cannot be verified are enough: what is kept per row is what counts."""
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; import io, resource, tracemalloc; from pathlib import Path\n"
        f"from {toy.__name__} import *\n"
        "import numpy; numpy.unique(numpy.arange(9)); tracemalloc.start()\n"
        "run_batch(Path(sys.argv[1]), Path(sys.argv[2]), pool=ThreadPool(Engine().verify), versions={}, today=TODAY,"
        " default_today=TODAY, stream=io.StringIO())\n"
        "print(tracemalloc.get_traced_memory()[1])"
    )
    peaks = []
    for rows in (500, 5000):
        manifest = tmp_path / f"{rows}.csv"
        manifest.write_text("id,front,back,selfie\n" + "".join(f"row-{n},,,\n" for n in range(rows)), encoding="utf-8")
        command = [sys.executable, "-c", code, str(manifest), str(tmp_path / f"out{rows}")]
        peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    assert peaks[1] - peaks[0] < 4500 * 40
