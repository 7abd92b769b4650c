"""An index of one's own with groups, tiers, ties and a previous edition, as a folder of a report.

All values are invented and entered: 14 European cities, three domains of two indicators each.
"""

from pathlib import Path

REPORT = "liveable"

_FILES = {
    "report.toml": """
id = "liveable"
name_zh = "欧洲宜居城市指数"
name_en = "European Liveable Cities Index"
edition = "2026"

[data]
kind = "published"
basis = "printed"
note_zh = "数值取自年鉴。"
note_en = "Values from the yearbook."

[[table]]
name = "tier_rules"
label = "text"
title_zh = "各梯队的名次范围"
title_en = "Rank ranges of the tiers"
""",
    "framework.csv": """code,parent,name_zh,name_en,weight,direction,uom,uom_zh
LIV,,宜居总分,European Liveable Cities Index,1,,,
ENV,LIV,环境,Environment,0.4,,,
MOB,LIV,出行,Mobility,0.4,,,
LIF,LIV,生活,Social life,0.2,,,
PM,ENV,PM2.5年均浓度,PM2.5 concentration,0.5,-1,µg/m³,微克/立方米
GRN,ENV,绿地率,Green share,0.5,1,%,%
TRA,MOB,公共交通分担率,Public transport share,0.5,1,%,%
BIK,MOB,自行车道长度,Bicycle lanes,0.5,1,km,公里
RENT,LIF,平均租金,Average rent,0.5,-1,€,欧元
MUS,LIF,博物馆数量,Museums,0.5,1,museums,座
""",
    "recipe.toml": """
version = 2
id = "liveable"

[[step]]
do = "normalise"
method = "minmax"

[[step]]
do = "aggregate"
method = "arithmetic"

[[step]]
do = "rank"
method = "competition"
digits = 9
""",
    "cities.csv": """id,name_zh,name_en,aliases,population,region,size
london,伦敦,London,,main,west,super
helsinki,赫尔辛基,Helsinki,,main,north,type_ii
munich,慕尼黑,Munich,,main,west,mega
paris,巴黎,Paris,,main,west,super
copenhagen,哥本哈根,Copenhagen,,main,north,type_ii
stockholm,斯德哥尔摩,Stockholm,,main,north,mega
oslo,奥斯陆,Oslo,,main,north,type_ii
madrid,马德里,Madrid,,main,south,super
rome,罗马,Rome,,main,south,mega
lisbon,里斯本,Lisbon,,main,south,type_ii
athens,雅典,Athens,,main,south,mega
warsaw,华沙,Warsaw,,main,east,mega
prague,布拉格,Prague,,main,east,type_ii
budapest,布达佩斯,Budapest,,main,east,mega
""",
    "groups.csv": """group_type,group_type_zh,group_type_en,group,name_zh,name_en
region,地域,Region,north,北欧,Northern Europe
region,地域,Region,west,西欧,Western Europe
region,地域,Region,south,南欧,Southern Europe
region,地域,Region,east,东欧,Eastern Europe
size,规模,Size class,super,超大城市,Supercity
size,规模,Size class,mega,特大城市,Megacity
size,规模,Size class,type_ii,II型大城市,Type II large city
""",
    "inputs.csv": """unit,PM,GRN,TRA,BIK,RENT,MUS
london,10,50,70,900,2400,170
helsinki,5,60,50,1200,1300,60
munich,9,40,60,1100,1900,80
paris,12,30,68,1000,2200,150
copenhagen,8,35,40,1000,1900,70
stockholm,6,55,45,800,1550,80
oslo,7,45,48,300,1700,60
madrid,11,35,55,400,1500,100
rome,13,38,30,250,1300,120
lisbon,8,28,42,200,1400,50
athens,15,20,38,100,900,70
warsaw,18,32,58,700,1000,70
prague,14,34,64,300,1200,60
budapest,15,30,52,350,900,60
""",
    "previous.csv": """unit,code,rank,value,period,basis,report_line
helsinki,LIV,1,,2025,printed,
london,LIV,2,,2025,printed,
munich,LIV,6,,2025,printed,
paris,LIV,4,,2025,printed,
copenhagen,LIV,5,,2025,printed,
stockholm,LIV,3,,2025,printed,
madrid,LIV,7,,2025,printed,
rome,LIV,12,,2025,printed,
lisbon,LIV,10,,2025,printed,
athens,LIV,13,,2025,printed,
warsaw,LIV,11,,2025,printed,
prague,LIV,8,,2025,printed,
budapest,LIV,9,,2025,printed,
""",
    "published/tier_rules.csv": """group_type,group,tier,rank_from,rank_to,n
all,all,1,1,4,4
all,all,2,5,9,5
all,all,3,10,14,5
""",
}


def write_liveable(home: Path) -> Path:
    """Write the report below a folder of reports; return its own folder."""
    folder = home / REPORT
    for name, text in _FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.lstrip("\n"), encoding="utf-8")
    return folder
