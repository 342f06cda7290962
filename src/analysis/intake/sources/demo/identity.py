"""Invented names, unified social credit codes and business groups of the demo bank's clients."""

import numpy as np

from analysis.intake.sources.demo.frame import REGIONS

CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Characters of the unified social credit code (GB 32100-2015): no I, O, S, V, Z."""
_FIRST = "鼎瀚澜砚岚屿沐溪禾辰昱珩铭瑾璟霁煜骁桓祺翊晟琛瀛彧棠葳澍焱烨"
_SECOND = "屹衡峤洲岑砺麓霖晖珂嵘钧澈泓渝朔湛骐阔垚峻璞锐卓曜弘毅恒润泽"
_WORK = {
    "A": ("农业", "生态农业", "种植"),
    "B": ("矿业", "矿产"),
    "C": ("精密制造", "机械", "新材料", "电子", "食品", "纺织"),
    "D": ("能源", "热力", "水务"),
    "E": ("建设工程", "建筑", "市政工程"),
    "F": ("贸易", "商贸", "供应链", "进出口"),
    "G": ("物流", "运输", "仓储"),
    "H": ("酒店管理", "餐饮管理"),
    "I": ("信息技术", "软件", "数据科技"),
    "J": ("金融租赁", "典当"),
    "K": ("置业", "房地产开发"),
    "L": ("租赁", "商务服务", "投资发展"),
    "M": ("检测技术", "设计研究", "科技"),
    "N": ("环境", "水利", "公用事业"),
    "O": ("汽车服务", "家政服务"),
    "P": ("教育", "职业培训"),
    "Q": ("医院管理", "康养服务"),
    "R": ("文化传媒", "体育"),
    "S": ("公共服务", "社会服务"),
}
_SUFFIX = {"enterprise": "有限公司", "sole_proprietor": "经营部", "association": "协会"}
_PUBLIC = {
    "government": ("管理局", "服务中心", "街道办事处"),
    "institution": ("事务中心", "研究所", "管理站"),
}
_PUBLIC_BY_SECTION = {"P": ("中学", "小学", "职业学院"), "Q": ("人民医院", "中医院", "社区卫生中心")}
_CATEGORY = {"government": "11", "institution": "12", "association": "51", "enterprise": "91", "sole_proprietor": "92"}


def client_names(rng: np.random.Generator, region: np.ndarray, section: np.ndarray, entity: np.ndarray) -> list[str]:
    """Invented names, no two alike: place, characters that mean nothing together, line of business, legal form."""
    n = len(region)
    draws = rng.integers(0, 1 << 30, (n, 4)).tolist()
    names: dict[str, None] = {}
    for place, sec, kind, (a, b, c, d) in zip(region.tolist(), section.tolist(), entity.tolist(), draws, strict=True):
        city = REGIONS[place][0]
        brand = (
            _FIRST[a % len(_FIRST)] + _SECOND[b % len(_SECOND)] + (_FIRST[c // 7 % len(_FIRST)] if c % 7 < 3 else "")
        )
        if kind in _PUBLIC:
            start, ends = city, _PUBLIC_BY_SECTION.get(sec, _PUBLIC[kind])
            end = ends[d % len(ends)]
        else:
            start, end = city[:2], _WORK[sec][d % len(_WORK[sec])] + _SUFFIX[kind]
        while start + brand + end in names:
            c = c * 31 + 7
            brand += _SECOND[c % len(_SECOND)]
        names[start + brand + end] = None
    return list(names)


def credit_codes(rng: np.random.Generator, region: np.ndarray, entity: np.ndarray) -> list[str]:
    """18-character codes with right check digits and a region number (99…) that no real place has."""
    n = len(region)
    digits = np.empty((n, 17), dtype=np.int64)
    digits[:, :2] = np.array([[int(d) for d in _CATEGORY[kind]] for kind in entity])
    digits[:, 2:6] = (9, 9, 0, 0)
    digits[:, 5], digits[:, 6], digits[:, 7] = region + 1, 0, 1
    digits[:, 8:16] = rng.integers(0, 10, (n, 8))
    digits[:, 8] = rng.integers(10, 22, n)
    return with_check_digits(digits)


def with_check_digits(digits: np.ndarray) -> list[str]:
    """The full codes of rows of character numbers; columns 0–15 are given, 16 and 17 are computed.

    Organisation part (GB 11714-1997): 11 − Σ cᵢ·wᵢ mod 11, with letters counted from A = 10.
    Whole code (GB 32100-2015): (31 − Σ cᵢ·3ⁱ mod 31) mod 31.
    """
    value = np.array([ord(c) - 55 if c.isalpha() else int(c) for c in CODE_LETTERS])
    organisation = value[digits[:, 8:16]] @ np.array([3, 7, 9, 10, 5, 8, 4, 2])
    check = (11 - organisation % 11) % 11
    digits = digits.copy()
    digits[:, 16] = np.where(check == 10, CODE_LETTERS.index("X"), check)
    weights = np.array([pow(3, k, 31) for k in range(17)])
    last = (31 - digits @ weights % 31) % 31
    letters = np.array(list(CODE_LETTERS))
    return ["".join(row) for row in letters[np.column_stack([digits, last])].tolist()]


def draw_groups(rng: np.random.Generator, weights: np.ndarray, n_groups: int, largest: int = 14) -> np.ndarray:
    """Group number of each client, −1 for those that stand alone; each group has at least two members."""
    sizes = np.minimum(2 + rng.geometric(0.55, n_groups) - 1, largest - 1)
    sizes[0] = largest
    with np.errstate(divide="ignore"):
        order = np.argsort(-(np.log(weights) + rng.gumbel(size=len(weights))), kind="stable")
    sizes = sizes[np.cumsum(sizes) <= int((weights > 0).sum())]
    group = np.full(len(weights), -1)
    members = rng.permutation(order[: int(sizes.sum())])
    group[members] = np.repeat(np.arange(len(sizes)), sizes)
    return group
