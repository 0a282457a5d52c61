"""Claims of a clause, as the states that facts have.

Cues are matched in order; text that matched one is not matched again. A negation shortly before a cue inverts
it. A claim consists of a group and those states of the group that would make it true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from xray.report.grounding.positions import positions
from xray.types import OUTSIDE, ZONES

GROUPS = {
    "answer": ("present", "absent", "cannot tell"),
    "side": ("above", "below"),
    "verdict": ("passed", "failed", "cannot be judged"),
    "gate": ("accepted", "refused"),
    "assessment": ("assessed", "not assessed"),
    "checking": ("checked", "unchecked"),
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
NOT = re.compile(
    r"\b(?:not|no|nobody|never|neither|nor|none|without|cannot|unable|nothing)\b|n't\b|\bfail\w*\sto\b"
)
DENIED_NEXT = re.compile(r"\s(?:no|not|nothing|neither)\b")


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
        r"(?:cannot|can't|(?:could|can|does|did)\snot|unable\sto)\s(?:tell|say|"
        r"decide)\swhether\b[^.;,]*\b(?:present|absent|there)\b|"
        r"neither\s(?:(?:its\s|the\s)?presen(?:t|ce)\snor\s(?:its\s|the\s)?absen(?:t|ce)|(?:its\s|"
        r"the\s)?absen(?:t|ce)\snor\s(?:its\s|the\s)?presen(?:t|ce)|answer|of\s(?:the\stwo|them)|"
        r"possibility)[^.;]*?(?:ruled\sout|excluded|possible)|(?:called|"
        r"answered)\sneither\spresent\snor\sabsent|rules?\sout\sneither\b[^.;]*\b(?:absent|absence|present|"
        r"presence)|neither\s(?:confirmed|established|proven)\snor\s(?:ruled\sout|excluded)|neither\s(?:can|"
        r"could)\sbe\s"
        r"(?:ruled\sout|excluded)|cannot\stell|can't\stell|(?:could|can)\snot\stell|undetermined|"
        r"(?:whether\b[^.;]*\b)?cannot\sbe\s(?:told|said|decided)|inconclusive|undecided|uncertain(?:ty)?\b|"
        r"unclear|(?:is|remains?|stays?)\sopen|both\sanswers\s(?:remain|stay|are)\s"
        r"possible|not\spossible\sto\s(?:tell|say)|does\snot\sdecide|unable\sto\s(?:tell|say|decide)",
        "cannot tell",
        "present|absent",
    ),
    _cue(
        r"(?:absent|absence)(?:\sof\s\w+(?:\s\w+)?)?\s(?:cannot|can't|could\snot|"
        r"is\snot)(?:\sbe)?\s(?:ruled\sout|excluded)",
        "absent|cannot tell",
        "present",
    ),
    _cue(
        r"(?:absent|absence)\s(?:is|was|as\san\sanswer\sis|can\sbe|could\sbe)\s(?:ruled\sout|excluded)",
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
        r"pass(?:ed|es)?\b(?!\s(?:its|the)\s(?:operating|threshold|cut|input\sgate|gate))",
        "passed",
        "failed|cannot be judged",
    ),
    _cue(r"fail(?:ed|s|ing)?\b(?!\sto\b)|fail\b", "failed", "passed|cannot be judged"),
    _cue(r"(?:accept\w*|pass(?:ed|es)?\sthe\s(?:input\s)?gate|admitted|let\sthrough)", "accepted", "refused"),
    _cue(r"(?:refus|reject)\w*", "refused", "accepted"),
    _cue(
        r"whether\b[^.;]*\bcannot\sbe\s(?:answered|determined)|(?:cannot|could\snot)\sbe\sanswered",
        "cannot tell|not assessed",
        "?",
    ),
    _cue(
        r"(?:not\sassessed:?\s)?(?:nothing|anything|everything|no\s(?:other\s)?findings?)\s"
        r"(?:but|other\sthan|else|besides|except|beyond|apart\sfrom)\b[^.;]*\b(?:assessed|examined|"
        r"evaluated|(?:was|were)(?=\W*$))|"
        r"findings?\sother\sthan\b[^.;]*\bnot\s(?:assessed|examined|evaluated)|"
        r"not\sassessed:?\s(?:anything|everything)\s(?:but|except|beyond)\b|"
        r"(?:(?:apart|aside)\sfrom|beyond|besides|other\sthan)\b[^.;]*\b(?:nothing|"
        r"no\s(?:other\s)?finding)\b[^.;]*\b(?:assessed|examined|evaluated)",
        "assessed",
        "not assessed",
    ),
    _cue(
        r"findings?\sother\sthan\b[^.;]*\b(?:was|were)\s(?:assessed|examined|evaluated)",
        "others assessed",
        "?",
    ),
    _cue(r"unchecked|untested", "unchecked", "checked"),
    _cue(r"(?:checked|verified)\b|checks?\s(?:show|found|confirm)\w*", "checked", "unchecked"),
    _cue(
        r"(?:raise|lift|push|bring)s?\b[^.;]*\bto\s(?:(?:the|its|their)\soperating\spoint|theirs)",
        "cannot tell",
        "?",
    ),
    _cue(
        r"not\s(?:been\s)?(?:assessed|evaluated|examined|measured|considered)|(?:did|does|do)\snot\s"
        r"(?:assess|evaluate|examine|measure|report)\b|unassessed|not\sreported",
        "not assessed",
        "assessed",
    ),
    _cue(r"(?:assess|evaluat|examin)(?:ed|es|s)?\b", "assessed", "not assessed"),
    _cue(
        r"(?:no|without|lacks?|holds\sno|nothing\slike)\s(?:\w+\s)?positive\s(?:evidence|values?)|"
        r"nothing\s(?:that\s)?speaks?\s"
        r"for|no\sevidence\s(?:in\sthe|on\sthe)\s(?:heat)?map",
        "no evidence",
        "evidence",
    ),
    _cue(
        r"(?:positive|strongest|highest|most)\s(?:evidence|values?|points?)|speaks?\sfor",
        "evidence",
        "no evidence",
    ),
    _cue(
        r"(?:most\s(?:likely|probable)|likeliest|(?:highest|largest|"
        r"greatest)\s(?:calibrated\s)?(?:probability|likelihood)|"
        r"(?:ranks?|ranked)\s(?:first|highest)|leading\sfinding|(?:leads|tops|heads)\sthe\slist)",
        "most likely",
        "not most likely",
    ),
    _cue(
        r"least\s(?:likely|probable)|lowest\s(?:calibrated\s)?probability|second|third\sfinding",
        "otherwise ranked",
        "?",
    ),
    _cue(
        rf"(?:at\sor\s|on\sor\s)?(?:above|over|exceed\w*|reach\w*|surpass\w*|beyond|pass(?:es|ed)?|"
        rf"higher\sthan|greater\s"
        rf"than|more\sthan)\s(?=(?:[\w.%-]+\s){{0,4}}{POINT})",
        "above",
        "below",
    ),
    _cue(
        rf"(?:below|under|beneath|short\sof|lower\sthan|less\sthan|"
        rf"smaller\sthan)\s(?=(?:[\w.%-]+\s){{0,4}}{POINT})",
        "below",
        "above",
    ),
    _cue(
        r"(?:above|over|exceed\w*|reach\w*)\sit\b|above(?=\W*$)|flagged\b|calls\b|\bnames\b|"
        r"called\b(?!\s(?:positive|negative|absent|present|normal|the|an?)\b)|(?:rated|called|is|are|"
        r"be)\spositive\b|positive\sfor",
        "above",
        "below",
    ),
    _cue(r"below\sit\b|below(?=\W*$)|(?:rated|called|is|are|be)\snegative\b|negative\sfor", "below", "above"),
    _cue(r"no\sbox(?:es)?|without\s(?:a\s)?box(?:es)?", "no box", "boxed"),
    _cue(r"box(?:es)?\b", "boxed", "no box"),
    _cue(
        r"possib(?:le|ly|ility)\b|(?:may|might|could)\s(?:also\s|still\s)?be\spresent|in\squestion",
        "present|cannot tell",
        "absent",
    ),
    _cue(r"(?:may|might|could)\s(?:also\s|still\s)?be\sabsent", "absent|cannot tell", "present"),
    _cue(
        r"present\b|presence|there\s(?:is|are|was)\b|suggest\w*|indicat\w+|visible|seen\b|sees?\b|"
        r"detect(?:s|ed)?\b|"
        r"identif\w+|found\b|finds?\b|appears?\b|evidence\s(?:of|for)|signs?\sof|consistent\swith|"
        r"shows?\b(?!\s(?:where|whether|how|why|that)\b)|considered\b",
        "present",
        "absent",
    ),
    _cue(r"absent\b|absence|free\sof|clear\sof|lacks?\b", "absent", "present"),
    _cue(r"diagnos\w+", "diagnosis", "no diagnosis"),
)
WEAK = re.compile(
    r"there\s|visible|seen|sees?|detect|identif|found|finds?|appear|shows?|considered|indicat|suggest"
)
MAP_WORDS = re.compile(
    r"\b(?:map|heatmap|heat|looked|looks|looking|highest|peaks?|box|boxes|attention|evidence)\b"
)


def claims(clause: str, sentence: str = "") -> list[Claim]:
    """Return all claims of a clause of a sentence."""
    text, found = clause.lower(), []
    for pattern, plain, denied in CUES:
        for match in pattern.finditer(text):
            turned = is_negated(text, match.start()) or bool(DENIED_NEXT.match(text[match.end() :]))
            states = frozenset((denied if turned else plain).split("|"))
            group = GROUP_OF.get(plain.split("|")[0]) or GROUP_OF.get(denied.split("|")[0]) or "rank"
            found.append(Claim(group, states, match.group().strip(), match.end()))
            text = blanked(text, *match.span())
    return found + [
        Claim(GROUP_OF[state], frozenset((state,)), state) for state in positions(clause, sentence)
    ]


def blanked(text: str, start: int, end: int) -> str:
    """The text of the same length without a part of it."""
    return text[:start] + "·" * (end - start) + text[end:]


def is_negated(text: str, start: int) -> bool:
    """Whether one of the six words before a position, after the last punctuation mark, is a negation."""
    phrase = re.split(r"[,;:()·]|\b(?:and|but)\b", text[:start])[-1]
    return bool(NOT.search(" ".join(phrase.split()[-6:])))


def is_of_map(text: str) -> bool:
    """Whether a text is about a map or a box instead of a finding."""
    return bool(MAP_WORDS.search(text.lower()))
