"""Documents made to hurt, for the fault tests: small ones that become large, and markup that becomes long work."""

LAUGHS = (
    b'<!DOCTYPE rss [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><rss><channel><item><title>&j;</title></item></channel></rss>"
)
#: 92 kB that feedparser takes 5 s and a gigabyte for: it keeps entities that stand on lines of their own.
QUADRATIC = (
    b'<!DOCTYPE rss [\n<!ENTITY a "%s">\n]>' % (b"Sanctions " * 8_000)
    + b'<rss version="2.0"><channel><item><title>x</title><description>%s</description></item></channel></rss>'
    % (b"&a;" * 4_000)
)
#: The same behind a comment that is longer than anyone would read, and that seems to hold the first element.
BEHIND = b"<!-- <rss" + b" -x" * 30_000 + b"-->" + QUADRATIC
#: The same in letters that only join when what XML forbids is taken out.
SPLIT = QUADRATIC.replace(b"ENTITY", b"EN\x01TI&#0;TY")

#: Markup of one entry.
TANGLED = {tag: f"<{tag}>" * 50_000 for tag in ("div", "b", "x", "table", "a href='x'")} | {
    "end tags": "<x>" * 20_000 + "<rt>" * 55_000,
    "attributes": "<x " + " ".join(f"a{n}" for n in range(40_000)) + ">",
}
