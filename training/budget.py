"""How long a training stage lasts: a number of steps (reproducible) or of minutes (for a quick trial)."""

import math
import time


class Budget:
    """Counts steps; `progress` runs from 0 to 1 and drives the learning rate.

    With `minutes` the clock decides and `steps` is ignored, so that two runs differ.
    """

    def __init__(self, steps: int, minutes: float | None = None):
        self.steps, self.minutes = steps, minutes
        self.step = 0
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start

    @property
    def progress(self) -> float:
        return self.seconds / (60 * self.minutes) if self.minutes else self.step / self.steps

    @property
    def is_spent(self) -> bool:
        return self.progress >= 1

    def learning_rate_factor(self, warmup_steps: int = 100) -> float:
        """A short linear warm-up, then a cosine down to 2 %."""
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress)))
        return min(1.0, (self.step + 1) / warmup_steps) * (0.02 + 0.98 * cosine)
