"""The words by which somebody says that people are in danger now, in Chinese and in English.

What is only called after a danger (a fire drill, the lift fee, talks that collapsed) is blanked before reading. Pure;
patterns are plain words and short bounded gaps.
"""

import re

from cases.choices import Flag

CHINESE = re.compile(
    r"漏电|触电|坠落|脱落|掉下来|砸到|困人|关人|困在(?:电梯|升降机|里面|屋里|车库)|被困|卡在电梯|困(?:升降机|𨋢)|掉层|下坠|冲顶|"
    r"着火|起火|失火|火警[^铃]|火灾|火情|大火|浓烟|冒烟|爆炸|(?:燃气|煤气|天然气|液化气|石油气).{0,4}(?:泄漏|泄露|漏)|"
    r"漏(?:煤气|燃气)|(?:闻到|有|股).{0,4}(?:煤气|燃气|液化气)味|液化气站|一氧化碳|坍塌|倒塌|下沉|"
    r"承重墙|地基开裂|消防.{0,8}(?:瘫痪|堵|占用|封)|飞线充电|威胁.{0,4}生命|生命危险|人身安全|"
    r"自杀|轻生|跳楼(?!价|式)|割腕|寻死|不想活|喝农药|持刀|拿刀|持械|砍人|砍伤|捅伤|捅人|杀人|打死|放火|纵火|绑架|"
    r"洪水|被水淹|水淹(?:进|到|了)|昏迷|没有呼吸|大出血"
)

# Said of something else, or of a danger that is only practised, priced, insured or talked about.
_HARMLESS = re.compile(
    r"fire (?:drill|practice|insurance|certificate|inspection|training|safety (?:talk|course|week)|hydrant|extinguisher)s?|"
    r"\bfire ?place|\bfireworks?|\bfire(?:d|s)? (?:the|him|her|them|our)\b|\bfired\b|"
    r"gas (?:bill|fee|meter|charge|price|payment|account)s?|no smoking|smoking (?:area|room|ban)|"
    r"smoke (?:detector|alarm)s?|(?:elevator|lift) (?:fee|charge|bill|music|advert\w*|maintenance (?:fee|contract))s?|"
    r"trapped (?:in|by|into) (?:a|the|this|our|an)? ?(?:contract|agreement|lease|dispute|loop)|"
    r"(?:talks|negotiations?|agreement|deal|market|prices?|meeting)[a-z ]{0,12} collaps\w*|collapsible|"
    r"flooded with (?:calls|complaints|letters|emails|messages)|flood (?:of (?:calls|complaints|letters)|lights?)|floodlights?|"
    r"(?:bill|price|fee|sticker) shock|shock(?:ed|ing)? (?:to|by|at|that)|attack on (?:the )?(?:plan|proposal)|"
    r"suicide (?:prevention|hotline) (?:poster|leaflet|lecture)|no (?:gas leak|fire|smoke|danger)\b|false alarm"
)

_LIFT = r"(?:lift|elevator)s?"
_WHO = (
    r"(?:people|persons?|someone|somebody|man|men|woman|women|child|children|kids?|baby|mother|father|mum|mom|dad|parents?|"
    r"wife|husband|son|daughter|grand\w+|neighbou?rs?|residents?|worker|i|we|he|she|they|am|is|are|was|were|been|got|get)"
)
_THING = r"(?:ceiling|wall|roof|building|balcony|floor|facade|façade|scaffold\w*|canopy|staircase|stairs|ground|slab)"
_ENGLISH = (
    # fire and gas
    r"\bon fire\b|\bcaught fire\b|\bset (?:\w+ )?(?:\w+ )?(?:on fire|fire to)|\b(?:a|the|there is|there's|big|house|electrical) fire\b|"
    r"\bfire (?:in|at|broke|started|has|is|now|next|on the|spreading|and smoke)\b|^\W*fire\W*$|\bfire!|\bburning (?:smell|down|now)|\bsmell of burning|"
    r"\bflames?\b|\barson|\bexplo(?:sion|ded|ding|de)\b|\bblast\b|"
    r"\bsmoke (?:in|from|is|coming|everywhere|pouring|filling|out)|\b(?:thick|black|heavy|full of|lots of) smoke|\bsmoking (?:socket|wire|cable|box|meter)|"
    r"\bgas (?:is )?(?:leak|escap)\w*|\bleak(?:s|ing|ed|age)?(?: of)? (?:the )?gas|\bsmell(?:s|ed|ing)?(?: of| like)? gas|\bgas smell|\bsmell gas|"
    r"\bgas explosion|\bcarbon monoxide|"
    # trapped and lifts
    rf"\b(?:trapped|stuck|locked|shut) (?:in|inside|in side) (?:the |a |an |our |my )?(?:\w+ )?{_LIFT}|"
    rf"\b{_WHO} (?:\w+ ){{0,3}}trapped\b|\btrapped (?:in|inside|under|on|between) (?:the |a |an |our |my )?(?:\w+ )?"
    r"(?:flat|apartment|room|basement|car ?park|garage|building|roof|stairwell|rubble|shaft|house|water)|"
    rf"\b{_LIFT} (?:\w+ ){{0,2}}(?:fell|plunged|plummeted|dropped|free ?fall\w*|shot up)|\b(?:fell|fallen) (?:down|into) (?:the )?{_LIFT} shaft|"
    # structures, electricity, water
    rf"\b{_THING} (?:\w+ ){{0,3}}(?:collaps\w+|cav(?:ed|ing) in|sinking|about to fall)|\bcollaps(?:ed|ing|e) (?:of )?(?:the )?(?:\w+ )?{_THING}|"
    r"\b(?:tiles?|bricks?|glass|plaster|concrete|stones?|window|objects?) (?:\w+ ){0,3}(?:falling|fell|fallen|coming down)\b|\bfalling (?:tiles?|bricks?|glass|plaster|concrete|objects?|masonry)|"
    r"\bload[- ]bearing wall|\belectric(?:al)? shock|\belectrocut\w+|\blive (?:wire|cable)s?|\b(?:exposed|bare) (?:\w+ )?(?:wire|cable)s?|"
    r"\b(?:got|get|gets|getting) (?:a )?shock(?:s|ed)? (?:from|off)|\bsparks? (?:from|coming|flying)|\bsparking|"
    r"\bflood(?:ed|ing|s)?\b|\bwater (?:is )?(?:rising|pouring in|up to)|"
    r"\bfire (?:exit|escape|lane|door|route|engine access)s? (?:\w+ ){0,3}(?:block|lock|obstruct|chain)\w*|\bblock\w* (?:the )?fire (?:exit|escape|lane|door|route)|"
    # people
    r"\bsuicid\w+|\bkill(?:ing)? (?:my|him|her|them|your)sel(?:f|ves)|\bend (?:my|his|her|their) (?:own )?li(?:fe|ves)|\bwants? to die|"
    r"\bjump(?:ing|ed)? (?:off|from|out of) (?:the |a |his |her |my )?(?:roof|building|balcony|window|bridge|top)|\bcut(?:ting)? (?:my|his|her) wrists?|"
    r"\b(?:with|has|had|holding|pulled|waving|carrying) (?:a |an |his |her |the )?(?:big |kitchen )?(?:knife|knives|gun|axe|weapon|machete|sword|iron bar)|"
    r"\bknife attack|\barmed (?:man|men|with)|\bgun ?shots?|\bstab(?:bed|bing|s)?\b|"
    r"\bthreat\w* to (?:kill|stab|hurt|burn|beat|harm|shoot|attack)|\bkill (?:me|us|him|her|them|you|someone|somebody)|\bmurder\w*|"
    r"\b(?:beat|beats|beating|beaten) (?:me|him|her|us|them|up|by)|\bbeing beaten|\bassault\w*|\battack(?:ed|ing|s) (?:me|us|him|her|them|by|my|our|a)|"
    r"\bviolen(?:t|ce|tly)\b|\brap(?:ed|ist)\b|\bkidnap\w*|\bhostage|"
    r"\bunconscious|\bnot breathing|\bcan(?:'|no)t breathe|\bbleeding (?:heavily|badly|a lot)|\bheart attack|"
    r"\bfell (?:from|off) (?:the |a )?(?:roof|balcony|window|ladder|height|\w+ floor)|"
    r"\b(?:life|lives) (?:is |are )?(?:in|at) (?:danger|risk)|\bin danger of (?:death|dying)|\blife[- ]threatening|"
    # Chinese typed in Latin letters
    r"\b(?:zhao ?huo|qi ?huo le|mei ?qi (?:xie ?)?lou|ran ?qi (?:xie ?)?lou|lou ?mei ?qi|chu ?dian|lou ?dian le|bei ?kun|dian ?ti kun ?ren|tiao ?lou|zi ?sha)\b"
)
ENGLISH = re.compile(_ENGLISH)
# What else calls for special care, in English.
FLAGS = {
    Flag.COLLECTIVE: re.compile(
        r"\b\d{2,4} (?:households|families|residents|owners)\b|\b(?:joint|collective) petition|\ball (?:the )?(?:residents|owners)\b"
    ),
    Flag.MASS_RISK: re.compile(
        r"\bprotest(?:ers?|ing)?\b|\bbanners?\b|\bblock(?:ed|ing)? the (?:gate|road|entrance)\b|\briot"
    ),
    Flag.ELDERLY: re.compile(
        r"\belderly\b|\bwheel ?chair|\bdisabled\b|\bpregnant\b|\bbedridden\b|\bold (?:man|woman|lady|people)\b|\bgrand(?:mother|father|ma|pa)\b"
    ),
    Flag.MEDIA: re.compile(r"\bjournalists?\b|\breporters?\b|\btv station\b|\bnewspapers?\b|\bthe media\b"),
}


def danger_in_english(text: str) -> str:
    """Return the words of an English text (as `recognition_scripts.english` gives it) that tell of a danger, or nothing."""
    found = ENGLISH.search(_HARMLESS.sub(" . ", text))
    return found[0].strip() if found else ""
