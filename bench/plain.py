"""The plain loop that reebot is measured against: httpx, feedparser, sqlite3; conditional GET; one by one.

python -m bench.plain FEEDS PORT DATABASE
"""

import io
import sqlite3
import sys

import feedparser
import httpx


def main() -> None:
    """Poll every feed once."""
    feeds, port, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    db = sqlite3.connect(path)
    db.execute("create table if not exists feeds (name text primary key, etag text, modified text)")
    db.execute(
        "create table if not exists entries (feed text, id text, title text, link text, summary text, published text,"
        " primary key (feed, id))"
    )
    with httpx.Client(timeout=30) as client:
        for number in range(feeds):
            name = f"f{number}"
            known = db.execute("select etag, modified from feeds where name = ?", [name]).fetchone()
            headers = {"If-None-Match": known[0]} if known and known[0] else {}
            answer = client.get(f"http://127.0.0.1:{port}/{name}", headers=headers)
            if answer.status_code == 304:
                continue
            found = feedparser.parse(io.BytesIO(answer.content), response_headers=dict(answer.headers))
            rows = [
                (
                    name,
                    e.get("id") or e.get("link"),
                    e.get("title"),
                    e.get("link"),
                    e.get("summary"),
                    e.get("published"),
                )
                for e in found.entries
            ]
            db.executemany("insert or ignore into entries values (?, ?, ?, ?, ?, ?)", rows)
            db.execute(
                "insert or replace into feeds values (?, ?, ?)",
                [name, answer.headers.get("etag"), answer.headers.get("last-modified")],
            )
            db.commit()


if __name__ == "__main__":
    main()
