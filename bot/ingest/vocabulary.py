"""Pure. The elements of RSS, RDF and Atom by the part they play, as feedparser understands them; for quick.py.

An element that has no part here, and that feedparser has no rule for, is of no account. One that feedparser does have
a rule for, and this table has not, makes a document unusual: it then goes to feedparser. `tests/ingest/test_quick.py`
holds the names below against feedparser's own, so that a release which learns a new element fails there.
"""

#: The release that all this is known of; documents read by another are not recognised.
FEEDPARSER = "6.0.14"

#: Namespace, in small letters -> the prefix that feedparser gives it whatever the document says; "" for the feed's own.
NAMESPACES = {
    "http://backend.userland.com/rss": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://example.com/newformat#": "",
    "http://example.com/necho": "",
    "http://purl.org/echo/": "",
    "uri/of/echo/namespace#": "",
    "http://purl.org/pie/": "",
    "http://purl.org/atom/ns#": "",
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/rss/1.0/modules/rss091#": "",
    "http://webns.net/mvcb/": "admin",
    "http://purl.org/rss/1.0/modules/aggregation/": "ag",
    "http://purl.org/rss/1.0/modules/annotate/": "annotate",
    "http://media.tangent.org/rss/1.0/": "audio",
    "http://backend.userland.com/blogchannelmodule": "blogchannel",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://purl.org/rss/1.0/modules/company": "co",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://my.theinfo.org/changed/1.0/rss/": "cp",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/email/": "email",
    "http://purl.org/rss/1.0/modules/event/": "ev",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://freshmeat.net/rss/fm/": "fm",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://postneo.com/icbm/": "icbm",
    "http://purl.org/rss/1.0/modules/image/": "image",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://purl.org/rss/1.0/modules/link/": "l",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://madskills.com/public/xml/rss/module/pingback/": "pingback",
    "http://prismstandard.org/namespaces/1.2/basic/": "prism",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs",
    "http://purl.org/rss/1.0/modules/reference/": "ref",
    "http://purl.org/rss/1.0/modules/richequiv/": "reqv",
    "http://purl.org/rss/1.0/modules/search/": "search",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://schemas.xmlsoap.org/soap/envelope/": "soap",
    "http://purl.org/rss/1.0/modules/servicestatus/": "ss",
    "http://hacks.benhammersley.com/rss/streaming/": "str",
    "http://purl.org/rss/1.0/modules/subscription/": "sub",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://schemas.pocketsoap.com/rss/mydescmodule/": "szf",
    "http://purl.org/rss/1.0/modules/taxonomy/": "taxo",
    "http://purl.org/rss/1.0/modules/threading/": "thr",
    "http://purl.org/rss/1.0/modules/textinput/": "ti",
    "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://purl.org/rss/1.0/modules/wiki/": "wiki",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/xlink": "xlink",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://podlove.org/simple-chapters": "psc",
}
ATOM = "http://www.w3.org/2005/Atom"
RSS_1 = "http://purl.org/rss/1.0/"

_PARTS = {
    "rss": "rss",
    "rdf": "rdf:rdf",
    "feed": "feed",
    "channel": "channel",
    "entry": "item entry",
    "title": "title dc:title",
    "media-title": "media:title",
    "link": "link",
    "origlink": "feedburner:origlink",
    "id": "guid id",
    "published": "published issued pubdate dcterms:issued",
    "updated": "updated modified lastbuilddate dc:date dcterms:modified",
    "created": "created dcterms:created",
    "description": "description dc:description",
    "summary": "summary media:description itunes:summary",
    "content": "content content:encoded",
    "enclosure": "enclosure",
    "source": "source",
    "person": "author contributor",
    "name": "name url uri homepage email width height",
    "image": "image",
    "listing": "items",
    "media": "media:group media:content",
    # Text that feedparser keeps under names which are nothing to us.
    "aside": "managingeditor webmaster subtitle tagline rights copyright language category keywords generator cloud"
    " info expirationdate dc:author dc:creator dc:contributor dc:publisher dc:rights dc:language dc:subject"
    " media:category media:keywords media:rating media:credit media:restriction media:license media:player"
    " media:thumbnail itunes:author itunes:subtitle itunes:keywords itunes:category itunes:image itunes:link"
    " itunes:block itunes:explicit admin:generatoragent admin:errorreportsto feedburner:browserfriendly",
}
#: Name as feedparser spells it -> part.
PARTS = {name: part for part, names in _PARTS.items() for name in names.split()}

#: feedparser has rules for these, or keeps under these names what its rules then stumble over.
UNUSUAL = frozenset(
    [
        "abstract",
        "body",
        "fullitem",
        "newlocation",
        "tags",
        "textinput",
        "where",
        "geom",
        "georssgeom",
        "cc:license",
        "creativecommons:license",
        "dcterms:valid",
        "georss:box",
        "georss:line",
        "georss:point",
        "georss:polygon",
        "georss:where",
        "gml:exterior",
        "gml:linearring",
        "gml:linestring",
        "gml:point",
        "gml:polygon",
        "gml:pos",
        "gml:poslist",
        "itunes:email",
        "itunes:name",
        "itunes:owner",
        "psc:chapter",
        "psc:chapters",
        "xhtml:body",
        "authors",
        "contributors",
        "date",
        "entries",
        "guidislink",
        "href",
        "links",
        "publishers",
    ]
)
#: Ends of names of the like: any prefix with "parsed" would pass for a date read.
UNUSUAL_ENDS = frozenset(("parsed", "detail"))
#: Prefixes that mean something to feedparser, whatever namespace a document binds them to.
PREFIXES = frozenset(name.partition(":")[0] for name in (*PARTS, *UNUSUAL) if ":" in name) | {"xml", "xlink"}

_ANYWHERE = frozenset({"aside", "ignored"})
_HEAD = frozenset(
    # No summary: in the head of a feed it would bear on the first entry.
    {
        "title",
        "link",
        "id",
        "published",
        "updated",
        "created",
        "description",
        "person",
        "image",
        "listing",
        "entry",
    }
)
_ENTRY = frozenset(
    {
        "title", "media-title", "link", "origlink", "id", "published", "updated", "created", "description", "summary",
        "content", "enclosure", "source", "person", "media",
    }
)  # fmt: skip
#: Part -> what may stand inside; nothing but text in those that are not named. "" is the document.
INSIDE: dict[str, frozenset[str]] = {
    "": frozenset({"rss", "rdf", "feed"}),
    "rss": frozenset({"channel"}),
    "rdf": _ANYWHERE | {"channel", "entry", "image"},
    "feed": _ANYWHERE | _HEAD,
    "channel": _ANYWHERE | _HEAD,
    "image": frozenset({"title", "link", "description", "name"}),
    "listing": frozenset({"ignored"}),
    "entry": _ANYWHERE | _ENTRY,
    "person": frozenset({"name", "ignored"}),
    "media": _ANYWHERE | {"media", "media-title", "description", "summary"},
    "ignored": frozenset({"ignored"}),
}
