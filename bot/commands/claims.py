"""Tracked claims: `claims` lists each one's life, `claims accept` and `claims reject` answer what an item proposed."""

import getpass
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from bot.analyse.claimlife import current, decided
from bot.analyse.claimwords import amount, month, said
from bot.baseline import Baseline, load_baseline
from bot.commands.common import AsJson, fail, load, out
from bot.config import Config
from bot.errors import LockedError, StoreError
from bot.jobs import utc_now
from bot.store import tracked
from bot.store.store import Store
from bot.tracked import Claim, ClaimEvent

cli = typer.Typer(help="List what is believed and what became of it; accept or reject what items propose.")
Number = Annotated[
    int, typer.Argument(metavar="ID", help="The proposal's number, as `reebot claims` shows it.")
]
#: A claim that is often repeated is not shown a hundred times.
_CONFIRMED = 3


@cli.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """List each tracked claim with its life; accept or reject what items propose."""
    if context.invoked_subcommand:
        return
    loaded = load()
    claims = baseline_of(loaded).claims
    try:
        with Store.open_read_only(loaded.env.data) as store:
            life = tracked.life(store)
    except StoreError:
        life = ()  # nothing was polled yet: the baseline is all there is
    standing = current(claims, life)
    if as_json:
        found = [
            {**asdict(claim), "life": [asdict(event) for event in life if event.claim_id == claim.id]}
            for claim in standing
        ]
        print(json.dumps(found, ensure_ascii=False, default=str))
        return
    for claim, first in zip(standing, claims, strict=True):
        _show(claim, first, [event for event in life if event.claim_id == claim.id])
    waiting = sum(event.state == "proposed" for event in life)
    out.print(f"{len(claims)} claims, {waiting} proposals wait for `reebot claims accept ID` or `reject ID`.")


def _show(claim: Claim, first: Claim, life: list[ClaimEvent]) -> None:
    out.print(Text(f"{claim.name}: {said(claim)}", style="bold"), Text(f"({claim.id})", style="dim"))
    out.print(Text(f"  {month(first.as_of)}  {said(first)}, {first.source}", style="dim"))
    confirmed = [event for event in life if event.state == "confirmed"]
    for event in life:
        if event.state not in ("baseline", "confirmed"):
            out.print(Text(f"  {_line(event)}", style="yellow" if event.state == "proposed" else ""))
    for event in confirmed[-_CONFIRMED:]:
        out.print(Text(f"  {event.at:%Y-%m-%d}  confirmed, {event.source}", style="dim"))
    if len(confirmed) > _CONFIRMED:
        out.print(Text(f"  confirmed {len(confirmed)} times in all", style="dim"))


def _line(event: ClaimEvent) -> str:
    what = event.status.replace("-", " ") or amount(
        event.value, event.value_to, event.unit, period=event.period, by=event.by
    )
    told = f"{event.at:%Y-%m-%d}  {event.number}: {event.verdict}, now {what} ({event.source or 'source unknown'}): {event.state}"
    return f"{told} by {event.decided_by}" if event.decided_by else told


@cli.command()
def accept(number: Number) -> None:
    """Make a proposal the new baseline. Stop the bot first."""
    _decide(number, accept=True)


@cli.command()
def reject(number: Number) -> None:
    """Keep the baseline; the same news will not be proposed again. Stop the bot first."""
    _decide(number, accept=False)


def _decide(number: int, *, accept: bool) -> None:
    loaded = load()
    known = {claim.id: claim for claim in baseline_of(loaded).claims}
    with Store.open_read_only(loaded.env.data):
        pass  # says so when there is nothing to decide yet, before a database is made
    try:
        with Store.open(loaded.env.data) as store:
            event = next((one for one in tracked.life(store) if one.number == number), None)
            if event is None or event.state != "proposed":
                fail(f"{number}: no proposal waits under this number; `reebot claims` shows those that do")
            if event.claim_id not in known:
                fail(f"{number}: its claim {event.claim_id} is no longer in the baseline")
            tracked.decide(store, decided(event, accept=accept, by=getpass.getuser(), at=utc_now()))
            name = known[event.claim_id].name
            print(f"{name}: {'accepted' if accept else 'rejected'}, {event.line or event.claim_id}")
    except LockedError as error:
        fail(f"{error}; decide while the bot is stopped")


def baseline_of(loaded: Config) -> Baseline:
    """The tracked claims and their words. Raises `ConfigError`."""
    return load_baseline(loaded.folder, loaded.concepts, (topic.id for topic in loaded.topics))
