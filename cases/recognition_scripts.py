"""Two spellings of what people write: traditional Chinese characters, and English sentences with their spaces.

Pure. The table holds the characters that the rules look for and those that stand beside them; no dictionary is needed
to see that 電梯 is 电梯.
"""

import re
import unicodedata

# In pairs: the traditional character, the simplified one.
PAIRS = (
    "電电樓楼樑梁戶户業业區区處处費费維维護护體体壞坏門门聲声響响關关鎖锁開开滅灭煙烟濃浓報报殺杀傷伤險险嚇吓脅胁斷断線线歷历時时間间員员從从這这個个們们對对說说沒没"
    "還还會会為为應应產产發发無无氣气洩泄觸触墜坠掛挂頂顶場场動动車车庫库權权證证據据賠赔償偿錢钱賬账帳账單单價价漲涨調调減减繳缴納纳約约違违規规設设裝装飾饰繕缮築筑"
    "撥拨佔占燈灯橋桥網网紅红綠绿陽阳臺台灣湾國国園园圍围牆墙磚砖層层階阶級级鄰邻鄉乡鎮镇縣县長长親亲飼饲養养貓猫聽听視视監监攝摄頭头盜盗竊窃搶抢賊贼騙骗鬧闹爭争執执"
    "議议協协訴诉訟讼狀状態态務务實实際际義义寫写讀读聯联繫系絡络絕绝選选舉举罷罢換换屆届滿满備备辦办檔档資资訊讯隱隐擾扰亂乱惡恶熱热溫温燒烧毀毁潰溃縫缝滲渗濕湿溼湿"
    "黴霉廢废棄弃運运掃扫潔洁淨净鹽盐鐵铁鋼钢銹锈鏽锈鑰钥傾倾懸悬輪轮殘残婦妇兒儿獨独臥卧醫医療疗診诊銀银藥药農农遺遗繼继爾尔蘭兰麗丽華华馬马驚惊憤愤撲扑擊击毆殴鬥斗"
    "擋挡攔拦擠挤壓压墊垫軟软飛飞變变裏里裡里後后機机著着溝沟滾滚歲岁聞闻傢家廚厨衛卫廁厕齡龄負负責责號号與与樣样種种遷迁廠厂廳厅廣广該该隻只盤盘點点擔担穩稳賣卖買买"
    "鋪铺鬚须頻频"
)
TO_SIMPLIFIED = str.maketrans(PAIRS[::2], PAIRS[1::2])


def simplified(text: str) -> str:
    """Return Chinese text in simplified characters, as far as the rules look for them."""
    return text.translate(TO_SIMPLIFIED)


def english(text: str) -> str:
    """Return text as English rules read it: lower case, straight apostrophes, single blanks."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return re.sub(r"\s+", " ", plain)
