"""What the full catalog would take, extrapolated from the pilot: time, tokens and cost, each with a 95 % interval.

The spread is that of the pilot. Time is measured by micro-batch, tokens by photo; the interval is Student's for the
mean of a sample, widened into a prediction interval for the mean of the photos to come.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

FEWEST_STEPS = 3
"""Micro-batches; fewer do not give a usable spread."""


@dataclass(frozen=True)
class Range:
    """An estimate and its 95 % interval."""

    estimate: float
    low: float
    high: float

    def times(self, factor: float) -> "Range":
        return Range(self.estimate * factor, self.low * factor, self.high * factor)

    def plus(self, offset: float) -> "Range":
        return Range(self.estimate + offset, self.low + offset, self.high + offset)


@dataclass(frozen=True)
class CatalogForecast:
    """The forecast for `photos` different photos: `seconds` of the asset `extracted_attributes`, without model loading.

    `cost` is in the currency of the price per hour, None without one.
    """

    photos: int
    seconds: Range
    products_per_minute: Range
    tokens_in: Range
    tokens_out: Range
    cost: Range | None

    def as_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict) -> "CatalogForecast":
        ranges = {name: Range(**value) for name, value in plain.items() if isinstance(value, dict)}
        return cls(**{**plain, **ranges})


@dataclass
class StepTimes:
    """Times progress: `seconds_per_photo` gets a figure for each step of `fewest_photos` or more."""

    fewest_photos: int
    clock: Callable[[], float] = time.perf_counter
    seconds_per_photo: list[float] = field(default_factory=list)
    _done: int = 0
    _at: float | None = None

    def moved(self, done: int, total: int) -> None:
        now = self.clock()
        if self._at is None:
            self._done, self._at = done, now
        elif done - self._done >= self.fewest_photos:
            self.seconds_per_photo.append((now - self._at) / (done - self._done))
            self._done, self._at = done, now

    def settled(self) -> list[float]:
        """The steps without the first, for which no photo was prepared ahead, if enough others are left."""
        return self.seconds_per_photo[1:] if len(self.seconds_per_photo) > FEWEST_STEPS else self.seconds_per_photo


def forecast_catalog(
    photos: int,
    steps: Sequence[float],
    photos_per_step: float,
    embedding_seconds_per_photo: float,
    tokens_in: Sequence[float],
    tokens_out: Sequence[float],
    price_per_hour: float | None,
) -> CatalogForecast | None:
    """The forecast; None if fewer than FEWEST_STEPS steps were timed.

    `steps` are seconds per photo, one figure a step; `tokens_in` and `tokens_out` have one figure a photo.
    """
    if len(steps) < FEWEST_STEPS or not photos:
        return None
    each = mean_to_come(steps, photos / photos_per_step).plus(embedding_seconds_per_photo)
    seconds = each.times(photos)
    return CatalogForecast(
        photos,
        seconds,
        Range(60 / each.estimate, 60 / each.high, 60 / each.low if each.low else math.inf),
        mean_to_come(tokens_in, photos).times(photos),
        mean_to_come(tokens_out, photos).times(photos),
        None if price_per_hour is None else seconds.times(price_per_hour / 3600),
    )


def mean_to_come(sample: Sequence[float], to_come: float) -> Range:
    """The mean of `to_come` values like those of `sample` (two or more, none negative), with its 95 % interval.

    mean +- t * s * sqrt(1/n + 1/m), the prediction interval for the mean of m more values (Hahn and Meeker 1991).
    """
    from scipy.stats import t

    n = len(sample)
    mean = sum(sample) / n
    variance = sum((value - mean) ** 2 for value in sample) / (n - 1)
    half = t.ppf(0.975, n - 1) * math.sqrt(variance * (1 / n + 1 / max(to_come, 1)))
    return Range(mean, max(0.0, mean - float(half)), mean + float(half))
