"""Pure. The units, currencies and magnitudes of the trade, as three languages write them; spellings are folded (folding.py).

Each table maps a regular expression to what it means. They are joined into few patterns, in which the first that fits wins.
"""

import re
from collections.abc import Iterable

#: Where a unit ends: no letter or digit may follow, but for Chinese, which parts nothing by spaces ("14人41家实体").
END = "(?:(?<=[\u3400-\u9fff])|(?![0-9a-zа-я]))"

#: Regular expression -> factor. Short ones need a currency or a unit beside them: `SHORT`.
MAGNITUDES: dict[str, float] = {
    "trillions?|trln|trn|трлн|триллион[а-я]*|万亿": 1e12,
    "billions?|bln|bn|млрд|миллиард[а-я]*|十亿": 1e9,
    "百亿": 1e10,
    "亿": 1e8,
    "千万": 1e7,
    "百万|millions?|mln|mn|млн|миллион[а-я]*": 1e6,
    "十万": 1e5,
    "万(?!亿)": 1e4,
    "thousands?|thsd|тыс|тысяч[а-я]*|千(?!克)": 1e3,
}
#: "$3m" is three million dollars, "3 m" three metres.
SHORT: dict[str, float] = {"tn": 1e12, "b": 1e9, "m": 1e6, "k": 1e3, "т[.] ?": 1e3}

#: Regular expression -> tonnes.
MASSES: dict[str, float] = {
    "kt|кт|килотонн[а-я]*": 1e3,
    "megatonn?e?s?": 1e6,
    "kilograms?|kilogrammes?|kilos?|kgs?|килограмм[а-я]*|кило|кг|公斤|千克": 1e-3,
    "pounds?|lbs?|фунт[а-я]*|磅": 0.000_453_592_37,
    "metric tons?|metric tonnes?|tonnes?|tons?|mts?|t|тонн[а-я]*|т|公?吨": 1.0,
}

#: Regular expression -> what a price is paid for.
GOODS: dict[str, str] = {
    "kilograms?|kilogrammes?|kilos?|kgs?|килограмм[а-я]*|кило|кг|公斤|千克": "kg",
    "pounds?|lbs?|фунт[а-я]*|磅": "lb",
    "mtu": "mtu",
    "barrels?|bbl|баррел[а-я]*|桶": "bbl",
    "metric tons?|metric tonnes?|tonnes?|tons?|mts?|t|тонн[а-я]*|т|公?吨": "t",
}

#: Before the number. ¥ is told apart by the reader of the text.
CURRENCY_BEFORE: dict[str, str] = {
    "us ?[$]": "USD",
    "hk ?[$]": "HKD",
    "(?:a|au) ?[$]": "AUD",
    "(?:c|ca) ?[$]": "CAD",
    "nz[$]": "NZD",
    "s[$]": "SGD",
    "nt[$]": "TWD",
    "[$]|usd": "USD",
    "€|eur": "EUR",
    "£|gbp": "GBP",
    "₽|rub|rur": "RUB",
    "rmb|cny|yn|cn¥": "CNY",
    "¥": "¥",
    "jpy": "JPY",
    "aud": "AUD",
    "cad": "CAD",
    "hkd": "HKD",
    "₹|inr": "INR",
    "₸|kzt": "KZT",
}
#: After the number and its magnitude.
CURRENCY_AFTER: dict[str, str] = {
    "(?:chinese )?yuan|rmb|cny|renminbi|юан[а-я]*|元人民币|人民币|元": "CNY",
    "australian dollars?|aud|австралийск[а-я]+ доллар[а-я]*|澳元|澳币": "AUD",
    "canadian dollars?|cad|канадск[а-я]+ доллар[а-я]*|加元|加币": "CAD",
    "hong kong dollars?|hkd|港元|港币": "HKD",
    "新?台币": "TWD",
    "(?:us |u[.]s[.] )?dollars?|usd|bucks|[$]|доллар[а-я]*(?: сша)?|долл[.]?(?: сша)?|美元|美金": "USD",
    "euros?|eur|€|евро|欧元": "EUR",
    "ro?ubles?|rub|rur|₽|рубл[а-я]*|руб[.]?|[卢盧]布": "RUB",
    "(?:japanese )?yen|jpy|иен[а-я]*|йен[а-я]*|日元|日圆": "JPY",
    "pounds? sterling|gbp|£|фунт[а-я]* стерлингов|英镑": "GBP",
    "rupees?|inr|рупи[йияюе][а-я]*|卢比": "INR",
    "tenge|kzt|тенге|坚戈": "KZT",
    "ringgit|myr|ринггит[а-я]*|林吉特|令吉": "MYR",
}

#: Regular expression -> what is counted.
COUNTED: dict[str, str] = {
    "(?:oil )?(?:vessels?|ships?|tankers?)|суд(?:но|на|ов|ам)|танкер[а-я]*|кораб[а-я]+|艘|条[\u3400-\u9fff]{0,3}船": "vessels",
    "(?:legal )?(?:entit(?:y|ies)|compan(?:y|ies)|firms?|organi[sz]ations?|banks?|subsidiaries|exporters?)"
    "|компани[а-я]*|юр(?:идическ[а-я]+ )?лиц[а-я]*|организаци[а-я]*|предприяти[а-я]*|банк(?:а|ов)?|структур[а-я]*|экспортер[а-я]*"
    "|家|个?(?:实体|企业|机构|对象|团体)": "entities",
    "individuals?|persons?|people|физ(?:ическ[а-я]+ )?лиц[а-я]*|человек[а]?|сенатор[а-я]*|депутат[а-я]*|граждан[а-я]*|名?个人|名|人(?!民|次|口|均)": "persons",
    "goods|items|product (?:categories|groups)|commodit(?:y|ies)|наименовани[а-я]*|товар[а-я]*|позици[а-я]*|种|项": "items",
}


def either(patterns: Iterable[str]) -> str:
    """One alternative of several."""
    return "|".join(patterns)


def table(meanings: dict[str, str]) -> list[tuple[re.Pattern[str], str]]:
    """Compiled rows, to say what a matched spelling means."""
    return [(re.compile(pattern), meaning) for pattern, meaning in meanings.items()]


def scales(factors: dict[str, float]) -> list[tuple[re.Pattern[str], float]]:
    """Compiled rows, to say how much a matched spelling is."""
    return [(re.compile(pattern), factor) for pattern, factor in factors.items()]
