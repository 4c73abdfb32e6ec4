"""Encodings: readable text whatever header and document claim."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ingest.charset import decode, mend

RU = "Редкоземельные металлы подорожали на бирже"
ZH = "稀土价格上涨，氧化镨钕报价走高"
TW = "稀土價格上漲，中國商務部公布出口管制"
FR = "Le prix de l’énergie a été élevé dès l’été, déjà"
#: Claims in the header, none true for all.
CLAIMS = [
    "",
    "text/xml; charset=utf-8",
    "text/xml; charset=ISO-8859-1",
    'text/xml; charset="nonsense"',
    "text/html",
]


def feed(text: str, claim: str) -> str:
    """A small feed with a claim of its own in the prolog."""
    prolog = f'<?xml version="1.0" encoding="{claim}"?>' if claim else ""
    return f"{prolog}<rss><channel><item><title>{text}</title></item></channel></rss>"


@pytest.mark.parametrize("header", CLAIMS)
@pytest.mark.parametrize("prolog", ["", "utf-8", "windows-1252"])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RU, "utf-8"),
        (RU, "utf-8-sig"),
        (RU, "cp1251"),
        (RU, "koi8-r"),
        (RU, "utf-16"),
        (RU, "utf-16-le"),
        (RU, "utf-16-be"),
        (RU, "utf-32"),
        (ZH, "utf-8"),
        (ZH, "gb18030"),
        (ZH, "utf-16-le"),
        (TW, "big5"),
        (FR, "utf-8"),
        (FR, "cp1252"),
    ],
)
def test_lies_about_the_encoding_are_seen_through(text: str, encoding: str, prolog: str, header: str) -> None:
    """Header and prolog may say what they like: the text comes out as written."""
    written = feed(text, prolog)

    assert decode(written.encode(encoding), header) == written


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("レアアースの輸出規制を強化", "euc-jp"), ("희토류 수출 통제", "euc-kr"), ("Привіт, світе", "cp1251")],
)
def test_true_claim_is_believed(text: str, encoding: str) -> None:
    """Encodings that we would not guess are read where the document names them."""
    written = feed(text, encoding)

    assert decode(written.encode(encoding)) == written


def test_7_bit_encoding_is_read_by_its_claim() -> None:
    """ISO-2022 looks like ASCII and is not."""
    written = feed("レアアース", "iso-2022-jp")

    assert decode(written.encode("iso-2022-jp")) == written


@pytest.mark.parametrize("claim", ["zip", "rot13", "base64", "idna", "\ud800", "x" * 99])
def test_claim_that_names_no_text_encoding_is_ignored(claim: str) -> None:
    """Python knows codecs that are none."""
    assert decode(feed(RU, "").encode("cp1251"), f"text/xml; charset={claim}") == feed(RU, "")


def test_few_bad_bytes_do_not_spoil_the_rest() -> None:
    """UTF-8 with a wrong byte in it, or cut inside a character, stays UTF-8."""
    written = feed(RU, "utf-8").encode()

    assert RU[:10] in decode(written.replace("на".encode(), b"\xff"))
    assert decode(feed(RU, "")[:40].encode()[:-1]).startswith("<rss><channel><item><title>Редк")


@given(st.binary(max_size=300), st.sampled_from([*CLAIMS, "charset=utf-16", "charset=gb2312", "charset=hz"]))
@settings(max_examples=60, deadline=None)
def test_any_bytes_decode(body: bytes, header: str) -> None:
    """No bytes and no claim raise an error."""
    for mark in (b"", codecs.BOM_UTF16_LE, b"<\0", b"<a>"):
        assert isinstance(decode(mark + body, header), str)


def misread(text: str, right: str, wrong: str) -> str:
    """The text as a program shows it that took one encoding for another; undefined bytes become controls."""
    return "".join(
        bytes([byte]).decode(wrong, "ignore") or bytes([byte]).decode("latin-1")
        for byte in text.encode(right)
    )


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (RU, "utf-8", "cp1252"),
        (RU, "utf-8", "cp1251"),
        (RU, "utf-8", "latin-1"),
        (RU, "cp1251", "cp1252"),
        (ZH, "utf-8", "cp1252"),
        (FR, "utf-8", "cp1252"),
    ],
)
def test_mojibake_is_mended(text: str, right: str, wrong: str) -> None:
    """Text that was decoded wrongly before it reached us is read again the right way."""
    damaged = misread(text, right, wrong)

    assert damaged != text
    assert mend(damaged) == text


@pytest.mark.parametrize(
    "text",
    [
        RU,
        ZH,
        FR,
        "plain",
        "",
        "Ärzte, Öl, Übergröße — “ça” à côté",
        "«Роснедра» — РС, РЖД, Р–С",
        "Ñandú ÃO ÊÊÊÊ ÀÀÀÀ",
    ],
)
def test_sound_text_is_left_alone(text: str) -> None:
    """Accents, capitals and quotation marks are no damage."""
    assert mend(text) == text


@given(st.text(max_size=100))
@settings(max_examples=60, deadline=None)
def test_mend_takes_any_text(text: str) -> None:
    """No text raises an error."""
    assert isinstance(mend(text), str)
