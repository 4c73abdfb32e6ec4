"""Tables and numbered migrations: what users build on. Names change only by a new migration.

Times are ISO 8601 text in UTC, which sorts as time does. Lists and maps are JSON.
"""

import pysqlite3 as sqlite3

from bot.errors import StoreError

#: Migration -> its statements. A new one goes to the end, under the next number; one that was ever released is not edited.
MIGRATIONS = {
    "0001_first": """
create table sources (
    id text primary key,
    name text not null,
    url text not null,
    kind text not null,
    language text not null,
    weight real not null,
    enabled integer not null,
    topics text not null,
    note text not null
);
create table polls (
    source_id text primary key,
    etag text,
    last_modified text,
    body_hash text,
    next_poll_at text,
    polled_at text,
    ok_at text,
    failures integer not null,
    status text not null,
    error text not null
);
create table items (
    key text primary key,
    source_id text not null,
    guid text not null,
    url text not null,
    canonical_url text not null,
    title text not null,
    summary text not null,
    text text not null,
    language text not null,
    published_at text,
    first_seen_at text not null,
    scores text not null,
    rules_version text not null
);
create index items_by_time on items (first_seen_at);
create index items_by_source on items (source_id, first_seen_at);
create index items_by_address on items (canonical_url);
create table labels (
    item_key text not null references items (key),
    topic_id text not null,
    score real not null,
    sure integer not null,
    why text not null,
    evidence text not null,
    rule_ids text not null,
    rules_version text not null,
    primary key (item_key, topic_id)
);
create index labels_by_topic on labels (topic_id, score);
create table stories (
    id text primary key,
    title text not null,
    url text not null,
    topics text not null,
    first_seen_at text not null,
    last_seen_at text not null,
    item_count integer not null,
    level text not null
);
create index stories_by_time on stories (last_seen_at);
create table story_items (
    story_id text not null references stories (id),
    item_key text not null references items (key),
    reason text not null,
    action text not null,
    copy_of text,
    primary key (story_id, item_key)
);
create index story_items_by_item on story_items (item_key);
create table outbox (
    key text primary key,
    kind text not null,
    channel text not null,
    destination text not null,
    message text not null,
    state text not null check (state in ('pending', 'sending', 'sent', 'dead')),
    attempts integer not null,
    created_at text not null,
    due_at text not null,
    first_attempt_at text,
    last_attempt_at text,
    sent_at text,
    receipt text not null,
    landed text not null,
    error text not null
);
create index outbox_by_state on outbox (state, due_at);
create table digests (
    list_id text not null,
    local_date text not null,
    since_at text not null,
    until_at text not null,
    primary key (list_id, local_date)
);
create virtual table search using fts5 (
    key unindexed, title, body, tokenize = "unicode61 remove_diacritics 0"
);
""",
    "0002_cadence": """
alter table polls add column reason text not null default '';
alter table polls add column entries integer not null default 0;
alter table polls add column wishes text not null default '';
alter table polls add column requests integer not null default 0;
create table state (name text primary key, value text not null);
""",
    "0003_health": """
alter table polls add column verdict text not null default 'new';
alter table polls add column verdict_detail text not null default '';
alter table polls add column verdict_since_at text;
alter table polls add column read_via text not null default 'direct';
alter table polls add column moved_to text not null default '';
alter table polls add column health text not null default '{}';
""",
    "0004_identity": """
create table revisions (
    item_key text not null references items (key),
    title text not null,
    summary text not null,
    text text not null,
    seen_at text not null,
    action text not null,
    primary key (item_key, seen_at)
);
create table aliases (
    key text primary key,
    item_key text not null references items (key),
    source_id text not null
);
create index aliases_by_source on aliases (source_id);
create index items_by_title on items (source_id, title);
""",
    "0005_documents": """
create table documents (
    source_id text primary key,
    context text not null,
    items_hash text not null,
    slices text not null
);
""",
    "0006_lab": """
alter table labels add column parts text not null default '[]';
create table feedback (
    item_key text not null references items (key),
    topic_id text not null,
    is_right integer not null,
    score real not null,
    rules_version text not null,
    answered_by text not null,
    answered_at text not null,
    primary key (item_key, topic_id, answered_by)
);
""",
    "0007_model": """
alter table labels add column rule_score real not null default 0;
alter table labels add column model_score real;
update labels set rule_score = score;
""",
    "0008_stories": """
alter table stories add column source_count integer not null default 1;
alter table stories add column life text not null default 'opened';
alter table stories add column reopened_at text;
alter table stories add column merged_into text not null default '';
create table story_pins (
    item_key text not null references items (key),
    other_key text not null references items (key),
    together integer not null,
    pinned_at text not null,
    primary key (item_key, other_key)
);
create table traits (
    item_key text primary key references items (key),
    concepts text not null,
    direction blob not null
);
update stories set source_count = (
    select count(distinct source_id) from story_items join items on items.key = item_key where story_id = stories.id
) where item_count > 1;
""",
    "0009_facts": """
create table facts (
    item_key text not null references items (key),
    number integer not null,
    kind text not null,
    subject text not null,
    item text not null,
    value real not null,
    value_to real,
    unit text not null,
    currency text not null,
    per text not null,
    period text not null,
    date text not null,
    of text not null,
    vat text not null,
    is_previous integer not null,
    assumed text not null,
    field text not null,
    start integer not null,
    end integer not null,
    primary key (item_key, number)
);
create index facts_by_subject on facts (subject, kind);
""",
    "0010_claims": """
create table claims (
    number integer primary key,
    claim_id text not null,
    state text not null check (state in ('baseline', 'proposed', 'accepted', 'rejected', 'confirmed')),
    verdict text not null,
    value real,
    value_to real,
    unit text not null,
    period text not null,
    due text not null,
    status text not null,
    source text not null,
    item_key text not null,
    line text not null,
    at text not null,
    decided_by text not null,
    decided_at text
);
create index claims_by_claim on claims (claim_id, at);
create table prices (
    material text not null,
    form text not null,
    unit text not null,
    basis text not null,
    item_key text not null references items (key),
    source_id text not null,
    value real not null,
    value_to real,
    at text not null,
    change real,
    held text not null,
    primary key (item_key, material, form, unit, basis)
);
create index prices_by_series on prices (material, form, unit, basis, at);
create table severities (
    item_key text primary key references items (key),
    score real not null,
    level text not null,
    parts text not null,
    at text not null
);
""",
    # Holds all that a source's rhythm is learnt from, so that the wide rows are not read for it.
    "0011_rhythm": """
drop index items_by_source;
create index items_by_source on items (source_id, first_seen_at, published_at, key);
""",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to this version's schema. Raises `StoreError` if it is newer than we know."""
    applied = _applied(connection)
    unknown = [name for name in applied if name not in MIGRATIONS]
    if unknown:
        raise StoreError(
            f"the database has a newer schema ({', '.join(unknown)}) than this version of reebot knows: "
            "update reebot, or point BOT_DATA at another folder"
        )
    if len(applied) == len(MIGRATIONS):
        return
    # Imported where there is something to do: with numpy, which it brings along, it doubles the start of a poll.
    from sqlite_utils import Database, Migrations

    migrations = Migrations("reebot")
    for name, script in MIGRATIONS.items():

        @migrations(name=name)
        def step(db: Database, script: str = script) -> None:
            for statement in script.split(";\n"):
                if statement.strip():
                    db.execute(statement)

    migrations.apply(Database(connection))


def _applied(connection: sqlite3.Connection) -> list[str]:
    """The migrations that sqlite-utils has noted down."""
    noted = "select name from sqlite_master where name = '_sqlite_migrations'"
    if connection.execute(noted).fetchone() is None:
        return []
    rows = connection.execute("select name from _sqlite_migrations where migration_set = 'reebot'").fetchall()
    return [name for (name,) in rows]
