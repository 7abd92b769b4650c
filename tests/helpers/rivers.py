"""An index of twelve cities on a river, with groups and a previous edition; values are invented."""

from pathlib import Path

REPORT = "rivers"

_FILES = {
    "report.toml": """
id = "rivers"
name_zh = "长江城市创新指数"
name_en = "Yangtze Innovation Cities Index"
edition = "2026"

[data]
kind = "published"
basis = "printed"
note_zh = "数值取自年鉴。"
note_en = "Values from the yearbook."
""",
    "framework.csv": """code,parent,name_zh,name_en,weight,direction,uom,uom_zh
YIC,,创新指数,Yangtze Innovation Cities Index,1,,,
TAL,YIC,人才,Talent,0.3,,,
CAP,YIC,资本,Capital,0.3,,,
OUT,YIC,产出,Output,0.4,,,
STU,TAL,在校大学生数,University students,0.5,1,thousand,千人
RES,TAL,研发人员数,Research staff,0.5,1,thousand,千人
VEN,CAP,风险投资额,Venture capital,0.6,1,million yuan,百万元
TAX,CAP,企业税负,Corporate tax burden,0.4,-1,%,%
PAT,OUT,发明专利授权量,Patents granted,0.7,1,patents,件
PAP,OUT,论文数,Scientific papers,0.3,1,papers,篇
""",
    "recipe.toml": """
version = 2
id = "rivers"

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
    "cities.csv": """id,name_zh,name_en,aliases,population,reach,status
shanghai,上海,Shanghai,,main,lower,other
nanjing,南京,Nanjing,,main,lower,capital
suzhou,苏州,Suzhou,,main,lower,other
wuxi,无锡,Wuxi,,main,lower,other
hefei,合肥,Hefei,,main,lower,capital
wuhan,武汉,Wuhan,,main,middle,capital
changsha,长沙,Changsha,,main,middle,capital
nanchang,南昌,Nanchang,,main,middle,capital
yichang,宜昌,Yichang,,main,middle,other
chongqing,重庆,Chongqing,,main,upper,other
chengdu,成都,Chengdu,,main,upper,capital
kunming,昆明,Kunming,,main,upper,capital
""",
    "groups.csv": """group_type,group_type_zh,group_type_en,group,name_zh,name_en
reach,河段,Reach,lower,下游,Lower reach
reach,河段,Reach,middle,中游,Middle reach
reach,河段,Reach,upper,上游,Upper reach
status,行政地位,Status,capital,省会城市,Provincial capitals
status,行政地位,Status,other,其他城市,Other cities
""",
    "inputs.csv": """unit,STU,RES,VEN,TAX,PAT,PAP
shanghai,780,340,52000,21,39000,98000
nanjing,960,190,14000,19,21000,71000
suzhou,310,210,24000,16,24000,18000
wuxi,140,90,9000,15,11000,7000
hefei,620,150,11000,17,13000,36000
wuhan,1200,180,16000,20,19000,69000
changsha,810,120,8000,18,10000,37000
nanchang,700,60,2000,22,3000,15000
yichang,90,30,500,14,2000,3000
chongqing,1010,160,7000,24,12000,31000
chengdu,1080,170,13000,20,17000,48000
kunming,640,50,1500,23,3000,16000
""",
    "previous.csv": """unit,code,rank,value,period,basis,report_line
shanghai,YIC,1,,2025,printed,
nanjing,YIC,3,,2025,printed,
suzhou,YIC,5,,2025,printed,
wuxi,YIC,7,,2025,printed,
hefei,YIC,8,,2025,printed,
wuhan,YIC,2,,2025,printed,
changsha,YIC,6,,2025,printed,
nanchang,YIC,11,,2025,printed,
yichang,YIC,12,,2025,printed,
chongqing,YIC,9,,2025,printed,
chengdu,YIC,4,,2025,printed,
""",
}


def write_rivers(home: Path) -> Path:
    """Write the report below a folder of reports; return its own folder."""
    folder = home / REPORT
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _FILES.items():
        (folder / name).write_text(text.lstrip("\n"), encoding="utf-8")
    return folder
