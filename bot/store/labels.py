"""Pure. Labels to rows and back; evidence and score parts are JSON, whose numbers come back to the last digit."""

import json
from dataclasses import asdict

from pydantic import TypeAdapter

from bot.model import Evidence, Label, ScorePart
from bot.store.rows import Row, to_row

_EVIDENCE = TypeAdapter(tuple[Evidence, ...])
_PARTS = TypeAdapter(tuple[ScorePart, ...])


def label_row(label: Label) -> Row:
    """The columns of `labels` that a label fills: all but `item_key`."""
    return {
        **to_row(label),
        "evidence": json.dumps([asdict(piece) for piece in label.evidence], ensure_ascii=False),
        "rule_ids": json.dumps(label.rule_ids),
        "parts": json.dumps([asdict(part) for part in label.parts]),
    }


def label_from(row: Row) -> Label:
    """The label that a row of `labels` holds."""
    return Label(
        topic_id=row["topic_id"],
        score=row["score"],
        sure=bool(row["sure"]),
        evidence=_EVIDENCE.validate_json(row["evidence"]),
        rule_ids=tuple(json.loads(row["rule_ids"])),
        why=row["why"],
        parts=_PARTS.validate_json(row["parts"]),
        rules_version=row["rules_version"],
        rule_score=row["rule_score"],
        model_score=row["model_score"],
    )
