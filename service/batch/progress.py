"""What a person sees of a batch: a bar on a terminal, now and then a line elsewhere, and a table at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of a run. `outcomes` counts the decisions and error codes of all rows, those of earlier runs included."""

    rows: int
    done_before: int
    seconds: float
    outcomes: Mapping[str, int]

    @property
    def rows_per_s(self) -> float:
        """Of this run alone."""
        return (self.rows - self.done_before) / self.seconds if self.seconds > 0 else 0.0


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:.1f} rows/s")


@contextmanager
def shown(total: int, done: int, stream: TextIO) -> Iterator[Callable[[], None]]:
    """Gives the function to call after each row. `done` rows were finished by an earlier run."""
    if stream.isatty():
        columns = (TextColumn("batch"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        with Progress(*columns, console=Console(file=stream)) as progress:
            task = progress.add_task("batch", total=total, completed=done)
            yield lambda: progress.advance(task)
    else:
        yield _Lines(total, done, stream)


@dataclass(slots=True)
class _Lines:
    """About twenty lines for a whole run, never more than one per thousand rows fewer."""

    total: int
    done: int
    stream: TextIO

    def __call__(self) -> None:
        self.done += 1
        every = max(1, min(1000, self.total // 20))
        if self.done % every == 0 or self.done == self.total:
            self.stream.write(f"batch: {self.done}/{self.total} rows\n")
            self.stream.flush()


def print_summary(summary: Summary, stream: TextIO) -> None:
    """A table of the outcomes and how fast they came."""
    table = Table(title="batch")
    table.add_column("outcome")
    table.add_column("rows", justify="right")
    for outcome, count in sorted(summary.outcomes.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(outcome, str(count))
    table.add_section()
    table.add_row("all", str(summary.rows))
    if summary.done_before:
        table.add_row("of these by an earlier run", str(summary.done_before))
    table.add_row("seconds", f"{summary.seconds:.1f}")
    table.add_row("rows/s", f"{summary.rows_per_s:.2f}")
    Console(file=stream).print(table)
