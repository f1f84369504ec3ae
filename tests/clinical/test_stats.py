"""Statistics against exact fractions, brute force and closed forms."""

from __future__ import annotations

import itertools
import statistics
from decimal import Decimal
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucmsc_desktop.clinical import stats
from ucmsc_desktop.clinical.exact import DomainError
from ucmsc_desktop.clinical.tdist import t_quantile

D = Decimal

amounts = st.decimals("0.1", "100000", places=2)
changes = st.decimals("-1000", "1000", places=1)


def at_most(x: int, n: int, p: Fraction) -> Fraction:
    return sum((comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(x + 1)), Fraction(0))


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_exact_interval_leaves_its_tail_on_each_side(counts: tuple[int, int]) -> None:
    events, n = counts
    interval = stats.clopper_pearson(events, n)
    assert interval is not None
    tail, close = Fraction(1, 40), Fraction(1, 10**25)
    if events < n:
        assert abs(at_most(events, n, Fraction(interval.upper)) - tail) < close
    else:
        assert interval.upper == 1
    if events > 0:
        assert abs(1 - at_most(events - 1, n, Fraction(interval.lower)) - tail) < close
    else:
        assert interval.lower == 0


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_exact_interval_mirrors(counts: tuple[int, int]) -> None:
    events, n = counts
    here, there = stats.clopper_pearson(events, n), stats.clopper_pearson(n - events, n)
    assert here is not None
    assert there is not None
    assert abs(here.lower + there.upper - 1) < D("1e-25")
    assert here.lower <= D(events) / n <= here.upper


def test_one_sided_limit_at_all_events_is_one() -> None:
    assert stats.clopper_pearson_upper(20, 20) == 1


@pytest.mark.parametrize(("events", "n"), [(3, 2), (-1, 2)])
def test_impossible_counts_are_refused(events: int, n: int) -> None:
    with pytest.raises(DomainError):
        stats.clopper_pearson(events, n)
    with pytest.raises(DomainError):
        stats.clopper_pearson_upper(events, n)


def test_a_level_must_be_a_probability() -> None:
    for call in (
        lambda: stats.clopper_pearson(1, 20, D(95)),
        lambda: stats.clopper_pearson_upper(1, 20, D(1)),
        lambda: stats.mean_ci([D(1), D(2)], D(0)),
        lambda: t_quantile(D(1), 3),
        lambda: t_quantile(D("0.95"), 0),
    ):
        with pytest.raises(DomainError):
            call()


@pytest.mark.parametrize(
    ("level", "df", "printed"),
    [
        # Any printed t table, two-sided.
        ("0.95", 3, "3.182"),
        ("0.95", 7, "2.365"),
        ("0.95", 10, "2.228"),
        ("0.95", 19, "2.093"),
        ("0.99", 19, "2.861"),
        ("0.90", 30, "1.697"),
        ("0.95", 120, "1.980"),
    ],
)
def test_t_agrees_with_the_printed_table(level: str, df: int, printed: str) -> None:
    assert round(t_quantile(D(level), df), 3) == D(printed)


def test_t_agrees_with_its_closed_forms() -> None:
    # One degree of freedom is tan(pi * level / 2), two is level * sqrt(2 / (1 - level²)).
    assert abs(t_quantile(D("0.5"), 1) - 1) < D("1e-30")
    level = D("0.95")
    assert abs(t_quantile(level, 2) ** 2 - 2 * level**2 / (1 - level**2)) < D("1e-24")


@given(st.lists(changes, min_size=2, max_size=20))
def test_mean_and_spread_agree_with_exact_fractions(values: list[Decimal]) -> None:
    exact = [Fraction(v) for v in values]
    centre, spread = stats.mean(values), stats.standard_deviation(values)
    assert centre is not None
    assert spread is not None
    assert abs(Fraction(centre) - statistics.mean(exact)) < Fraction(1, 10**30)
    assert abs(Fraction(spread) ** 2 - statistics.variance(exact)) < Fraction(1, 10**25)


@given(st.lists(amounts, min_size=2, max_size=10))
def test_geometric_mean_lies_inside_its_interval_and_the_range(values: list[Decimal]) -> None:
    found = stats.geometric_mean_ci(values)
    assert found is not None
    assert found.interval is not None
    slack = Fraction(1, 10**25)
    value, lower, upper = (Fraction(d) for d in (found.value, found.interval.lower, found.interval.upper))
    assert lower - slack <= value <= upper + slack
    assert Fraction(min(values)) - slack <= value <= Fraction(max(values)) + slack
    assert stats.geometric_mean(values) == found.value


@given(st.lists(amounts, min_size=2, max_size=10), st.decimals("0.1", "10", places=1))
def test_a_common_factor_is_the_ratio(values: list[Decimal], factor: Decimal) -> None:
    found = stats.gmr(values, [v * factor for v in values])
    assert found is not None
    assert found.interval is not None
    assert abs(found.value - factor) < D("1e-25")
    assert abs(found.interval.upper - found.interval.lower) < D("1e-12")


def test_a_single_value_has_no_interval() -> None:
    found = stats.mean_ci([D(5)])
    assert found == stats.Estimate(1, D(5), None)
    assert stats.gmr([D(2)], [D(4)]) is not None
    assert stats.standard_deviation([D(5)]) is None


def test_a_logarithm_of_zero_is_refused() -> None:
    with pytest.raises(DomainError):
        stats.geometric_mean([D(1), D(0)])
    with pytest.raises(DomainError):
        stats.gmr([D(1)], [D(-1)])
    with pytest.raises(DomainError):
        stats.log10_changes([D(1)], [D(1), D(2)])


@given(st.lists(changes, min_size=2, max_size=15))
def test_type_7_agrees_with_the_inclusive_method_of_the_standard_library(values: list[Decimal]) -> None:
    theirs = statistics.quantiles([Fraction(v) for v in values], n=4, method="inclusive")
    for p, expected in zip(("0.25", "0.5", "0.75"), theirs, strict=True):
        mine = stats.quantile_type7(values, D(p))
        assert mine is not None
        assert Fraction(mine) == expected


@given(st.lists(changes, min_size=1, max_size=15))
def test_median_agrees_with_the_standard_library(values: list[Decimal]) -> None:
    assert stats.median(values) == statistics.median(values)


@pytest.mark.parametrize(
    ("p", "expected"), [("0", "1"), ("0.2", "1.5"), ("0.21", "2"), ("0.5", "3"), ("0.8", "4.5"), ("1", "5")]
)
def test_sas_definition_averages_only_at_a_step(p: str, expected: str) -> None:
    assert stats.quantile_sas5([D(v) for v in (5, 3, 1, 4, 2)], D(p)) == D(expected)


def test_a_quantile_needs_a_proportion() -> None:
    for call in (stats.quantile_sas5, stats.quantile_type7):
        with pytest.raises(DomainError):
            call([D(1)], D(25))


@given(st.lists(changes, min_size=1, max_size=10))
def test_hodges_lehmann_agrees_with_brute_force(values: list[Decimal]) -> None:
    walsh = [(a + b) / 2 for a, b in itertools.combinations_with_replacement(values, 2)]
    assert stats.hodges_lehmann(values) == statistics.median(walsh)


@given(st.lists(st.integers(-5, 5).filter(bool), min_size=1, max_size=8))
def test_signed_rank_agrees_with_all_sign_patterns(values: list[int]) -> None:
    sizes = sorted(abs(v) for v in values)
    rank = {
        size: Fraction(sum(i + 1 for i, s in enumerate(sizes) if s == size), sizes.count(size))
        for size in set(sizes)
    }
    ranks = [rank[abs(v)] for v in values]
    middle = sum(ranks, Fraction(0)) / 2
    seen: Fraction = abs(sum((r for r, v in zip(ranks, values, strict=True) if v > 0), Fraction(0)) - middle)
    patterns = list(itertools.product((0, 1), repeat=len(values)))
    extreme = sum(
        abs(sum((r for r, s in zip(ranks, signs, strict=True) if s), Fraction(0)) - middle) >= seen
        for signs in patterns
    )
    found = stats.signed_rank_p([D(v) for v in values])
    assert found is not None
    assert Fraction(found) == Fraction(extreme, len(patterns))


def test_zero_differences_are_dropped() -> None:
    assert stats.signed_rank_p([D(0), D(1), D(2), D(3)]) == D("0.25")
    assert stats.signed_rank_p([D(0), D(0)]) is None


def test_nothing_in_gives_nothing_out() -> None:
    for call in (stats.mean, stats.mean_ci, stats.geometric_mean, stats.geometric_mean_ci, stats.median):
        assert call([]) is None
    assert stats.gmr([], []) is None
    assert stats.hodges_lehmann([]) is None
    assert stats.quantile_sas5([], D("0.5")) is None
    assert stats.quantile_type7([], D("0.5")) is None
    assert stats.clopper_pearson(0, 0) is None
    assert stats.clopper_pearson_upper(0, 0) is None
