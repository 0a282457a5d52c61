"""Claims of a clause, as the states that facts have.

Cues are matched in order; text that matched one is not matched again. A negation shortly before a cue inverts
it. A claim consists of a group and those states of the group that would make it true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from xray.types import OUTSIDE, ZONES

GROUPS = {
    "answer": ("present", "absent", "cannot tell"),
    "side": ("above", "below"),
    "verdict": ("passed", "failed", "cannot be judged"),
    "gate": ("accepted", "refused"),
    "assessment": ("assessed", "not assessed"),
    "evidence": ("evidence", "no evidence"),
    "boxes": ("boxed", "no box"),
    "rank": ("most likely",),
    "vertical": ("upper", "middle", "lower"),
    "horizontal": ("left", "center", "right"),
    "zone": (*ZONES, OUTSIDE),
    "diagnosis": ("no diagnosis",),
}
GROUP_OF = {state: group for group, states in GROUPS.items() for state in states}
POINT = r"(?:operating\spoints?|thresholds?|cut-?offs?|limits?)"
IMAGE = r"(?:image|film|picture|radiograph|heatmap|map)"
NOT = re.compile(r"\b(?:not|no|never|neither|nor|none|without|cannot|unable|nothing)\b|n't\b|\bfail\w*\sto\b")
DENIED_NEXT = re.compile(r"\s(?:no|not|neither)\b")


@dataclass(frozen=True)
class Claim:
    """A claim.

    Attributes:
        group: Key in GROUPS.
        states: States that make the claim true.
        text: The cue.
        end: End of the cue in the clause.
    """

    group: str
    states: frozenset[str]
    text: str
    end: int = 0

    @property
    def weak(self) -> bool:
        """Whether the cue is a verb such as "is seen", which may describe a map instead of a finding."""
        return bool(WEAK.match(self.text))


def _cue(pattern: str, plain: str, denied: str) -> tuple[re.Pattern[str], str, str]:
    return re.compile(rf"\b(?:{pattern})"), plain, denied


CUES = (
    # negations at the start of a cue belong to the cue
    _cue(
        r"neither\s(?:present\snor\sabsent|answer)[^.;]*?(?:ruled\sout|excluded|possible)|neither\s(?:can|could)\sbe\s"
        r"(?:ruled\sout|excluded)|cannot\stell|can't\stell|(?:could|can|does|did)\snot\stell|undetermined|"
        r"(?:whether\b[^.;]*\b)?cannot\sbe\s(?:told|said|decided)|inconclusive|undecided|uncertain\b|unclear|(?:is|remains?|stays?)\sopen|both\sanswers\s(?:remain|stay|are)\s"
        r"possible|not\spossible\sto\s(?:tell|say)|does\snot\sdecide|unable\sto\s(?:tell|say|decide)",
        "cannot tell",
        "present|absent",
    ),
    _cue(
        r"(?:absent|absence)\s(?:is|was|as\san\sanswer\sis|can\sbe|could\sbe|cannot\sbe|is\snot)\s(?:ruled\sout|excluded)",
        "present",
        "absent|cannot tell",
    ),
    _cue(r"rul(?:e|es|ed|ing)\sout|exclud\w+", "absent", "present|cannot tell"),
    _cue(
        r"cannot\sbe\sjudged|could\snot\sbe\sjudged|(?:is|was)\snot\sjudged",
        "cannot be judged",
        "passed|failed",
    ),
    _cue(
        r"pass(?:ed|es)?\b(?!\s(?:its|the)\s(?:operating|threshold|cut))", "passed", "failed|cannot be judged"
    ),
    _cue(r"fail(?:ed|s|ing)?\b(?!\sto\b)|fail\b", "failed", "passed|cannot be judged"),
    _cue(r"(?:accept\w*|admitted|let\sthrough)", "accepted", "refused"),
    _cue(r"(?:refus|reject)\w*", "refused", "accepted"),
    _cue(r"nothing\sbut\b.*\bassessed", "assessed", "not assessed"),
    _cue(
        r"not\s(?:been\s)?(?:assessed|evaluated|examined|measured|considered)|(?:did|does|do)\snot\s"
        r"(?:assess|evaluate|examine|measure|report)\b|unassessed|not\sreported",
        "not assessed",
        "assessed",
    ),
    _cue(r"(?:assess|evaluat|examin)(?:ed|es|s)?\b", "assessed", "not assessed"),
    _cue(
        r"(?:no|without|lacks?|holds\sno|nothing\slike)\s(?:\w+\s)?positive\s(?:evidence|values?)|nothing\s(?:that\s)?speaks?\s"
        r"for|no\sevidence\s(?:in\sthe|on\sthe)\s(?:heat)?map",
        "no evidence",
        "evidence",
    ),
    _cue(
        r"(?:positive|strongest|highest|most)\s(?:evidence|values?)|speaks?\sfor", "evidence", "no evidence"
    ),
    _cue(
        r"(?:most\s(?:likely|probable)|likeliest|(?:highest|largest|greatest)\s(?:calibrated\s)?(?:probability|likelihood)|"
        r"(?:ranks?|ranked)\s(?:first|highest)|leading\sfinding)",
        "most likely",
        "not most likely",
    ),
    _cue(
        r"least\s(?:likely|probable)|lowest\s(?:calibrated\s)?probability|second|third\sfinding",
        "otherwise ranked",
        "?",
    ),
    _cue(
        rf"(?:at\sor\s|on\sor\s)?(?:above|over|exceed\w*|reach\w*|surpass\w*|beyond|pass(?:es|ed)?|higher\sthan|greater\s"
        rf"than|more\sthan)\s(?=(?:[\w.%-]+\s){{0,4}}{POINT})",
        "above",
        "below",
    ),
    _cue(
        rf"(?:below|under|beneath|short\sof|lower\sthan|less\sthan|smaller\sthan)\s(?=(?:[\w.%-]+\s){{0,4}}{POINT})",
        "below",
        "above",
    ),
    _cue(
        r"(?:above|over|exceed\w*|reach\w*)\sit\b|above(?=\W*$)|flagged\b|(?:rated|called|is|are|be)\spositive\b|positive\sfor",
        "above",
        "below",
    ),
    _cue(r"below\sit\b|below(?=\W*$)|(?:rated|called|is|are|be)\snegative\b|negative\sfor", "below", "above"),
    _cue(r"no\sbox(?:es)?|without\s(?:a\s)?box(?:es)?", "no box", "boxed"),
    _cue(r"box(?:es)?\b", "boxed", "no box"),
    _cue(
        r"possib(?:le|ly|ility)\b|(?:may|might|could)\sbe\spresent|in\squestion",
        "present|cannot tell",
        "absent",
    ),
    _cue(
        r"present\b|presence|there\s(?:is|are|was)\b|suggest\w*|indicat\w+|visible|seen\b|sees?\b|detect(?:s|ed)?\b|"
        r"identif\w+|found\b|finds?\b|appears?\b|evidence\s(?:of|for)|signs?\sof|consistent\swith|"
        r"shows?\b(?!\swhere)|considered\b",
        "present",
        "absent",
    ),
    _cue(r"absent\b|absence|free\sof|clear\sof|lacks?\b", "absent", "present"),
    _cue(r"diagnos\w+", "diagnosis", "no diagnosis"),
)
WEAK = re.compile(r"there\s|visible|seen|sees?|detect|identif|found|finds?|appear|shows?|considered")
PLACES = (
    (re.compile(r"\b(?:upper|top)\b"), "upper"),
    (re.compile(r"\b(?:lower|bottom)\b(?!\sthan)"), "lower"),
    (re.compile(r"\bleft\b"), "left"),
    (re.compile(r"\bright\b"), "right"),
    (re.compile(r"\b(?:center|centre|central)\b"), "center"),
    (re.compile(r"\bmiddle\b"), "middle"),
)
ON_IMAGE = re.compile(
    rf"\b(?:upper|top|lower|bottom|left|right|center|centre|central|middle)\b[\w\s,-]{{0,40}}?\b(?:of|on|in)\s(?:the|this)\s"
    rf"{IMAGE}\b|\b(?:image|film)(?:'s)?\s(?:upper|top|lower|bottom|left|right|center|centre|middle)\b[\w\s-]*"
)
ZONE = re.compile(rf"\b(?:(?P<zone>{'|'.join(ZONES)})\szone|outside\s(?:of\s)?the\slungs?)\b")
PATIENT_SIDE = re.compile(r"\b(?:left|right)\b")
NO_SIDE = re.compile(
    rf"\bleft\sand\sright\b[\w\s]*?\b(?:of\sthe\s)?{IMAGE}|\bleft\s(?:open|out|unanswered)\b"
)
MAP_WORDS = re.compile(
    r"\b(?:map|heatmap|heat|looked|looks|looking|highest|peaks?|box|boxes|attention|evidence)\b"
)


def claims(clause: str) -> list[Claim]:
    """Return all claims of a clause."""
    text, found = clause.lower(), []
    for pattern, plain, denied in CUES:
        for match in pattern.finditer(text):
            turned = bool(NOT.search(_before(text, match.start())) or DENIED_NEXT.match(text[match.end() :]))
            states = frozenset((denied if turned else plain).split("|"))
            group = GROUP_OF.get(plain.split("|")[0]) or GROUP_OF.get(denied.split("|")[0]) or "rank"
            found.append(Claim(group, states, match.group().strip(), match.end()))
            text = text[: match.start()] + "·" * len(match.group()) + text[match.end() :]
    return [*found, *_zones(clause.lower()), *_places(ZONE.sub(" ", clause.lower()))]


def _zones(text: str) -> list[Claim]:
    zones = [(match["zone"] or OUTSIDE, match.end()) for match in ZONE.finditer(text)]
    return [Claim("zone", frozenset((zone,)), zone, end) for zone, end in zones]


def _before(text: str, start: int) -> str:
    """The five words before a position, after the last punctuation mark."""
    phrase = re.split(r"[,;:()·]", text[:start])[-1]
    return " ".join(phrase.split()[-5:])


def _places(text: str) -> list[Claim]:
    mentioned = " ".join(match.group() for match in ON_IMAGE.finditer(NO_SIDE.sub(" ", text)))
    named = [state for pattern, state in PLACES if pattern.search(mentioned)]
    if not named:
        return []
    if not {"upper", "lower", "middle"} & set(named) and "center" in named:
        named.append("middle")
    if not {"left", "right", "center"} & set(named) and named == ["middle"]:
        named.append("center")
    return [Claim(GROUP_OF[state], frozenset((state,)), state) for state in named]


def names_patient_side(text: str) -> bool:
    """Whether a text uses left or right for anything but the image and zones of the lungs."""
    plain = ZONE.sub(" ", NO_SIDE.sub(" ", text.lower()))
    return bool(PATIENT_SIDE.search(ON_IMAGE.sub(" ", plain)))


def is_of_map(text: str) -> bool:
    """Whether a text is about a map or a box instead of a finding."""
    return bool(MAP_WORDS.search(text.lower()))


CERTAINTY = (  # degrees of certainty, and the probabilities for which they may be used
    (re.compile(r"\b(?:impossible|definitely not|certainly not)\b"), (0.0, 0.0)),
    (
        re.compile(
            r"\b(?:definite\w*|certain(?:ly|ty)?|undoubted\w*|no doubt|without doubt|beyond doubt|clearly|"
            r"obvious\w*|"
            r"unequivocal\w*|unambiguous\w*|confirm\w*|prove[sdn]?|proof|surely|sure|guarantee\w*|conclusive\w*|"
            r"evident\w*|must be)\b"
        ),
        (1.0, 1.0),
    ),
    (re.compile(r"\b(?:almost certain\w*|nearly certain\w*|virtually certain)\b"), (0.95, 1.0)),
    (re.compile(r"\b(?:very|highly|extremely) (?:unlikely|improbable)\b"), (0.0, 0.1)),
    (re.compile(r"\b(?:very|highly|extremely|quite) (?:likely|probable)\b|\bhigh confidence\b"), (0.9, 1.0)),
    (re.compile(r"\b(?:unlikely|improbable)\b|\blow (?:probability|likelihood|confidence)\b"), (0.0, 0.5)),
    (
        re.compile(
            r"(?<!most )(?<!least )\b(?:likely|probable)\b(?! than)|"
            r"\bprobably\b|\bhigh (?:probability|likelihood)\b|\bconfident(?:ly)?\b"
        ),
        (0.5, 1.0),
    ),
)


def certainty(clause: str) -> tuple[str, tuple[float, float]] | None:
    """Return the strongest expression of certainty and the probabilities for which it may be used."""
    text = clause.lower()
    for pattern, bounds in CERTAINTY:
        match = pattern.search(text)
        if not match:
            continue
        negated = NOT.search(_before(text, match.start())) is not None
        if bounds == (1.0, 1.0) and negated:
            return None  # "not certain" claims nothing
        if negated:
            bounds = (0.0, 0.5) if bounds[1] == 1.0 else (0.5, 1.0)
        return match.group(), bounds
    return None
