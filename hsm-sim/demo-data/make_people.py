#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_people.py: writes people.csv, the 500 people of the demonstration, to standard output.

Names, addresses and numbers are drawn from a fixed seed, so every run writes the same file. Nobody
in it exists; the numbers pass the check digit, as any program must demand, and mean nothing else.
Columns and words: docs/FORMATS.md, section 6.
"""

import csv
import datetime
import random
import sys

SEED = 20250401
TODAY = datetime.date(2025, 4, 1)
EMPLOYEES, PAYEES, PEOPLE = 214, 24, 500

COLUMNS = ["種別", "コード", "氏名", "氏名カナ", "生年月日", "住所", "個人番号", "続柄", "扶養者コード",
           "書類", "未提供理由", "本人確認方法", "番号確認書類", "身元確認書類", "提供方法", "確認者", "確認日"]

SURNAMES = """佐藤 サトウ 鈴木 スズキ 髙橋 タカハシ 田中 タナカ 伊藤 イトウ 渡邉 ワタナベ 山本 ヤマモト
中村 ナカムラ 小林 コバヤシ 加藤 カトウ 𠮷田 ヨシダ 山田 ヤマダ 佐々木 ササキ 山口 ヤマグチ 松本 マツモト
井上 イノウエ 木村 キムラ 林 ハヤシ 斎藤 サイトウ 清水 シミズ 山﨑 ヤマザキ 森 モリ 池田 イケダ 橋本 ハシモト
阿部 アベ 石川 イシカワ 前田 マエダ 藤田 フジタ 小川 オガワ 後藤 ゴトウ 岡田 オカダ 長谷川 ハセガワ
村上 ムラカミ 近藤 コンドウ 石井 イシイ 坂本 サカモト 遠藤 エンドウ 青木 アオキ 藤井 フジイ 西村 ニシムラ
福田 フクダ 太田 オオタ 三浦 ミウラ 岡本 オカモト 松田 マツダ 中川 ナカガワ 中野 ナカノ 原田 ハラダ
小野 オノ 田村 タムラ 竹内 タケウチ 金子 カネコ 和田 ワダ 中山 ナカヤマ 石田 イシダ 上田 ウエダ
森田 モリタ 原 ハラ 柴田 シバタ 酒井 サカイ 工藤 クドウ 横山 ヨコヤマ 宮崎 ミヤザキ 宮本 ミヤモト""".split()
WOMEN = """和子 カズコ 幸子 サチコ 恵子 ケイコ 由美子 ユミコ 久美子 クミコ 裕子 ユウコ 真由美 マユミ 直美 ナオミ
智子 トモコ 陽子 ヨウコ 美穂 ミホ 香織 カオリ 愛 アイ 彩 アヤ 美咲 ミサキ 遥 ハルカ 葵 アオイ 結衣 ユイ
陽菜 ヒナ 莉子 リコ さくら サクラ 凛 リン 花 ハナ 千尋 チヒロ 明日香 アスカ 舞 マイ""".split()
MEN = """誠 マコト 浩 ヒロシ 隆 タカシ 茂 シゲル 豊 ユタカ 健一 ケンイチ 和也 カズヤ 大輔 ダイスケ 健太 ケンタ
翔太 ショウタ 拓也 タクヤ 直樹 ナオキ 哲也 テツヤ 学 マナブ 亮 リョウ 蓮 レン 大翔 ヒロト 悠真 ユウマ
湊 ミナト 陽太 ヨウタ 樹 イツキ 颯太 ソウタ 修 オサム 勝 マサル 一郎 イチロウ 正人 マサト""".split()
# Care workers from abroad: written in Latin letters, as in their residence cards.
ABROAD = [("NGUYEN THI LAN", "グエン ティ ラン"), ("TRAN VAN MINH", "チャン ヴァン ミン"),
          ("SITI RAHAYU", "シティ ラハユ"), ("DEWI LESTARI", "デウィ レスタリ"),
          ("MARIA SANTOS", "マリア サントス"), ("JOSE REYES", "ホセ レイエス"),
          ("AUNG KYAW", "アウン チョー"), ("SUNITA GURUNG", "スニタ グルン")]
TOWNS = ["中央", "緑が丘", "若葉", "本町", "東町", "桜木", "泉", "栄", "川原", "大手"]
PROFESSIONS = ["嘱託医", "歯科医", "理学療法士", "社会保険労務士", "研修講師", "大家"]
WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)

rng = random.Random(SEED)
numbers = set()


def below(count):
    """0 to count - 1; random() alone is promised to stay the same in later versions of Python."""
    return int(rng.random() * count)


def pick(items):
    """One of them."""
    return items[below(len(items))]


def pair(names):
    """A name and its kana, out of a list that has them in turn."""
    at = 2 * below(len(names) // 2)
    return names[at], names[at + 1]


def number():
    """A number that nobody here has yet."""
    while True:
        digits = [below(10) for _ in WEIGHTS]
        rest = sum(d * w for d, w in zip(digits, WEIGHTS)) % 11
        text = "".join(map(str, digits)) + str(0 if rest <= 1 else 11 - rest)
        if text not in numbers and text.strip("0"):
            numbers.add(text)
            return text


def typed(text):
    """A number as people type it: now and then with hyphens, or in full width."""
    chance = below(25)
    if chance == 0:
        return f"{text[:4]}-{text[4:8]}-{text[8:]}"
    if chance == 1:
        return text.translate({ord("0") + n: ord("０") + n for n in range(10)})
    return text


def era(day):
    """A day with its era, as on Japanese forms."""
    for name, first in (("令和", datetime.date(2019, 5, 1)), ("平成", datetime.date(1989, 1, 8)),
                        ("昭和", datetime.date(1926, 12, 25))):
        if day >= first:
            year = day.year - first.year + 1
            return f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    raise ValueError(day)


def birthday(youngest, oldest):
    """The birthday of somebody between these ages."""
    return TODAY - datetime.timedelta(days=366 * youngest + below(365 * (oldest - youngest)))


def age(day):
    """Years that somebody born then has at least."""
    return (TODAY - day).days // 366


def address():
    """Somewhere in a town that no map shows."""
    return f"みどり県ひまわり市{pick(TOWNS)}{1 + below(5)}丁目{1 + below(30)}番{1 + below(20)}号"


def checked(born=None):
    """A day on which documents were looked at, of somebody born before it."""
    days = min(300, (TODAY - born).days) if born else 300
    return (TODAY - datetime.timedelta(days=below(days))).isoformat()


def verify(row, abroad=False):
    """How an employee or payee was verified."""
    chance = below(10)
    if abroad:
        row.update({"本人確認方法": "書類", "番号確認書類": "住民票", "身元確認書類": "在留カード"})
    elif chance < 6:
        row.update({"本人確認方法": "個人番号カード"})
    elif chance < 8:
        row.update({"本人確認方法": "書類", "番号確認書類": "通知カード", "身元確認書類": "運転免許証"})
    elif chance == 8:
        row.update({"本人確認方法": "書類", "番号確認書類": "住民票", "身元確認書類": "年金手帳 資格確認書"})
    else:
        return
    row.update({"提供方法": pick(["対面", "対面", "対面", "郵送"]), "確認者": "総務花子", "確認日": checked()})


def employee(at, born):
    """An employee; the first ones come from abroad."""
    abroad = ABROAD[at - 1] if at <= len(ABROAD) else None
    surname, surname_kana = pair(SURNAMES)
    given, given_kana = pair(WOMEN if below(10) < 7 else MEN)
    row = {"種別": "職員", "コード": f"E{at:04d}", "氏名": f"{surname} {given}",
           "氏名カナ": f"{surname_kana} {given_kana}", "生年月日": era(born),
           "住所": address(), "書類": "扶養控除等申告書 源泉徴収票 雇用保険"}
    if abroad:
        row["氏名"], row["氏名カナ"] = abroad
    if below(10) < 7:
        row["書類"] += " 社会保険"
    if at % 53 == 0:
        row["未提供理由"] = "提供を求めたが、本人が拒んだ"
    else:
        row["個人番号"] = typed(number())
        verify(row, abroad is not None)
    return row


def dependant(of, years, taken):
    """Somebody whom an employee of this age supports; taken: relations and given names before."""
    surname, surname_kana = of["氏名"].split()[0], of["氏名カナ"].split()[0]
    relation = pick([r for r in ("配偶者", "子", "子", "母", "父") if r == "子" or r not in taken])
    if years <= 20 and relation in ("配偶者", "子"):
        relation = "母" if "母" not in taken else "祖母"
    given = given_kana = of["氏名"].split()[1]
    while given in taken or given == of["氏名"].split()[1]:
        man = relation == "父" or (relation in ("配偶者", "子") and below(2) == 0)
        given, given_kana = pair(MEN if man else WOMEN)
    taken.extend([relation, given])
    parent = (max(60, years + 18), max(80, years + 30))
    ages = {"配偶者": (22, 66), "子": (0, min(22, years - 19))}.get(relation, parent)
    born = birthday(*ages)
    row = {"種別": "扶養親族", "氏名": f"{surname} {given}", "氏名カナ": f"{surname_kana} {given_kana}",
           "生年月日": era(born), "住所": of["住所"], "個人番号": typed(number()),
           "続柄": relation, "扶養者コード": of["コード"], "書類": "扶養控除等申告書",
           "本人確認方法": "従業員が確認", "確認日": checked(born)}
    if "社会保険" in of["書類"]:
        row["書類"] += " 社会保険"
        if relation == "配偶者":
            row["書類"] += " 第3号被保険者"
    return row


def payee(at):
    """Somebody outside who is paid."""
    surname, surname_kana = pair(SURNAMES)
    given, given_kana = pair(WOMEN + MEN)
    row = {"種別": "支払先", "コード": f"P{at:03d}-{pick(PROFESSIONS)}", "氏名": f"{surname} {given}",
           "氏名カナ": f"{surname_kana} {given_kana}", "生年月日": era(birthday(30, 75)),
           "住所": address(), "個人番号": typed(number()), "書類": "支払調書"}
    verify(row)
    return row


def people():
    """All of them, dependants below their employee."""
    extra = PEOPLE - EMPLOYEES - PAYEES
    of_employee = [0] * EMPLOYEES
    while extra > 0:
        at = below(EMPLOYEES)
        if at >= len(ABROAD) and of_employee[at] < 4:
            of_employee[at] += 1
            extra -= 1
    for at, count in enumerate(of_employee, start=1):
        born = birthday(19, 68)
        row = employee(at, born)
        yield row
        taken = []
        for _ in range(count):
            yield dependant(row, age(born), taken)
    for at in range(1, PAYEES + 1):
        yield payee(at)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="")
    writer = csv.DictWriter(sys.stdout, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(people())
