"""Pure. One spelling for text that is written in several, with the way back to the original.

`fold` lowers case, takes ё as е, full-width forms as ordinary ones, every dash as `-`, curly quotes as straight
ones, and traditional Chinese as simplified, and drops what does not show (soft hyphens, stress marks).
The table of traditional characters is short on purpose: those that the terms of `config/concepts/` and the
words around them need. It maps one character to one, so a folded text keeps the order of the original.
"""

import re
import unicodedata
from itertools import pairwise

# Pairs: traditional, simplified. Characters that are simplified in several ways are left out.
_TRADITIONAL = (
    "亞亚併并來来俠侠倉仓個个們们倫伦偉伟側侧傑杰備备傳传債债傷伤傾倾僅仅僑侨價价儀仪億亿儘尽償偿優优儲储兒儿內内兩两冊册凍冻凱凯別别刪删則则創创劃划劇剧劑剂勁劲動动務务勝胜勞劳勢势勵励勸劝勻匀匯汇區区協协"
    "卻却厭厌參参員员問问啟启喬乔單单噸吨嚴严國国圍围園园圓圆圖图團团執执報报場场塊块壇坛壓压壘垒壞坏壯壮壽寿夠够夾夹奧奥奪夺婦妇媽妈孫孙學学實实寧宁審审寫写寬宽寶宝將将專专尋寻對对導导屆届層层屬属岡冈島岛"
    "峽峡嶺岭巒峦師师帶带幣币幫帮幹干庫库廈厦廠厂廢废廣广廳厅張张強强彈弹彎弯彙汇後后徑径從从復复徵征恆恒態态慣惯慮虑憂忧憑凭應应戰战戶户拋抛捨舍掃扫掛挂採采揚扬換换損损搶抢撈捞撥拨擁拥擇择擊击擋挡擔担據据擬拟"
    "擴扩擺摆攔拦攝摄攤摊敗败敵敌數数斬斩斷断暫暂曆历曉晓會会東东條条楊杨業业構构樁桩樂乐樓楼標标樣样橋桥機机檔档檢检檯台檻槛欄栏權权歐欧歲岁歷历歸归殘残殺杀殼壳毀毁氣气氫氢決决沒没沖冲淨净淺浅減减測测湯汤"
    "準准溫温滅灭滬沪滯滞滿满漢汉漲涨潔洁潛潜澤泽濃浓濕湿濟济濱滨濾滤瀉泻灘滩灣湾災灾為为烏乌無无煉炼煙烟熱热燈灯燒烧營营爐炉爭争爲为爾尔牆墙牽牵狀状獄狱獎奖獨独獲获獵猎獻献現现琺珐瑣琐瑪玛環环璽玺產产畫画"
    "當当疊叠瘋疯療疗發发盜盗監监盤盘眾众睏困睜睁瞞瞒確确礎础礙碍礦矿禦御禮礼稅税稟禀種种稱称積积穩稳窮穷竊窃競竞筆笔筍笋節节範范築筑篩筛簡简簽签籌筹糞粪糧粮糾纠紀纪約约紅红納纳紐纽紓纾純纯紙纸級级紛纷紡纺"
    "細细終终組组結结絕绝絞绞絡络給给統统絲丝經经綠绿維维綱纲緊紧緒绪線线緝缉締缔編编緩缓緬缅緯纬縣县縮缩縱纵總总績绩織织繞绕繳缴繼继續续罰罚罵骂罷罢羅罗義义習习聖圣聞闻聯联聲声職职聽听肅肃脅胁腦脑膠胶膽胆"
    "臨临與与興兴舉举舊旧艙舱艦舰艱艰華华萬万葉叶蓋盖蔔卜蔣蒋蕭萧薦荐薩萨藍蓝藝艺藥药蘇苏蘋苹蘭兰處处虛虚號号虧亏蝕蚀蟲虫衊蔑術术衛卫衝冲裏里補补裝装裡里製制複复襲袭見见規规視视親亲覺觉覽览觀观觸触訂订計计"
    "訊讯訓训記记訛讹訟讼訪访設设許许訴诉詐诈評评詞词詢询試试話话該该詳详誌志認认語语誠诚誤误說说誰谁課课調调談谈請请諒谅諧谐諾诺謀谋講讲謝谢謹谨證证譯译議议護护譽誉讀读變变讓让讚赞豐丰貝贝財财貢贡貧贫貨货"
    "販贩貫贯責责貳贰貴贵貶贬買买貸贷費费貼贴貿贸資资賓宾賠赔賣卖質质賬账賴赖賺赚購购賽赛贏赢趕赶趙赵趨趋跡迹踐践蹤踪躍跃車车軌轨軍军軟软軸轴較较載载輔辅輕轻輛辆輝辉輪轮輯辑輸输轉转辦办農农這这連连進进遊游"
    "運运達达遙遥遞递遠远適适遲迟遷迁選选遺遗邁迈還还邊边郵邮鄉乡鄭郑鄰邻醫医釋释釐厘釓钆釔钇釘钉針针釣钓釤钐釩钒釹钕鈀钯鈉钠鈔钞鈣钙鈥钬鈦钛鈧钪鈮铌鈰铈鈴铃鈷钴鈹铍鈾铀鉀钾鉍铋鉑铂鉛铅鉤钩鉬钼鉭钽鉺铒鉻铬"
    "銀银銅铜銦铟銨铵銩铥銪铕銳锐銷销銻锑鋁铝鋅锌鋒锋鋪铺鋯锆鋰锂鋱铽鋸锯鋼钢錄录錘锤錢钱錦锦錫锡錯错錳锰錸铼鍊链鍵键鍶锶鍺锗鎂镁鎖锁鎘镉鎢钨鎦镥鎮镇鎳镍鎵镓鏈链鏑镝鐘钟鐠镨鐵铁鐿镱鑄铸鑒鉴鑥镥鑭镧鑽钻鑿凿"
    "長长門门閃闪閉闭開开間间閘闸閥阀閱阅闊阔闖闯關关陣阵陳陈陸陆陽阳隊队際际隨随險险隱隐隸隶隻只雖虽雙双雜杂離离難难雲云電电霧雾靈灵靜静韋韦韓韩響响頁页項项順顺須须預预頒颁頓顿領领頭头頸颈頻频顆颗題题額额"
    "願愿類类顧顾顯显風风飛飞飯饭飲饮養养餓饿餘余館馆馬马馮冯駁驳駐驻駕驾駛驶駱骆騙骗騰腾驅驱驗验驚惊驟骤髒脏體体髮发鬆松鬥斗鬧闹鬱郁魚鱼魯鲁鮮鲜鯊鲨鳥鸟鴉鸦鴻鸿鹽盐麗丽麥麦麼么黃黄點点黨党齊齐龍龙"
)
_PLAIN = {
    ord("ё"): "е",
    ord("’"): "'",
    ord("‘"): "'",
    ord("“"): '"',
    ord("”"): '"',
    ord("«"): '"',
    ord("»"): '"',
}
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u0301\u200b\u200c\u200d\u2060\ufeff"), "")


class _Table(dict[int, str]):
    """Character -> folded text, filled as characters are met.

    `odd` remembers those that do not fold to exactly one character: only texts that hold one need a map back.
    """

    def __init__(self) -> None:
        traditional = zip(map(ord, _TRADITIONAL[::2]), _TRADITIONAL[1::2], strict=True)
        self._known = {**dict(traditional), **_PLAIN, **_INVISIBLE}
        super().__init__(self._known)
        self.odd = set(map(chr, _INVISIBLE))

    def __missing__(self, code: int) -> str:
        folded = "".join(
            "-" if unicodedata.category(char) == "Pd" or char == "−" else self._known.get(ord(char), char)
            for char in unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", chr(code)).lower())
        )
        if len(folded) != 1:
            # Before the entry itself: another thread that meets the entry must find the mark as well.
            self.odd.add(chr(code))
        self[code] = folded
        return folded


_TABLE = _Table()


def _plain() -> str:
    """Characters that need lower case at most, as the inside of a regular expression's class."""
    # Ranges between the traditional ones: a list of all twenty thousand would take 14 ms to compile.
    edges = [0x4DFF, *sorted(set(map(ord, _TRADITIONAL[::2]))), 0xA000]
    han = (f"{chr(left + 1)}-{chr(right - 1)}" for left, right in pairwise(edges) if right - left > 1)
    return "\x00-\x7fа-яА-Я" + "".join(han)


#: All others. Most texts hold few of them, and to look for these and replace one after the other takes a fifth of the time
#: that `str.translate` takes to look up each character.
_OTHERS = re.compile(f"[^{_plain()}]")
#: More kinds of other characters than this (Greek, Japanese): `str.translate` is as fast.
_FEW = 16


class Folded:
    """A text in folded spelling."""

    __slots__ = ("_origins", "_source", "text")

    def __init__(self, text: str, source: str | None) -> None:
        self.text = text
        #: The original, where its characters do not stand for one each.
        self._source = source
        self._origins: tuple[int, ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that `text[start:end]` (not empty) stands for."""
        if self._source is None:
            return start, end
        if self._origins is None:
            # Late, as few texts are asked: where each folded character comes from.
            self._origins = tuple(place for place, char in enumerate(self._source) for _ in _TABLE[ord(char)])
        return self._origins[start], self._origins[end - 1] + 1


def fold(text: str) -> Folded:
    """Any text in folded spelling. Never raises."""
    if text.isascii():
        return Folded(text.lower(), None)
    others = set(_OTHERS.findall(text))
    if len(others) > _FEW:
        folded = text.translate(_TABLE)
    else:
        folded = text
        for char in others:
            folded = folded.replace(char, _TABLE[ord(char)])
        folded = folded.lower()
    return Folded(folded, None if _TABLE.odd.isdisjoint(others) else text)
