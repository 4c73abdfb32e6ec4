"""Editing sources.toml: what changes, what stays, what is refused."""

import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import load_sources
from bot.configured import PageSelectors, Source
from bot.errors import ConfigError
from bot.sourcefile import add, import_sources, remove, to_toml

SHIPPED = Path(__file__).parent.parent / "config" / "sources.toml"

FILE = """\
# The file speaks here.

# --- Official ---

# why alpha is here
[[source]]
id = "alpha"
url = "https://alpha.example/rss"  # beside a key
# below alpha's keys

# --- Press ---

[[source]]
id = "beta"
url = "https://beta.example/rss"
[source.headers]
X-Key = "BETA_KEY"

# query of gamma
[[source]]
id = "gamma"
url = "https://gamma.example/rss"
# the file ends here
"""

NEW = Source(
    id="new",
    url="https://new.example/rss?a=1",
    name='Новый "источник"\\',
    kind="page",
    language="ru",
    weight=1.3,
    topics=("sanctions",),
    user_agent="Mozilla/5.0",
    fallback_url="https://new.example/atom",
    enabled=False,
    note="two\nlines\x7f",
    headers={"X-Key": "NEW_KEY"},
    page=PageSelectors(item="li.item", title="h3 > a", date='time[title="x"]', month_first=True),
    article=True,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def ids(path: Path) -> list[str]:
    return [source.id for source in load_sources(path)]


def test_an_added_source_is_read_back_whole(path: Path) -> None:
    """Every field survives the way through the file, and all that stood there before stays to the letter."""
    add(path, NEW)

    assert load_sources(path)[-1] == NEW
    assert path.read_text(encoding="utf-8").startswith(FILE)


def test_only_what_differs_from_the_default_is_written() -> None:
    """A plain source is two keys, as a person would write it."""
    table = to_toml(Source(id="a", url="https://a.example/"))

    assert table == '[[source]]\nid = "a"\nurl = "https://a.example/"\n'


@settings(max_examples=50)
@given(name=st.text(st.characters(exclude_categories=["Cs"]), max_size=30), weight=st.floats(0.01, 1e6))
def test_any_text_survives_toml(name: str, weight: float) -> None:
    """Quotes, backslashes, control characters and foreign letters come back as they went in."""
    source = Source(id="a", url="https://a.example/", name=name, weight=weight, headers={name: name})

    (table,) = tomllib.loads(to_toml(source))["source"]

    assert table.get("name", "") == name
    assert table.get("weight", 1.0) == weight
    assert table["headers"] == {name: name}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "alpha", "url": "https://other.example/"}, "source[alpha].id: this id is taken"),
        ({"id": "other", "url": "https://alpha.example/rss"}, 'already polled as "alpha"'),
        ({"id": "Not An Id", "url": "https://other.example/"}, "expected small letters"),
        ({"id": "other", "url": "ftp://other.example/"}, "expected an http or https address"),
        ({"id": "other", "url": "https://other.example/", "weight": -1.0}, "expected a number above 0"),
        (
            {"id": "other", "url": "https://other.example/", "weight": float("nan")},
            "can not be edited safely",
        ),
        ({"id": "other", "url": "https://other.example/", "name": "\ud800"}, "half a character"),
    ],
)
def test_a_bad_source_is_refused_and_the_file_untouched(
    path: Path, change: dict[str, object], complaint: str
) -> None:
    """The error names the file that the user knows, and no temporary file is left behind."""
    with pytest.raises(ConfigError) as caught:
        add(path, Source(**change))  # type: ignore[arg-type]  # the table above holds the right types

    assert complaint in str(caught.value)
    assert str(path) in str(caught.value)
    assert path.read_text(encoding="utf-8") == FILE
    assert list(path.parent.iterdir()) == [path]


def test_a_topic_without_a_file_is_refused(path: Path) -> None:
    """Beside a topics folder, a source may only name topics that are there: the bot would not start otherwise."""
    (path.parent / "topics").mkdir()
    (path.parent / "topics" / "prices.toml").touch()

    with pytest.raises(ConfigError, match='unknown topic "sanctions"'):
        add(path, NEW)

    assert ids(path) == ["alpha", "beta", "gamma"]


def test_removing_takes_the_comments_that_touch_the_table(path: Path) -> None:
    """The comment right above and right below goes; the heading set apart by an empty line stays."""
    remove(path, "alpha")

    text = path.read_text(encoding="utf-8")
    assert ids(path) == ["beta", "gamma"]
    assert "why alpha" not in text
    assert "below alpha" not in text
    assert text.startswith("# The file speaks here.\n\n# --- Official ---\n\n# --- Press ---\n\n[[source]]")


def test_a_comment_that_opens_the_file_stays(path: Path) -> None:
    """It speaks of the whole file, even where it touches the first table."""
    path.write_text("# Our sources.\n" + FILE[FILE.index("[[source]]") :], encoding="utf-8")

    remove(path, "alpha")

    assert path.read_text(encoding="utf-8").startswith("# Our sources.\n")
    assert ids(path) == ["beta", "gamma"]


def test_removing_takes_subtables_and_leaves_the_next_comment(path: Path) -> None:
    """A [source.headers] table goes with its source; the comment that touches the next source stays with that."""
    remove(path, "beta")

    text = path.read_text(encoding="utf-8")
    assert ids(path) == ["alpha", "gamma"]
    assert "BETA_KEY" not in text
    assert "# --- Press ---\n\n# query of gamma\n[[source]]" in text


def test_removing_what_was_added_gives_the_file_back(path: Path) -> None:
    """Add and remove undo each other, up to the line ends at the end of the file."""
    add(path, NEW)

    remove(path, "new")

    assert path.read_text(encoding="utf-8").rstrip() == FILE.rstrip()


def test_unknown_and_last_sources_are_not_removed(path: Path) -> None:
    """A wrong id is an error, and so is a file without any source, which would not load."""
    with pytest.raises(ConfigError, match="no such source"):
        remove(path, "delta")
    remove(path, "alpha")
    remove(path, "beta")
    with pytest.raises(ConfigError, match="is the last source"):
        remove(path, "gamma")

    assert ids(path) == ["gamma"]


def test_import_adds_what_is_new_and_renames_on_a_clash(path: Path) -> None:
    """A known address is skipped; a taken id gets a number; the answer is what was added."""
    added = import_sources(
        path,
        [
            Source(id="x", url="https://alpha.example/rss"),
            Source(id="alpha", url="https://alpha.example/other"),
            Source(id="alpha", url="https://alpha.example/third"),
            Source(id="y", url="https://alpha.example/third"),
        ],
    )

    assert [source.id for source in added] == ["alpha-2", "alpha-3"]
    assert ids(path) == ["alpha", "beta", "gamma", "alpha-2", "alpha-3"]
    assert import_sources(path, added) == ()


def test_windows_line_ends_and_mode_are_kept(path: Path) -> None:
    """An edit does not mix line ends, and does not change who may read the file."""
    path.write_bytes(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode())
    path.chmod(0o640)

    add(path, NEW)
    remove(path, "beta")

    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert ids(path) == ["alpha", "gamma", "new"]


def test_a_link_stays_a_link(path: Path) -> None:
    """A configuration that is linked into place is edited where it lies."""
    link = path.parent / "linked.toml"
    link.symlink_to(path)

    add(link, NEW)

    assert link.is_symlink()
    assert ids(path)[-1] == "new"


@pytest.mark.parametrize(
    "text",
    [
        'source = [{id = "alpha", url = "https://a.example/"}, {id = "b", url = "https://b.example/"}]\n',
        '[[source]]\nid = "alpha"\nurl = "https://a.example/"\nnote = """\n[[source]]\n"""\n\n'
        '[[source]]\nid = "b"\nurl = "https://b.example/"\n',
        '[[source]]\nid = "alpha"\nurl = "https://a.example/"\nnote = """\n[x]\n"""\n\n'
        '[[source]]\nid = "b"\nurl = "https://b.example/"\n',
    ],
    ids=["inline array", "header inside a text", "other header inside a text"],
)
def test_a_layout_that_can_not_be_cut_is_left_alone(path: Path, text: str) -> None:
    """Where cutting by lines would spoil the file, it says so and changes nothing."""
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError):
        remove(path, "alpha")

    assert path.read_text(encoding="utf-8") == text


def test_every_shipped_source_can_be_removed_alone(tmp_path: Path) -> None:
    """In the shipped file, removing any one source leaves all others, and every heading, in place."""
    path = tmp_path / "sources.toml"
    shipped = load_sources(SHIPPED)
    headings = [line for line in SHIPPED.read_text(encoding="utf-8").split("\n") if line.startswith("# ---")]

    for source in shipped[::7]:
        path.write_bytes(SHIPPED.read_bytes())
        remove(path, source.id)

        left = [line for line in path.read_text(encoding="utf-8").split("\n") if line.startswith("# ---")]
        assert load_sources(path) == tuple(other for other in shipped if other is not source)
        assert left == headings
