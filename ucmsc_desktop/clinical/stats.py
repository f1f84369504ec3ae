"""Descriptive statistics and exact intervals for twenty patients, in decimals, without numerical packages.

Must never drop a missing value silently: sequences hold known values only, so the caller says how many were
left out. The rule a reader would miss: quantiles have several definitions; the tables use SAS definition 5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import comb

from ucmsc_desktop.clinical.exact import exact, require
from ucmsc_desktop.clinical.tdist import t_quantile

LEVEL = Decimal("0.95")
_WIDTH = Decimal("1e-30")


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, ends included."""

    lower: Decimal
    upper: Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its interval; `n` is the number of values or pairs behind it."""

    n: int
    value: Decimal
    interval: Interval | None


def _check_level(level: Decimal) -> None:
    require(0 < level < 1, "level must lie between 0 and 1")


def _check_counts(events: int, n: int) -> None:
    require(events == int(events) and n == int(n) and 0 <= events <= n, "events must be whole and at most n")


def _at_most(x: int, n: int, p: Decimal) -> Decimal:
    """Give P(X <= x) for 0 < p < 1: a sum of positive terms, so no digits cancel."""
    q = 1 - p
    return sum((comb(n, k) * p**k * q ** (n - k) for k in range(x + 1)), Decimal(0))


def _falling_root(function: Callable[[Decimal], Decimal], target: Decimal) -> Decimal:
    low, high = Decimal(0), Decimal(1)
    while high - low > _WIDTH:
        middle = (low + high) / 2
        if function(middle) > target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _upper(events: int, n: int, tail: Decimal) -> Decimal:
    if events == n:
        return Decimal(1)
    return _falling_root(lambda p: _at_most(events, n, p), tail)


@exact
def clopper_pearson(events: int | None, n: int | None, level: Decimal = LEVEL) -> Interval | None:
    """Compute the exact two-sided confidence interval of a proportion.

    Units: counts; result proportions, right to 25 decimals. Missing: None, or n of 0, gives None.
    Raises: DomainError unless 0 <= events <= n in whole numbers and 0 < level < 1.
    Source: Clopper and Pearson 1934; V45.
    """
    if events is None or n is None or n == 0:
        return None
    _check_counts(events, n)
    _check_level(level)
    x, size, tail = int(events), int(n), (1 - level) / 2
    # The lower end for x events is the mirror of the upper end for n - x non-events.
    return Interval(1 - _upper(size - x, size, tail), _upper(x, size, tail))


@exact
def clopper_pearson_upper(events: int | None, n: int | None, level: Decimal = LEVEL) -> Decimal | None:
    """Compute the exact one-sided upper confidence limit of a proportion.

    Units: counts; result a proportion. Missing: None, or n of 0, gives None.
    Raises: DomainError as `clopper_pearson`. Source: V45.
    """
    if events is None or n is None or n == 0:
        return None
    _check_counts(events, n)
    _check_level(level)
    return _upper(int(events), int(n), 1 - level)


@exact
def mean(values: Sequence[Decimal]) -> Decimal | None:
    """Compute the arithmetic mean. Missing: no values give None."""
    return sum(values, Decimal(0)) / len(values) if values else None


@exact
def standard_deviation(values: Sequence[Decimal]) -> Decimal | None:
    """Compute the sample standard deviation (divisor n - 1). Missing: fewer than two values give None."""
    centre = mean(values)
    if centre is None or len(values) < 2:
        return None
    return (sum(((v - centre) ** 2 for v in values), Decimal(0)) / (len(values) - 1)).sqrt()


@exact
def mean_ci(values: Sequence[Decimal], level: Decimal = LEVEL) -> Estimate | None:
    """Compute the mean with its t interval.

    Missing: no values give None; a single value has no interval. Raises: DomainError unless 0 < level < 1.
    """
    _check_level(level)
    centre, spread = mean(values), standard_deviation(values)
    if centre is None:
        return None
    if spread is None:
        return Estimate(1, centre, None)
    half = t_quantile(level, len(values) - 1) * spread / Decimal(len(values)).sqrt()
    return Estimate(len(values), centre, Interval(centre - half, centre + half))


def _logs(values: Sequence[Decimal]) -> list[Decimal]:
    require(all(v > 0 for v in values), "a logarithm needs values above 0")
    return [v.log10() for v in values]


def _power(estimate: Estimate | None) -> Estimate | None:
    if estimate is None:
        return None
    ten, ends = Decimal(10), estimate.interval
    interval = None if ends is None else Interval(ten**ends.lower, ten**ends.upper)
    return Estimate(estimate.n, ten**estimate.value, interval)


@exact
def geometric_mean(values: Sequence[Decimal]) -> Decimal | None:
    """Compute the geometric mean.

    Missing: no values give None. Raises: DomainError for a value not above 0.
    """
    centre = mean(_logs(values))
    return None if centre is None else Decimal(10) ** centre


@exact
def geometric_mean_ci(values: Sequence[Decimal], level: Decimal = LEVEL) -> Estimate | None:
    """Compute the geometric mean with its t interval on log10.

    Missing: as `mean_ci`. Raises: DomainError for a value not above 0 or a level outside (0, 1).
    """
    return _power(mean_ci(_logs(values), level))


@exact
def log10_changes(before: Sequence[Decimal], after: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Compute log10(after) - log10(before) for each pair.

    Raises: DomainError for sequences of different length or a value not above 0.
    """
    require(len(before) == len(after), "pairs need two sequences of one length")
    return tuple(b - a for a, b in zip(_logs(before), _logs(after), strict=True))


@exact
def gmr(before: Sequence[Decimal], after: Sequence[Decimal], level: Decimal = LEVEL) -> Estimate | None:
    """Compute the geometric mean ratio after/before with its paired t interval on log10.

    Missing: no pairs give None; a single pair has no interval.
    Raises: DomainError as `log10_changes`, or a level outside (0, 1). Source: V46.
    """
    return _power(mean_ci(log10_changes(before, after), level))


@exact
def quantile_sas5(values: Sequence[Decimal], p: Decimal) -> Decimal | None:
    """Compute a quantile by SAS definition 5: the empirical distribution with averaging (R type 2).

    Missing: no values give None. Raises: DomainError unless 0 <= p <= 1. Source: clinical tables, V46.
    """
    require(0 <= p <= 1, "p must lie in 0-1")
    if not values:
        return None
    ordered = sorted(values)
    place = p * len(ordered)
    j = int(place)
    if place != j:
        return ordered[j]
    return (ordered[max(j - 1, 0)] + ordered[min(j, len(ordered) - 1)]) / 2


@exact
def quantile_type7(values: Sequence[Decimal], p: Decimal) -> Decimal | None:
    """Compute a quantile by linear interpolation (R type 7, spreadsheets), for comparison only.

    Missing: no values give None. Raises: DomainError unless 0 <= p <= 1.
    """
    require(0 <= p <= 1, "p must lie in 0-1")
    if not values:
        return None
    ordered = sorted(values)
    place = p * (len(ordered) - 1)
    j = int(place)
    above = ordered[min(j + 1, len(ordered) - 1)]
    return ordered[j] + (place - j) * (above - ordered[j])


@exact
def median(values: Sequence[Decimal]) -> Decimal | None:
    """Compute the median, the same under both quantile definitions. Missing: no values give None."""
    return quantile_sas5(values, Decimal("0.5"))


@exact
def hodges_lehmann(values: Sequence[Decimal]) -> Decimal | None:
    """Compute the one-sample Hodges-Lehmann estimate: the median of all pair means, self-pairs included.

    Missing: no values give None. Source: V46, on paired differences.
    """
    return median([(a + b) / 2 for i, a in enumerate(values) for b in values[i:]])


@exact
def signed_rank_p(differences: Sequence[Decimal]) -> Decimal | None:
    """Compute the exact two-sided p of Wilcoxon's signed-rank test.

    Zero differences are dropped (Wilcoxon's rule), ties share mean ranks, and the distribution is the exact
    one given those ranks. Missing: no difference other than 0 gives None. Source: Wilcoxon 1945; V46.
    """
    ranked = sorted((d for d in differences if d != 0), key=abs)
    if not ranked:
        return None
    ranks = _doubled_ranks([abs(d) for d in ranked])
    positive = sum(rank for rank, d in zip(ranks, ranked, strict=True) if d > 0)
    ways = [1] + [0] * sum(ranks)
    for rank in ranks:
        for total in range(len(ways) - 1, rank - 1, -1):
            ways[total] += ways[total - rank]
    tail = min(positive, sum(ranks) - positive)
    p = min(Fraction(2 * sum(ways[: tail + 1]), 2 ** len(ranks)), Fraction(1))
    return Decimal(p.numerator) / Decimal(p.denominator)


def _doubled_ranks(ordered: Sequence[Decimal]) -> list[int]:
    """Rank sorted values, ties sharing their mean; doubled, so that a half rank is whole."""
    ranks: list[int] = []
    while len(ranks) < len(ordered):
        first = len(ranks)
        tied = sum(1 for v in ordered if v == ordered[first])
        ranks += [2 * first + 1 + tied] * tied
    return ranks
