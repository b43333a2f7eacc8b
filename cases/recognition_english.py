"""The words by which an English message is recognised: the same categories, for what people write most.

Matters of an authority and the trade's own quarrels come in Chinese only; an English message about them goes to people.
"""

import re

from cases.recognition_rules import Rule

_FEE = r"(?:property|management|service|maintenance|strata) (?:management )?(?:fee|charge)s?"
_LIFT = r"(?:lift|elevator)s?"
_COMMITTEE = r"(?:owners'? ?(?:committee|association|corporation)|residents'? committee)"
_PARKING = r"(?:parking|car) (?:space|bay|spot|lot|place)s?"

_SIGNS: tuple[tuple[str, float, str], ...] = (
    ("0101", 5, rf"(?:unpaid|owe\w*|arrears|overdue|outstanding) (?:\w+ ){{0,3}}{_FEE}"),
    ("0102", 5, rf"{_FEE} (?:\w+ ){{0,4}}(?:increas\w+|rais\w+|went up|rise|too high|doubled)|(?:increas\w+|rais\w+|higher) (?:\w+ ){{0,3}}{_FEE}"),
    ("0103", 5, rf"(?:reduc\w+|discount|waive\w*) (?:\w+ ){{0,4}}{_FEE}"),
    ("0104", 5, rf"(?:vacant|empty|unoccupied) (?:\w+ ){{0,6}}(?:{_FEE}|fees?)"),
    ("0106", 5, r"shared (?:electricity|energy|water|power)|common[- ]area (?:electricity|energy)"),
    ("0107", 5, r"(?:renovation|decoration|fit[- ]?out) deposit|rubbish removal fee"),
    ("0108", 5, rf"(?:refund|return) (?:\w+ ){{0,4}}(?:prepaid|advance)|prepaid (?:\w+ ){{0,3}}{_FEE}"),
    ("0110", 6, r"cut (?:off )?(?:\w+ ){0,2}(?:water|power|electricity|gas) (?:\w+ ){0,6}(?:fee|pay)|disabled (?:\w+ ){0,2}access card"),
    ("0199", 3, _FEE),
    ("0201", 5, r"(?:garbage|rubbish|trash|litter) (?:\w+ ){0,3}(?:not|never|pil\w+|everywhere|uncollected)|(?:dirty|uncleaned|filthy) (?:\w+ ){0,2}(?:corridor|stair\w*|lobby)"),
    ("0202", 5, r"(?:trees?|lawn|grass|plants?|garden\w*) (?:\w+ ){0,3}(?:dead|dying|overgrown|neglected|uncut|cut down)"),
    ("0203", 5, r"security guards?|\bguards? (?:\w+ ){0,3}(?:sleep\w*|absent)"),
    ("0204", 5, r"(?:rude|insult\w*|bad attitude|shouted at)"),
    ("0205", 5, r"report(?:ed)? (?:\w+ ){0,4}(?:repairs?|times) (?:\w+ ){0,5}(?:nobody|no one|never|not)|repair request"),
    ("0301", 6, r"(?:roof|external wall|outer wall|outside wall|exterior wall) (?:\w+ ){0,4}(?:leak\w*|seep\w*|damp)|(?:leak\w*|seep\w*) (?:\w+ ){0,3}(?:roof|external wall|exterior wall)"),
    ("0302", 6, r"(?:drain|sewer|sewage|pipe|septic)\w* (?:\w+ ){0,3}(?:block\w*|clog\w*|overflow\w*|burst)|blocked (?:drain|sewer|pipe)"),
    ("0303", 5, r"(?:street|corridor|hall|stair\w*) lights? (?:\w+ ){0,3}(?:broken|out|off|not)|(?:entrance|access|main) (?:gate|door) (?:\w+ ){0,2}(?:broken|not working)"),
    ("0304", 5, r"water pressure|no (?:running|tap) water|water pump"),
    ("0305", 6, r"(?:tiles?|facade|plaster|bricks?) (?:\w+ ){0,4}(?:fall\w*|fell|coming off|loose)|falling (?:tiles?|plaster|bricks?)"),
    ("0499", 5, r"(?:maintenance|repair|sinking|reserve) fund"),
    ("0405", 6, r"(?:embezzl\w*|misus\w*|misappropriat\w*) (?:\w+ ){0,4}fund"),
    ("0599", 5, r"(?:advert\w*|common|public) (?:area )?(?:income|revenue|proceeds)|income from (?:\w+ ){0,3}(?:advert\w*|common)"),
    ("0602", 5, r"parking (?:fee|charge|rate)s?"),
    ("0603", 5, rf"{_PARKING} (?:\w+ ){{0,4}}(?:occupied|taken|blocked|stolen|lock\w*|full)|occup\w+ (?:\w+ ){{0,3}}{_PARKING}"),
    ("0604", 6, r"(?:ev|electric (?:car|vehicle)) charg\w+|charging (?:pile|point|station|post)"),
    ("0605", 6, r"e-?bikes?|electric (?:bike|bicycle|scooter)s?"),
    ("0606", 5, r"(?:car|vehicle) (?:\w+ ){0,3}(?:scratch\w*|damaged|stolen|dented)"),
    ("0699", 3, r"\bparking\b"),
    ("0701", 5, r"(?:renovation|decoration|drilling|building work) (?:\w+ ){0,4}(?:noise|loud|early|late|night|weekend)"),
    ("0702", 7, r"load[- ]bearing wall|structural wall"),
    ("0703", 6, r"illegal (?:\w+ ){0,2}(?:construction|structure|building|extension)|unauthori[sz]ed (?:\w+ ){0,2}(?:construction|structure|extension)"),
    ("0705", 6, r"(?:group|short[- ]term|illegal) (?:rental|letting|sublet\w*)|airbnb|subdivided flat"),
    ("0801", 6, rf"{_LIFT} (?:\w+ ){{0,4}}(?:broken|broke|out of order|not working|stuck|stops?|stopped|fault\w*|fail\w*|fell|dropped)|(?:trapped|stuck) in (?:the |a |an )?{_LIFT}"),
    ("0803", 6, rf"(?:install\w*|add\w*|retrofit\w*) (?:\w+ ){{0,3}}{_LIFT}"),
    ("0804", 6, rf"{_LIFT} (?:usage )?(?:fee|charge)s?"),
    ("0899", 3, rf"\b{_LIFT}\b"),
    ("0901", 6, r"(?:upstairs|neighbou?r\w*|flat above|floor above) (?:\w+ ){0,6}(?:leak\w*|flood\w*|water)|(?:leak\w*|water) (?:\w+ ){0,5}(?:from )?(?:upstairs|flat above|floor above|ceiling)"),
    ("0902", 6, r"\bnois[ey]\w*|loud music|square dancing"),
    ("0903", 5, r"cooking (?:fumes|smells?)|restaurant (?:fumes|smells?)|kitchen exhaust"),
    ("0904", 6, r"\bdogs?\b|\bpets?\b|barking"),
    ("0905", 7, r"(?:throw\w*|threw|thrown|falling) (?:\w+ ){0,4}(?:from (?:the )?(?:window|balcony|height|above|upstairs)|objects?)"),
    ("0907", 5, r"(?:corridor|hallway|stairwell|stairs|landing) (?:\w+ ){0,4}(?:clutter\w*|piled|blocked|bikes|shoes|rubbish)"),
    ("0908", 6, r"(?:neighbou?r\w*|opposite) (?:\w+ ){0,4}(?:camera|video doorbell)|(?:camera|video doorbell) (?:\w+ ){0,4}(?:my|our) door"),
    ("1001", 6, r"fire (?:hydrant|extinguisher|alarm|sprinkler|equipment)s? (?:\w+ ){0,3}(?:broken|missing|not working|empty|expired)"),
    ("1002", 7, r"fire (?:lane|exit|escape|route)s? (?:\w+ ){0,4}(?:block\w*|lock\w*|obstruct\w*)|block\w* (?:the )?fire (?:lane|exit|escape|route)"),
    ("1003", 5, r"\b(?:burglar\w*|theft|thief|thieves|break-?in)\b"),
    ("1004", 5, r"(?:slipped|tripped|fell|injured|hurt) (?:\w+ ){0,6}(?:stairs|lobby|floor|playground|gate|ice)"),
    ("1199", 5, _COMMITTEE),
    ("1102", 6, rf"election (?:\w+ ){{0,4}}{_COMMITTEE}|{_COMMITTEE} (?:\w+ ){{0,4}}election"),
    ("1106", 6, r"(?:owners'? meeting|vote|ballot)s? (?:\w+ ){0,4}(?:fake\w*|forged|count\w*|invalid)"),
    ("1202", 6, r"(?:dismiss|replace|change|terminate) (?:\w+ ){0,4}(?:property|management) (?:management )?(?:company|contract)"),
    ("1203", 6, r"(?:refus\w+) to (?:leave|hand over)|hand ?over (?:\w+ ){0,4}(?:new|old) (?:property|management)"),
    ("1301", 5, r"(?:developer|new (?:flat|house|home)) (?:\w+ ){0,6}(?:crack\w*|defect\w*|quality|warranty)"),
    ("1304", 6, r"title deed|property certificate"),
    ("1399", 3, r"\bdeveloper\b"),
    ("1402", 7, r"face recognition|facial recognition|personal (?:data|information)|data leak"),
    ("1403", 7, r"(?:posted|published|displayed) (?:\w+ ){0,6}(?:debtors|names|arrears)"),
    ("16", 7, r"unpaid wages|my (?:salary|wages)|labou?r contract"),
)  # fmt: skip
ENGLISH_RULES: tuple[Rule, ...] = tuple(Rule(code, weight, re.compile(pattern)) for code, weight, pattern in _SIGNS)
