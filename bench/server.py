"""Serves the made-up feeds on loopback, in a process of its own so that its work is counted with nobody's.

    python -m bench.server FEEDS PORT

`/say/SITUATION?delay=SECONDS` sets what is served from then on: "cold" and "warm" the base with ETags honoured,
"warm200" the base, whole each time, "tick" and "churn" the documents of that state.
"""

import asyncio
import gzip
import hashlib
import sys

from aiohttp import web

from bench.documents import make_feed

_STATES = {"cold": "base", "warm": "base", "warm200": "base", "tick": "tick", "churn": "churn"}


def main() -> None:
    """Serve until killed."""
    feeds, port = int(sys.argv[1]), int(sys.argv[2])
    packed: dict[str, tuple[bytes, str, str]] = {}
    for number in range(feeds):
        feed = make_feed(number)
        for state, body in feed.bodies.items():
            kind = "application/atom+xml" if b"<feed" in body[:200] else "application/rss+xml"
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            packed[f"{feed.name}/{state}"] = gzip.compress(body, 6, mtime=0), etag, kind
    situation: dict[str, str | float] = {"name": "cold", "delay": 0.0}

    async def say(request: web.Request) -> web.Response:
        situation.update(name=request.match_info["name"], delay=float(request.query.get("delay", 0)))
        return web.Response(text="ok")

    async def feed_of(request: web.Request) -> web.Response:
        if situation["delay"]:
            await asyncio.sleep(float(situation["delay"]))
        name = str(situation["name"])
        body, etag, kind = packed[f"{request.match_info['name']}/{_STATES[name]}"]
        if name != "warm200" and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        headers = {"ETag": etag, "Content-Type": kind, "Content-Encoding": "gzip"}
        return web.Response(body=body, headers=headers)

    app = web.Application()
    app.router.add_get("/say/{name}", say)
    app.router.add_get("/{name}", feed_of)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main()
