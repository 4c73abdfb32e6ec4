"""Pure. How far a share may be from what was counted: 95% intervals.

Wilson's score interval (E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
Journal of the American Statistical Association 22, 1927), which holds for small counts and for shares near 0 and 1,
where the usual plus-minus does not. F1 is no share, but it rises with one: with J = right / (right + wrong + missed)
it is 2J / (1 + J), so J's interval gives F1's.
"""

import math

#: Of the normal distribution, for 95%.
_Z = 1.959964

Interval = tuple[float, float]


def wilson(hits: int, total: int) -> Interval:
    """Lower and upper end, 0..1, for `hits` of `total`; with nothing counted anything is possible."""
    if total == 0:
        return 0.0, 1.0
    share, square = hits / total, _Z * _Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = _Z * math.sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def f1_interval(right: int, wrong: int, missed: int) -> Interval:
    """Lower and upper end, 0..1, for F1."""
    low, high = wilson(right, right + wrong + missed)
    return 2 * low / (1 + low), 2 * high / (1 + high)
