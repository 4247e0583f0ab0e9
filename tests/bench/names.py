"""Of what the made-up names are put together: parts of family names, so that there are many."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Script:
    """Names of one kind, a space between; `share` is in percent of the company."""

    share: int
    given: str
    beginnings: str
    endings: str
    family_first: bool = False
    hyphens: bool = False


SCRIPTS = [
    Script(
        40,
        "Alice Bob Carla Dana Emma Felix Grace Hugo Ines Jack Kate Liam Mary Noah Olga Paul Ruth"
        " Sara Tom Uma Vera Will Anna Ben Clara David Eva Frank Gina Henry Ida Jonas Karl Lena"
        " Max Nina Otto Pia Rosa Simon Thea Victor",
        "Ash Beck Berg Black Brad Brook Burn Carl Cold Dal East Ever Fair Feld Garn Gold Green"
        " Hart Hazel Holm Kirk Lang Lind Mar Mill Nor Oak Park Quin Ray Rich Roth Sand Shaw"
        " Stein Sun Thorn Wal West Win Wood York",
        "bach berg bridge burg by dale den er ey field ford ham hurst ing land ley man mann more"
        " ridge son stad stein ston strom thorpe ton wald ward way well wick wood worth",
        hyphens=True,
    ),
    Script(
        20,
        "Jörg Zoë Łukasz Søren Ángel Bjørn Chloé Dražen Élodie François Gülşen Håkon İpek José"
        " Jürgen Márta Nuño Ömer Páll Renée Štěpán Þóra Ünal Václav Željka",
        "Dreß Müh Grün Høy Łęc Šim Žiž Çel Gón Nuñ Bjarn Kös Råd Sæth Þor Nagy Öst Ağa Dvoř Ková",
        "ler lmann berg gaard ki ek ka ik zález ez adóttir sson ström lund ák č oğlu ová",
        hyphens=True,
    ),
    Script(
        10,
        "Иван Ольга Дмитрий Анна Сергей Юлия Пётр Мария Олексій Ганна Їжак Стоян",
        "Петр Кузне Соколо Щербак Шевч Коваль Яковл Жуко Мороз Гриб Лебед Зайц",
        "ов ев енко ук ский чук ин ович ова ева",
    ),
    Script(
        6,
        "Γιώργος Ελένη Νίκος Μαρία Κώστας Σοφία Δημήτρης Άννα",
        "Παπα Νικολ Γεωργ Οικονόμ Αθανασ Κωνσταντ Δημητρ",
        "δόπουλος ίδης άκης ιάδης όπουλος έλλης",
    ),
    Script(
        8,
        "نور أحمد فاطمة يوسف ليلى عمر مريم خالد هدى سامي",
        "الحداد النجار الخطيب المصري الشامي حسن منصور سعيد عباس صالح",
        " ي ين ة",
    ),
    Script(
        8,
        "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 涛 明 超",
        "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗",
        "",
        family_first=True,
    ),
    Script(
        4,
        "陽子 健太 美咲 大輔 さくら 翔太 結衣 拓也",
        "佐 鈴 高 田 渡 伊 山 中 小 加",
        "藤 木 橋 中 辺 本 村 林 川 野",
        family_first=True,
    ),
    Script(
        4,
        "अनिल प्रिया राहुल सुनीता विजय कविता",
        "शर् गुप् वर् पटे सिं जोश",
        "मा ता ल ह ी",
    ),
]
TITLES = [
    "Calibration Engineer",
    "Optics Engineer",
    "Software Engineer",
    "Technical Writer",
    "Buyer",
    "Account Manager",
    "Service Technician",
    "Quality Inspector",
    "Data Analyst",
    "Accountant",
    "Designer",
    "Physicist",
    "Recruiter",
    "Machinist",
    "Project Manager",
]
AREAS = [
    "Calibration",
    "Optics",
    "Firmware",
    "Metrology",
    "Sales",
    "Service",
    "Quality",
    "Finance",
    "Design",
    "Logistics",
    "Research",
    "People",
    "Tide Clocks",
    "Barometers",
    "Sextants",
    "Workshop",
]
CITIES = [
    "Athens",
    "Cairo",
    "Chennai",
    "Dresden",
    "Lisbon",
    "Nairobi",
    "Oslo",
    "Reykjavík",
    "Singapore",
    "São Paulo",
    "Toronto",
    "Yokohama",
]
