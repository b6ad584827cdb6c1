"""How concentrated a label is: over regions, by shares; and around its own firms, by distance.

Every function takes counts (of firms, jobs or whatever is counted) and gives a number. None is rounded, none
has a unit but those of distances, and what cannot be worked out is refused rather than called zero.
`docs/concentration.md` says in plain words what each can tell and what it cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from clusters.neighbours import within
from data.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Firms that M is worked out for, four radii to 50 km: more take minutes (`docs/concentration.md` has the
# times).
MOST_FIRMS = 2_000_000


def herfindahl(counts: ArrayLike) -> float:
    """Return the Herfindahl(-Hirschman) index of shares.

    HHI = sum of s_j^2, with s_j = counts_j / sum of counts (Hirschman, 1945; Herfindahl, 1950; see Hirschman,
    1964, American Economic Review 54, 761-762). Over regions it is the concentration of a label; over plants,
    by their sizes, the H that `ellison_glaeser` asks for.

    Parameters
    ----------
    counts
        Shape (regions,) or (plants,), none below 0.

    Returns
    -------
    float
        Between 1 / regions, all alike, and 1, all in one.

    Raises
    ------
    InputError
        If there is nothing to share out, or a count is negative or not finite.
    """
    return float((_shares(counts) ** 2).sum())


def krugman(counts: ArrayLike, reference: ArrayLike) -> float:
    """Return the Krugman index: how unlike two distributions are.

    K = sum of |s_j - x_j|, with s and x the shares of `counts` and `reference` (Krugman, 1991, Geography and
    Trade, MIT Press). Of a label over regions, against all firms, it is the label's *concentration*; of a
    region over labels, against the country, the region's *specialisation*. Half of it is the share that would
    have to move.

    Parameters
    ----------
    counts, reference
        Of one shape, none below 0.

    Returns
    -------
    float
        Between 0, the same shares, and 2, nothing in common.

    Raises
    ------
    InputError
        If there is nothing to share out, a count is negative or not finite, or the shapes differ.
    """
    shares, others = _pair(counts, reference)
    return float(np.abs(shares - others).sum())


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the Gini coefficient of values, each as often as its weight says.

    G = (sum over i and j of w_i w_j |v_i - v_j|) / (2 m), with w summing to 1 and m the weighted mean (Gini,
    1912): twice the area between the Lorenz curve and the diagonal.

    Parameters
    ----------
    values
        Shape (n,), none below 0, not all 0.
    weights
        Of the same shape, none below 0; alike where none are given. A value without weight does not count.

    Returns
    -------
    float
        Between 0, all alike, and 1.

    Raises
    ------
    InputError
        If there is nothing to share out, a number is negative or not finite, or the shapes differ.
    """
    amounts = _checked(values)
    weighed = _shares(np.ones(amounts.shape) if weights is None else weights)
    _same_shape(amounts, weighed)
    _total(amounts * weighed)
    order = np.argsort(amounts, kind="stable")
    people = np.concatenate([[0.0], np.cumsum(weighed[order])])
    held = np.concatenate([[0.0], np.cumsum((amounts * weighed)[order])])
    under = np.sum(np.diff(people) * (held[1:] + held[:-1])) / held[-1]
    # Rounding can take an even distribution a hair below its least.
    return float(min(1.0, max(0.0, 1.0 - under)))


def locational_gini(counts: ArrayLike, reference: ArrayLike) -> float:
    """Return the locational Gini: how unevenly a label lies over regions, by what lies there in all.

    The Gini coefficient of the location quotients s_j / x_j, weighted by x_j, so that a large region counts
    for more than a small one and cutting a region in two of one mix changes nothing (Hoover, 1936, Review of
    Economics and Statistics 18, 162-171; Krugman, 1991, whose own is half of it). Some authors weigh all
    regions alike: that is `gini` of the quotients.

    Parameters
    ----------
    counts, reference
        Of one shape, none below 0; where the reference is 0 the count has to be.

    Returns
    -------
    float
        Between 0, in proportion everywhere, and 1, all where next to nothing else is.

    Raises
    ------
    InputError
        As `krugman`; and if something is counted in a region where the reference has nothing.
    """
    shares, others = _pair(counts, reference)
    absent = others == 0
    if (strange := shares[absent]).any():
        raise InputError(
            f"{np.count_nonzero(strange)} regions have firms of the label and none in all; count each firm "
            "of the label among all firms"
        )
    quotients = np.divide(shares, others, out=np.zeros_like(shares), where=~absent)
    return gini(quotients, others)


def ellison_glaeser(counts: ArrayLike, reference: ArrayLike, plants: float) -> float:
    """Return the index of Ellison and Glaeser: concentration beyond that of a few large plants.

    gamma = (G / (1 - X) - H) / (1 - H), with G = sum of (s_j - x_j)^2, X = sum of x_j^2 and H the Herfindahl
    index of the label's plants (Ellison and Glaeser, 1997, Journal of Political Economy 105, 889-927). Were
    plants thrown at the map as darts, each region as likely as it is large, gamma would be 0 on average,
    however few they are. The authors call above 0.05 highly concentrated and below 0.02 not very.

    Parameters
    ----------
    counts, reference
        Of one shape, none below 0: of the label, and in all; in the unit that the plants' sizes have.
    plants
        `herfindahl` of the sizes of the label's plants. Where sizes are not known, 1 / number of plants: that
        takes all plants to be of one size, and then `counts` has to be of plants too.

    Returns
    -------
    float
        At least -H / (1 - H): below 0 where the label is spread more evenly than darts would be. A label that
        is all in a small region may reach more than 1.

    Raises
    ------
    InputError
        As `krugman`; if `plants` is not above 0 and below 1 (one plant is neither concentrated nor spread),
        or if one region has everything.
    """
    shares, others = _pair(counts, reference)
    if not 0 < plants < 1:
        raise InputError(
            f"the Herfindahl index of plants is {plants!r}; it lies above 0 and, of two or more, below 1"
        )
    spread = 1.0 - float((others**2).sum())
    if np.count_nonzero(others) <= 1:
        raise InputError("one region has all there is; concentration over regions needs two or more")
    beyond = float(((shares - others) ** 2).sum()) / spread
    return float((beyond - plants) / (1.0 - plants))


class Nearness(NamedTuple):
    """How near to one another the firms of a label stand, at each radius: shape (radii,) each.

    Attributes
    ----------
    m
        Marcon and Puech's M; not a number where no firm of the label has a neighbour, or there is but one.
    pairs, expected_pairs
        Pairs of the label's firms within the radius: found, and as many as the label's share of all firms
        would bring around the same places. Few of both: M is a matter of chance.
    """

    m: Floats
    pairs: Floats
    expected_pairs: Floats


@dataclass(frozen=True, eq=False)
class Crowd:
    """All firms, and how many of them lie around each: worked out once, asked for each label.

    Attributes
    ----------
    points
        Where firms stand, each place once: shape (points, 2), metres.
    firms
        Firms of all kinds at each.
    radii_m
        Distances, metres.
    around
        Firms of all kinds within each radius of each point, those there included: shape (radii, points).
    """

    points: Floats
    firms: Ints
    radii_m: tuple[float, ...]
    around: Ints

    @classmethod
    def of(cls, points: ArrayLike, firms: ArrayLike, radii_m: Sequence[float]) -> Crowd:
        """Count all firms around each point.

        Raises
        ------
        InputError
            If there are more than `MOST_FIRMS`, a position is not finite, a number of firms is no whole
            number of 0 or more, a radius is not above 0, or the shapes differ.
        """
        there, number = np.asarray(points, dtype=float).reshape(-1, 2), _whole(firms)
        if len(there) != len(number):
            raise InputError(f"{len(there)} points have {len(number)} numbers of firms; give one for each")
        if not np.isfinite(there).all():
            raise InputError("a position is not finite; leave out firms without a place")
        if wrong := [radius for radius in radii_m if not (radius > 0 and np.isfinite(radius))]:
            raise InputError(f"the radius {wrong[0]!r} is not above 0 metres")
        if (total := int(number.sum())) > MOST_FIRMS:
            raise InputError(
                f"{total:,} firms are too many for the M function, which takes {MOST_FIRMS:,}: take a part "
                "of the country, or a sample of the firms"
            )
        around = [within(there, number, there, radius) for radius in radii_m]
        shape = (len(around), len(there))
        return cls(there, number, tuple(radii_m), np.array(around, dtype=np.int64).reshape(shape))

    def m(self, firms: ArrayLike) -> Nearness:
        """Return Marcon and Puech's M of a label, at each radius, and the pairs of firms that it rests on.

        M(r) = mean of a_i / mean of A, over the label's firms i that have any neighbour within r: a_i is the
        label's share among the neighbours of i, A its share among all firms but i, (N_s - 1) / (N - 1)
        (Marcon and Puech, 2010, Journal of Economic Geography 10, 745-762, with all weights 1; no neighbour,
        no part in it, as in their package dbmss). M = 2: around a firm of the label, firms of the label are
        twice as frequent among neighbours as in the whole country.

        Parameters
        ----------
        firms
            The label's firms at each point, at most all that are there.

        Raises
        ------
        InputError
            If the shape differs, or a point has more firms of the label than in all.
        """
        own = _whole(firms)
        _same_shape(own, self.firms)
        if (own > self.firms).any():
            raise InputError(
                "a point has more firms of the label than firms in all; count each among all firms"
            )
        number, held = int(own.sum()), np.flatnonzero(own)
        unknown = np.full(len(self.radii_m), np.nan)
        if number < 2:
            return Nearness(unknown, np.zeros(len(self.radii_m)), np.zeros(len(self.radii_m)))
        expected = (number - 1) / (int(self.firms.sum()) - 1)
        weights, places = own[held], self.points[held]
        found = []
        for radius, everyone in zip(self.radii_m, self.around[:, held], strict=True):
            alike, others = within(places, weights, places, radius) - 1, everyone - 1
            met = others > 0
            local = float((weights[met] * (alike[met] / others[met])).sum())
            meeting = int(weights[met].sum())
            m = local / meeting / expected if meeting else np.nan
            found.append((m, int((weights * alike).sum()) / 2, int((weights * others).sum()) * expected / 2))
        return Nearness(*np.array(found).reshape(-1, 3).T)


def m_function(points: ArrayLike, label: ArrayLike, radii_m: Sequence[float]) -> Floats:
    """Return M of one label at each radius (see `Crowd.m`).

    Parameters
    ----------
    points
        Of all firms: shape (firms, 2), metres. Several may share a place.
    label
        Whether each firm is of the label: shape (firms,), bool.
    radii_m
        Distances, metres, above 0.

    Raises
    ------
    InputError
        As `Crowd.of`.
    """
    every, chosen = np.asarray(points, dtype=float).reshape(-1, 2), np.asarray(label, dtype=bool)
    if len(every) != len(chosen):
        raise InputError(f"{len(every)} points have {len(chosen)} labels; give one for each")
    places, at = np.unique(every, axis=0, return_inverse=True)
    at = at.reshape(-1)
    firms, own = (np.bincount(part, minlength=len(places)) for part in (at, at[chosen]))
    return Crowd.of(places, firms, radii_m).m(own).m


def _checked(numbers: ArrayLike) -> Floats:
    found = np.asarray(numbers, dtype=float)
    wrong = found[~(found >= 0) | ~np.isfinite(found)]
    if wrong.size:
        raise InputError(f"{wrong.flat[0]} is no count; counts are finite and not below 0")
    return found


def _whole(numbers: ArrayLike) -> Ints:
    found = _checked(numbers)
    wrong = found[found != np.floor(found)]
    if wrong.size:
        raise InputError(f"{wrong.flat[0]} is no number of firms; firms are counted in whole numbers")
    return found.astype(np.int64)


def _total(counts: Floats) -> float:
    total = float(counts.sum())
    if not total > 0:
        raise InputError(f"{counts.size} counts add up to 0; there is nothing to share out")
    return total


def _shares(counts: ArrayLike) -> Floats:
    found = _checked(counts)
    return found / _total(found)


def _pair(counts: ArrayLike, reference: ArrayLike) -> tuple[Floats, Floats]:
    shares, others = _shares(counts), _shares(reference)
    _same_shape(shares, others)
    return shares, others


def _same_shape(one: NDArray[Any], other: NDArray[Any]) -> None:
    if one.shape != other.shape:
        raise InputError(
            f"{one.shape} and {other.shape} are of different shapes; give one number for each region"
        )
