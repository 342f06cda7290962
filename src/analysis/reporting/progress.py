"""What a person sees while a report is built: one line a chapter, moving on a terminal, plain elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Literal

State = Literal["running", "done", "reused", "failed", "left out", "not run"]


@dataclass
class Progress:
    """Collects what happens and passes it on as lines. `say` gets each finished line.

    Parameters
    ----------
    say : receives one line of text, such as `print` or a console's method
    changed : called when a chapter changes its state; a live display redraws from `states`
    """

    say: Callable[[str], None] = field(default=lambda _line: None)
    changed: Callable[[], None] = field(default=lambda: None)
    states: dict[str, State] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    kernels_started: int = 0
    _started: dict[str, float] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def line(self, text: str) -> None:
        """Say one line."""
        with self._lock:
            self.say(text)

    def chapter(self, name: str, state: State) -> None:
        """Note that a chapter is now in `state`, and say so."""
        with self._lock:
            self.states[name] = state
            if state == "running":
                self._started[name] = monotonic()
            elif state in ("done", "failed"):
                self.seconds[name] = monotonic() - self._started[name]
                self.say(f"  {name}  {state}  {self.seconds[name]:.1f} s")
            else:
                self.say(f"  {name}  {state}")
            self.changed()

    @property
    def running(self) -> list[str]:
        """Chapters that run right now."""
        return [name for name, state in self.states.items() if state == "running"]

    def kernel_started(self) -> None:
        """Count a kernel; a build in which nothing changed starts none."""
        with self._lock:
            self.kernels_started += 1
