"""Draw the README's pictures: an alert as Slack shows it, and the digest mail, in headless Chromium.

    .venv/bin/python docs/pictures.py docs/pictures

The news is made up from the kind of thing that happens; messages come from the bot's own renderers. Slack itself is
not needed: a small page draws our Block Kit JSON the way Slack does. Needs `chromium` and, for Chinese, a CJK font.
"""

import html
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.model import Alert, Coverage, Digest, DigestEntry, DigestSection, Reason
from bot.notify.blocks import render
from bot.notify.digestmail import render_html

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)

ALERTS = (
    Alert(
        story_id="1",
        item_key="1",
        title="Лицензию на доизучение Томтора продлили до 2031 года",
        url="https://news.example/ru/1",
        summary="Роснедра перенесли срок ввода опытного участка; запасы оксида ниобия и редкоземельных металлов пересчитают весной.",
        source_name="Vestnik Nedr",
        language="ru",
        published_at=NOW - timedelta(minutes=41),
        first_seen_at=NOW - timedelta(minutes=38),
        level="now",
        reasons=(
            Reason(
                topic_id="russia-ree",
                topic_name="Russia's rare earths",
                score=0.94,
                why="names a Russian deposit and a licence",
                terms=("Томтора (Tomtor)", "Лицензию (licence)", "редкоземельных (rare-earth)"),
            ),
        ),
    ),
    Alert(
        story_id="2",
        item_key="2",
        title="商务部:对七类中重稀土相关物项实施出口许可管理",
        url="https://news.example/zh/2",
        summary="公告自发布之日起实施;钐、钆、铽、镝、镥、钪、钇的氧化物与合金须逐单申请许可。",
        source_name="有色金属快讯",
        language="zh",
        published_at=NOW - timedelta(minutes=16),
        first_seen_at=NOW - timedelta(minutes=12),
        level="now",
        reasons=(
            Reason(
                topic_id="sanctions",
                topic_name="Sanctions and export controls",
                score=0.91,
                why="export control named with rare earths",
                terms=("出口许可 (export licence)", "稀土 (rare earths)"),
            ),
            Reason(
                topic_id="china-pricing",
                topic_name="Chinese pricing",
                score=0.66,
                why="supply measure on priced oxides",
                terms=("铽 (terbium)", "镝 (dysprosium)"),
            ),
        ),
    ),
    Alert(
        story_id="3",
        item_key="3",
        title="EU lists two Siberian processors of rare-earth concentrate in draft package",
        url="https://news.example/en/3",
        summary="Ambassadors may approve the listing on Thursday; existing magnet contracts would get a wind-down until March.",
        source_name="Brussels Trade Wire",
        language="en",
        published_at=NOW - timedelta(minutes=7),
        first_seen_at=NOW - timedelta(minutes=5),
        level="now",
        reasons=(
            Reason(
                topic_id="sanctions",
                topic_name="Sanctions and export controls",
                score=0.88,
                why="a sanctions package names a Russian rare-earth company",
                terms=("package", "lists", "rare-earth"),
            ),
        ),
    ),
)


def entry(title: str, language: str, sources: tuple[str, ...], hours: float, summary: str, why: str, *terms: str, **more: Any) -> DigestEntry:  # fmt: skip
    """One story of the made-up day."""
    at = NOW - timedelta(hours=hours)
    known: dict[str, Any] = {"score": 0.8, "sure": True, **more}
    return DigestEntry(
        title=title,
        url="https://news.example/story",
        summary=summary,
        language=language,
        published_at=at,
        first_seen_at=at,
        sources=sources,
        why=why,
        terms=terms,
        **known,
    )


DIGEST = Digest(
    list_id="analysts",
    local_date=date(2026, 11, 24),
    timezone="Europe/Berlin",
    since_at=NOW - timedelta(days=1),
    until_at=NOW,
    sections=(
        DigestSection(
            topic_id="russia-ree",
            topic_name="Russia's rare earths",
            entries=(
                entry(
                    ALERTS[0].title,
                    "ru",
                    ("Vestnik Nedr", "Sibir Segodnya", "Mining Daily"),
                    0.7,
                    ALERTS[0].summary,
                    *(ALERTS[0].reasons[0].why, *ALERTS[0].reasons[0].terms),
                ),
                entry(
                    "Solikamsk works reports first separated neodymium for a domestic magnet line",
                    "en",
                    ("Urals Business Review",),
                    9.2,
                    "The trial lot is small, 400 kg, yet it is the first that did not have to be separated abroad.",
                    "names a Russian producer and a separated product",
                    "Solikamsk",
                    "neodymium",
                    "magnet",
                ),
                entry(
                    "Ловозерский ГОК ищет подрядчика для новой обогатительной линии",
                    "ru",
                    ("Kola Online",),
                    15,
                    "Заявки принимают до середины декабря.",
                    "names a Russian mine",
                    "Ловозерский (Lovozero)",
                    sure=False,
                ),
            ),
        ),
        DigestSection(
            topic_id="sanctions",
            topic_name="Sanctions and export controls",
            entries=(
                entry(
                    ALERTS[1].title,
                    "zh",
                    ("有色金属快讯", "Strategic Metals Monitor"),
                    0.3,
                    ALERTS[1].summary,
                    *(ALERTS[1].reasons[0].why, *ALERTS[1].reasons[0].terms),
                    also=("Chinese pricing",),
                ),
                entry(
                    ALERTS[2].title,
                    "en",
                    ("Brussels Trade Wire",),
                    0.1,
                    ALERTS[2].summary,
                    *(ALERTS[2].reasons[0].why, *ALERTS[2].reasons[0].terms),
                ),
            ),
        ),
        DigestSection(
            topic_id="china-pricing",
            topic_name="Chinese pricing",
            entries=(
                entry(
                    "氧化镨钕报价连涨三日,吨价突破六十二万元",
                    "zh",
                    ("稀土行情网",),
                    4.5,
                    "磁材厂年底补库,分离企业惜售;氧化镝持稳。",
                    "price of a rare-earth oxide in China",
                    "氧化镨钕 (Pr-Nd oxide)",
                    "报价 (quote)",
                    "吨价 (price per tonne)",
                ),
            ),
            more=2,
        ),
    ),
    coverage=Coverage(
        items=1483,
        hits=17,
        stories=8,
        sources_read=71,
        sources_unread=(("Arctic Mining Gazette", "time-out"), ("盛京矿业报", "HTTP 403")),
    ),
)

SLACK = """<!doctype html><meta charset="utf-8"><style>
:root { --bg: #fff; --ink: #1d1c1d; --dim: #616061; --link: #1264a3; --code: #c01343; --edge: #dddddd; --soft: #f8f8f8; --bar: #eee; }
.dark { --bg: #1a1d21; --ink: #d1d2d3; --dim: #ababad; --link: #1d9bd1; --code: #e8912d; --edge: #3c3f44; --soft: #222529; --bar: #2c2f33; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.4667 Lato, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
header { padding: 12px 20px; border-bottom: 1px solid var(--bar); font-weight: 800; font-size: 17px; }
article { display: grid; grid-template-columns: 36px 1fr; gap: 10px; padding: 10px 20px; }
.face { width: 36px; height: 36px; border-radius: 8px; background: #0b4a50; color: #fff; font: 700 13px/36px sans-serif; text-align: center; }
.who { font-weight: 800; } .app { font-size: 10px; font-weight: 600; background: var(--bar); color: var(--dim); padding: 1px 4px; border-radius: 3px; margin: 0 4px; vertical-align: 1px; }
.dim { color: var(--dim); font-size: 12px; } a { color: var(--link); text-decoration: none; }
ul { margin: 2px 0 0; padding-left: 22px; } code { font: 12px/1.5 "DejaVu Sans Mono", "Noto Sans CJK SC", monospace; color: var(--code); background: var(--soft); border: 1px solid var(--edge); border-radius: 3px; padding: 2px 3px 1px; }
.rt { white-space: pre-wrap; } .ctx { color: var(--dim); font-size: 13px; margin-top: 5px; }
</style>"""


def slack_page(alerts: tuple[Alert, ...], look: str) -> str:
    """A channel with these alerts."""
    rows = [f'{SLACK}<body class="{look}"><header># rare-earths</header>']
    for alert in alerts:
        blocks: Any = render(alert)["blocks"]
        at = f"{alert.first_seen_at:%H:%M}"
        head = f'<span class="who">reebot</span><span class="app">APP</span> <span class="dim">{at}</span>'
        rows.append(
            f'<article><div class="face">ree</div><div>{head}{"".join(map(draw, blocks))}</div></article>'
        )
    return "".join(rows)


def draw(part: dict[str, Any]) -> str:
    """One part of a block as HTML."""
    inner = "".join(draw(element) for element in part.get("elements", ()))
    match part["type"]:
        case "rich_text":
            return f'<div class="rt">{inner}</div>'
        case "rich_text_list":
            items = "".join(f"<li>{draw(element)}</li>" for element in part["elements"])
            return f"<ul>{items}</ul>"
        case "rich_text_section":
            return f"<div>{inner}</div>"
        case "context":
            return f'<div class="ctx">{inner}</div>'
        case "plain_text":
            return html.escape(part["text"])
        case "text" | "link":
            words = html.escape(part["text"])
            style = part.get("style", {})
            words = f"<code>{words}</code>" if style.get("code") else words
            words = f"<b>{words}</b>" if style.get("bold") else words
            return f'<a href="#">{words}</a>' if part["type"] == "link" else words
    raise ValueError(f"do not know how to draw {part['type']}")


def shoot(page: str, target: Path, *, width: int, height: int, dark: bool = False, scale: float = 1) -> None:
    """A page as PNG."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        sys.exit("chromium is needed; on Debian: apt-get install chromium fonts-noto-cjk")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page)
        # The window of headless Chromium is never below 500 px, so that a phone is a frame in it.
        if width < 500:
            frame = Path(folder) / "frame.html"
            frame.write_text(
                f'<body style="margin:0"><iframe src="page.html" style="border:0;width:{width}px;height:{height}px">'
            )
            source = frame
        subprocess.run(  # noqa: S603  our own page in the browser found above
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--screenshot={target}",
             f"--window-size={max(width, 500)},{height}", f"--force-device-scale-factor={scale}",
             f"--user-data-dir={folder}/profile",
             *(["--blink-settings=preferredColorScheme=0"] if dark else ["--blink-settings=preferredColorScheme=1"]),
             source.as_uri()],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip


def main(folder: Path, *, every: bool) -> None:
    """The two pictures of the README; with `every` also the other looks, for a check by eye."""
    folder.mkdir(parents=True, exist_ok=True)
    mail = render_html(DIGEST)
    shoot(slack_page(ALERTS, "light"), folder / "alert.png", width=760, height=590, scale=1.4)
    shoot(mail, folder / "digest.png", width=700, height=1450)
    if every:
        shoot(slack_page(ALERTS, "dark"), folder / "alert-dark.png", width=760, height=590)
        shoot(slack_page(ALERTS, "light"), folder / "alert-375.png", width=375, height=900)
        shoot(mail, folder / "digest-dark.png", width=800, height=1330, dark=True)
        shoot(mail, folder / "digest-375.png", width=375, height=1800)
        shoot(mail, folder / "digest-375-dark.png", width=375, height=1800, dark=True)
        shoot(render_html(EMPTY), folder / "digest-empty.png", width=700, height=330)


EMPTY = Digest(
    list_id="analysts",
    local_date=DIGEST.local_date,
    timezone="Europe/Berlin",
    since_at=DIGEST.since_at - timedelta(days=2),
    until_at=DIGEST.until_at,
    sections=(),
    coverage=Coverage(items=212, hits=0, stories=0, sources_read=73),
)

if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures"), every="--every" in sys.argv)
