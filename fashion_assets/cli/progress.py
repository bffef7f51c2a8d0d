"""How progress is displayed: a bar for each piece of work on a terminal, and lines elsewhere."""

from rich.console import Console
from rich.progress import Progress, ProgressColumn, Task, TaskID
from rich.text import Text

from fashion_assets.app.progress import ProgressListener, TrackedWork, spoken_time


class Lines(ProgressListener):
    """Lines for a file or a pipe."""

    def __init__(self, console: Console):
        self._console = console

    def said(self, line: str) -> None:
        _print(self._console, line)

    def announced(self, line: str) -> None:
        _print(self._console, line)


class Bars(ProgressListener):
    """A bar for each piece of work while it lasts."""

    def __init__(self, progress: Progress):
        self._progress = progress
        self._bars: dict[TrackedWork, TaskID] = {}

    def moved(self, work: TrackedWork) -> None:
        if work not in self._bars:
            self._bars[work] = self._progress.add_task(work.what, total=None, work=work)
        self._progress.update(self._bars[work], completed=work.done, total=work.total)

    def ended(self, work: TrackedWork) -> None:
        if work in self._bars:
            self._progress.remove_task(self._bars.pop(work))

    def announced(self, line: str) -> None:
        _print(self._progress.console, line)


class TimeLeft(ProgressColumn):
    """The time left by our own estimate; rich needs two steps within half a minute, which slow models do not make."""

    def render(self, task: Task) -> Text:
        left = task.fields["work"].seconds_left()
        return Text("" if left is None else f"{spoken_time(left)} left", style="progress.remaining")


def _print(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
