"""Pure. Claims in words: "was 12% by 2030 (May 2025), now 3,000 t by 2030 (TASS)"."""

from calendar import month_name

from bot.tracked import Claim

_BOUND = {"": "", "about": "about ", "over": "over ", "under": "under "}
_PERIOD = {"yr": " a year", "mo": " a month"}


def amount(value: float | None, value_to: float | None, unit: str, *, period: str = "", by: str = "") -> str:
    """A figure for readers: "3.8 Mt", "2,600 t a year", "10 to 12% by 2030", "place 5"."""
    if value is None:
        return "unknown"
    if unit == "place":
        return f"place {value:g}"
    scale, shown = (1e6, "Mt") if unit == "t" and abs(value) >= 1e6 else (1.0, unit)
    said = f"{value / scale:,.10g}" + ("" if value_to is None else f" to {value_to / scale:,.10g}")
    gap = "" if shown == "%" else " "
    return f"{said}{gap}{shown}{_PERIOD.get(period, '')}{f' by {by}' if by else ''}"


def said(claim: Claim, gloss: str = "") -> str:
    """What a claim says: "over 80%", "delayed"."""
    if claim.kind == "status":
        return gloss or claim.status.replace("-", " ")
    told = amount(claim.value, claim.value_to, claim.unit, period=claim.period, by=claim.by)
    return _BOUND[claim.bound] + told


def month(day: str) -> str:
    """ "May 2025" for "2025-05" or "2025-05-12"."""
    year, _, rest = day.partition("-")
    return f"{month_name[int(rest[:2])]} {year}" if rest else year


def change_line(claim: Claim, was: str, now: str, source: str) -> str:
    """What was believed and what is said now, each with who says so; the claim's name stands before it."""
    now = f"{now} ({source})" if source else now
    return f"{claim.name}: was {was} ({month(claim.as_of)}), now {now}"


def confirm_line(claim: Claim, was: str, source: str) -> str:
    """That a claim was repeated."""
    return f"{claim.name}: {was} still" + (f" ({source})" if source else "")
