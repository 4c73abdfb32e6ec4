"""Pure. Which wall stands before a source: a bot check, a log-in page, a consent page.

Judged from the status, the headers and the beginning of the body, never from one word alone: half the web is served
through Cloudflare, and a news page with a cookie banner is no consent page. Order: what a guard service says of
itself, then log-in, then consent, then a check by an unknown guard. None where it looks like none of them; a bare
403 is a refusal, whose reason is not known.
"""

import re
from collections.abc import Mapping

#: Of a body, so many characters are looked at.
LOOKED_AT = 8_000
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_HTML = re.compile(
    r"\s{0,200}(?:<\?xml[^>]{0,200}>|<!--.{0,2000}?-->|\s){0,20}<(?:!doctype\s+html|html|head|body|script|meta|title)\b",
    re.IGNORECASE | re.DOTALL,
)
#: An answer with these may be a refusal; with 200 only a page that says so itself counts.
_REFUSALS = frozenset({401, 403, 405, 406, 412, 418, 429, 444, 456, 468, 502, 503, 521})

_CLOUDFLARE = re.compile(
    r"cf-browser-verification|/cdn-cgi/challenge-platform|cf_chl_|_cf_chl_opt|challenges\.cloudflare\.com"
    r"|attention required! \| cloudflare|cf-error-details.{0,3000}(?:been blocked|access denied|banned)"
    r"|^\s*error code: 10(?:0[5-9]|10|12|15|20)\s*$",
    re.DOTALL,
)
_CLOUDFLARE_WAIT = re.compile(r"just a moment|один момент|请稍候|checking your browser")
_DATADOME = re.compile(r"captcha-delivery\.com|var\s+dd\s*=\s*\{|js\.datadome\.co|datadome")
_QRATOR = re.compile(r"__qrator|qauth_utm|qrator_js|\bqrator\b")
_DDOS_GUARD = re.compile(r"ddos-guard|/\.well-known/ddos-guard")
_SERVICEPIPE = re.compile(r"servicepipe|id_spinner.{0,500}get_cookie_spsc", re.DOTALL)
_IMPERVA = re.compile(r"_incapsula_resource|incapsula incident|imperva")
_AKAMAI = re.compile(
    r"errors\.edgesuite\.net|akamai.{0,40}bot|reference\s*(?:&#32;)?#?\s*(?:&#35;)?18\.[0-9a-f]"
)
_PERIMETERX = re.compile(r"px-captcha|_pxappid|perimeterx")
_AWS = re.compile(r"awswafcookiedomainlist|awswafintegration|token\.awswaf\.com")
_YANDEX = re.compile(r"smartcaptcha|/showcaptcha|checkcaptcha")
_ALIYUN = re.compile(
    r"acw_sc__v2|errors\.aliyun\.com|aliyun_waf|nocaptcha.{0,200}aliyun|aliyuncaptcha", re.DOTALL
)
_JIASULE = re.compile(r"__jsl_clearance|__jsluid|jiasule|yunsuo_session|知道创宇")
#: What unknown guards say to people.
_CHECK = re.compile(
    r"(?:are|that) you(?:'re| are)? (?:a human|human|not a robot|a robot)|verify(?:ing)? (?:that )?you(?:'re| are) (?:a )?human"
    r"|g-recaptcha|h-captcha|hcaptcha\.com|unusual (?:traffic|activity)|automated (?:requests|access|queries)"
    r"|access (?:to this page )?(?:has been|is) (?:denied|blocked)|bot (?:protection|detection)|request blocked"
    r"|вы не робот|не робот|подтвердите, что (?:запросы|вы)|проверка (?:вашего )?браузера|проверяем ваш браузер"
    r"|автоматическ\w+ (?:запрос|обращени)|доступ (?:к \S+ )?(?:ограничен|заблокирован|запрещ[её]н)|подозрительн\w+ (?:активност|трафик)"
    r"|安全验证|人机验证|滑动验证|请完成验证|验证您是真人|访问(?:被拒绝|被阻断|过于频繁|受限)|请求(?:被拦截|已被拦截|存在威胁)|拦截提示|浏览器安全检查"
)
_CHECK_TITLE = re.compile(
    r"captcha|are you (?:a )?(?:human|robot)|access (?:denied|blocked)|robot check|security check|human verification|bot check"
    r"|капча|проверка безопасности|доступ (?:ограничен|заблокирован|запрещ[её]н)|вы не робот|проверка браузера"
    r"|验证码|安全验证|访问验证|人机验证|访问被拒绝|拦截|安全检查"
)

_LOGIN_TITLE = re.compile(
    r"^\W*(?:log ?-?in|sign ?-?in|please (?:log|sign) in|authenti\w+|member login|single sign-on"
    r"|вход|войти|авторизация|аутентификация|личный кабинет"
    r"|(?:用户|会员|账号|账户|统一身份|请)?(?:登录|登陆|认证))"
    r"|[-–—|:·_]\s*(?:log ?in|sign ?in|вход|авторизация|登录|登陆)\W*$"
)
_LOGIN_ADDRESS = re.compile(
    r"/(?:log-?in|sign-?in|signon|auth|oauth2?|sso|passport|accounts?/login|user/login|cas/login|vhod)(?:[/?.#]|$)"
    r"|//(?:login|auth|sso|passport|id|accounts?)\."
)
_PASSWORD = re.compile(r"<input[^>]{0,300}type\s*=\s*[\"']?password")

_CONSENT_TITLE = re.compile(
    r"before you continue|your privacy|we value your privacy|privacy (?:settings|choices|gate|wall)|cookie (?:consent|settings|wall)"
    r"|consent|data protection (?:settings|choices)"
    r"|прежде чем (?:перейти|продолжить)|перед тем,? как (?:перейти|продолжить)|согласие на (?:обработку|использование)"
    r"|настройки (?:конфиденциальности|cookie)"
    r"|在(?:您)?继续(?:之前|前往)|继续前|隐私(?:设置|权限|偏好)|cookie ?(?:同意|设置|授权)"
)
_CONSENT_ADDRESS = re.compile(
    r"//(?:[\w-]+\.)*(?:consent|cmp|privacy-?gate|myprivacy)[\w-]*\.|/(?:consent|privacy-?gate|cookiewall|cookie-consent)(?:[/?.#]|$)"
)
_CONSENT_FORM = re.compile(r"action\s*=\s*[\"']?[^\"'> ]{0,200}consent")


def is_html(head: str) -> bool:
    """Whether a body begins as a web page does."""
    return bool(_HTML.match(head))


def page_title(head: str) -> str:
    """The title of a web page on one line; empty where it has none."""
    found = _TITLE.search(head)
    return " ".join(found[1].split()) if found else ""


def which_wall(status: int | None, headers: Mapping[str, str], head: str, *, url: str = "") -> str:
    """Who or what stands in the way ("Cloudflare", "a log-in page", ...), or nothing.

    `headers` by name in lower case, `head` the decoded beginning of the body, `url` where the answer came from in
    the end.
    """
    if status is None:
        return ""
    text = head[:LOOKED_AT].lower()
    page = is_html(text)
    if status not in _REFUSALS and not (page and status < 500):
        return ""
    return (
        _service(status, headers, text)
        or _login(status, headers, text, url.lower())
        or _consent(text, url.lower())
        or _unknown_guard(status, text)
    )


def _service(status: int, headers: Mapping[str, str], text: str) -> str:
    """A guard service, by its own marks."""
    server = headers.get("server", "").lower()
    cookies = headers.get("set-cookie", "").lower()
    refused = status in _REFUSALS
    if "cf-mitigated" in headers or _CLOUDFLARE.search(text):
        return "Cloudflare"
    if ("cloudflare" in server or "cf-ray" in headers) and _CLOUDFLARE_WAIT.search(page_title(text)):
        return "Cloudflare"
    # Its header alone stands on every page of a site that uses it.
    if _DATADOME.search(text) or (refused and ("x-datadome" in headers or "datadome" in server)):
        return "DataDome"
    if "qrator" in server and refused and status != 502 and status != 503:
        return "Qrator"
    if _QRATOR.search(text) or (refused and "qrator_js" in cookies):
        return "Qrator"
    if (refused and "ddos-guard" in server) or (_DDOS_GUARD.search(text) and _CHECK.search(text)):
        return "DDoS-Guard"
    for mark, name in (
        (_SERVICEPIPE, "Servicepipe"),
        (_IMPERVA, "Imperva"),
        (_PERIMETERX, "PerimeterX"),
        (_AWS, "AWS WAF"),
        (_YANDEX, "Yandex SmartCaptcha"),
        (_ALIYUN, "Aliyun WAF"),
    ):
        if mark.search(text):
            return name
    if refused and ("akamaighost" in server or _AKAMAI.search(text)):
        return "Akamai"
    if _JIASULE.search(text) or (refused and "__jsl" in cookies):
        return "Jiasule"
    return ""


def _login(status: int, headers: Mapping[str, str], text: str, url: str) -> str:
    if status == 401 or "www-authenticate" in headers:
        return "a log-in page"
    signs = (
        bool(_LOGIN_TITLE.search(page_title(text))),
        bool(_LOGIN_ADDRESS.search(url)),
        bool(_PASSWORD.search(text)),
    )
    # News pages carry a password field in their head, and may live at /auth/: two signs make it one.
    return "a log-in page" if sum(signs) >= 2 else ""


def _consent(text: str, url: str) -> str:
    title = bool(_CONSENT_TITLE.search(page_title(text)))
    address = bool(_CONSENT_ADDRESS.search(url))
    form = bool(_CONSENT_FORM.search(text))
    return "a consent page" if address or (title and (form or len(text) < LOOKED_AT)) else ""


def _unknown_guard(status: int, text: str) -> str:
    refused = status in _REFUSALS
    title = bool(_CHECK_TITLE.search(page_title(text)))
    words = bool(_CHECK.search(text))
    # With 200 it takes both: an article on captchas has the words, too.
    return "a bot check" if (title and words) or (refused and (title or words)) else ""
