"""Runs the service: scheduler up, scheduler down. The parts it works with come from parts.py.

The scheduler is only an alarm clock. What is due is a question to the database, so a missed tick, a jump of the
clock or a day of downtime can neither lose nor double anything.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from rich.console import Console

from bot import jobs, watch
from bot.channels import channels
from bot.config import Config, reload_rules
from bot.configured import Source
from bot.errors import BotError, ConfigError
from bot.ingest.http import Fetcher
from bot.ingest.reader import Reader
from bot.jobs import Parts, utc_now
from bot.notify.email import EmailChannel
from bot.notify.slack import SlackChannel
from bot.parts import open_parts
from bot.rulebook import rulebook_of
from bot.verdicts import UNREAD, WELL, in_words

log = structlog.get_logger("bot.app")
#: How long a clean stop may take. Hosts that run a Procfile kill about 30 s after SIGTERM.
STOP_WITHIN = timedelta(seconds=20)
POLL_EVERY = timedelta(seconds=5)
DELIVER_EVERY = timedelta(seconds=2)
DIGEST_EVERY = timedelta(seconds=30)
UPKEEP_EVERY = timedelta(hours=1)


class Service:
    """The bot while it runs: ticks that start work, and the work in flight."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        #: Source id -> its poll in flight.
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._ticks: set[asyncio.Task[object]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is in flight."""
        scheduler = AsyncIOScheduler(
            timezone="UTC",
            # Without these a late tick is dropped with a log line and nothing else.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        scheduler.add_listener(_log_trouble, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        jobs_by_name: dict[str, tuple[Callable[[], Awaitable[object]], timedelta]] = {
            "poll": (self._start_polls, POLL_EVERY),
            # `self._parts` is read when the work starts: a reload puts other parts there.
            "digest": (lambda: jobs.make_due_digests(self._parts), DIGEST_EVERY),
            "upkeep": (lambda: jobs.upkeep(self._parts), UPKEEP_EVERY),
            "backup": (lambda: jobs.back_up(self._parts), UPKEEP_EVERY),
        }
        for channel in self._parts.channels:
            # Each channel by itself: a mail server that lets us wait for minutes must not hold back an alert.
            deliver = partial(jobs.deliver, self._parts, channel, budget=jobs.ROUND)
            jobs_by_name[f"deliver-{channel}"] = (deliver, DELIVER_EVERY)
        for name, (work, every) in jobs_by_name.items():
            scheduler.add_job(
                self._tracked,
                "interval",
                [work],
                seconds=every.total_seconds(),
                next_run_time=utc_now(),
                id=name,
            )
        scheduler.start()
        sources = [source for source in self._parts.config.sources if source.enabled]
        log.info("started", sources=len(sources), rules=self._parts.rulebook.version)
        try:
            await stop.wait()
        finally:
            scheduler.pause()
            await self._finish()
            scheduler.shutdown(wait=False)
            log.info("stopped")

    async def reload(self) -> None:
        """Take the rules of the folder as they are now; where one is broken keep the old ones and say where.

        Polls in flight end under the rules they began with. Sources and settings need a restart.
        """
        old = self._parts.rulebook.version
        try:
            topics, concepts = await asyncio.to_thread(reload_rules, self._parts.config)
            config = replace(self._parts.config, topics=topics, concepts=concepts)
            rulebook = await asyncio.to_thread(rulebook_of, config)
        except ConfigError as error:
            for problem in error.problems:
                log.error(
                    "reload",
                    status="kept",
                    rules=old,
                    file=problem.file,
                    key=problem.key,
                    error=problem.message,
                )
            return
        self._parts = replace(self._parts, config=config, rulebook=rulebook)
        log.info("reload", status="ok", rules=rulebook.version, before=old)

    def start_reload(self) -> None:
        """Reload beside the work; for signal handlers, which can not wait."""
        task = asyncio.create_task(self.reload())
        self._ticks.add(task)
        task.add_done_callback(self._ticks.discard)

    async def _finish(self) -> None:
        # The scheduler's own waiting shutdown cancels what runs, so we wait for it ourselves.
        running = {*self._polls.values(), *self._ticks}
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=STOP_WITHIN.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _tracked(self, work: Callable[[], Awaitable[object]]) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._ticks.add(task)
        try:
            await work()
        finally:
            if task is not None:
                self._ticks.discard(task)

    async def _start_polls(self) -> None:
        # Started, not awaited: a source that hangs must not hold back the next tick.
        for source in await jobs.due_sources(self._parts):
            if source.id not in self._polls:
                self._polls[source.id] = asyncio.create_task(self._poll(source))

    async def _poll(self, source: Source) -> None:
        try:
            await jobs.poll_source(self._parts, source)
        finally:
            del self._polls[source.id]


async def probe(config: Config) -> tuple[tuple[str, str], ...]:
    """Try everything outside: (what, problem) for each source, Slack and the mail server; "" is no problem.

    Reads feeds and posts nothing.
    """

    async def tried(name: str, work: Awaitable[object]) -> tuple[str, str]:
        try:
            await work
        except BotError as error:
            return name, getattr(error, "reason", str(error))
        return name, ""

    async def looked(fetcher: Fetcher, reader: Reader, source: Source) -> tuple[str, str]:
        found = await watch.look(fetcher, reader, source, now=utc_now())
        # Not read, and yet it brought something: its fallback stands in.
        is_fine = found.kind in WELL or (found.kind in UNREAD and found.brings)
        return source.id, "" if is_fine else in_words(found.kind, found.detail)

    slack = config.settings.slack
    places = tuple(
        dict.fromkeys(filter(None, (slack.channel, *slack.topic_channels.values(), slack.operator_channel)))
    )
    made = channels(config, Console())
    async with Fetcher(config.settings.ingest, env=os.environ) as fetcher, Reader() as reader:
        work = [looked(fetcher, reader, source) for source in config.sources if source.enabled]
        for name, channel in made.items():
            match channel:
                case SlackChannel():
                    work.append(tried(name, channel.probe(places)))
                case EmailChannel():
                    work.append(tried(name, channel.probe()))
        return tuple(await asyncio.gather(*work))


async def serve(config: Config) -> None:
    """The service, until SIGTERM or SIGINT; SIGHUP makes it read the rules anew."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # Until there is a service a reload has nothing to change; without a handler the signal would end the process.
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    async with open_parts(config, Console()) as parts:
        service = Service(parts)
        loop.add_signal_handler(signal.SIGHUP, service.start_reload)
        await service.run(stop)


def _log_trouble(event: JobExecutionEvent) -> None:
    log.error("tick", job=event.job_id, error=repr(event.exception) if event.exception else "missed")
