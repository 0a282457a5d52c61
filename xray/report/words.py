"""The words that any sentence of a report may use: they say nothing by themselves. What else a sentence says
must be said by the facts it cites, so that whatever a language model adds is found without a list of lies.
"""

from __future__ import annotations

import re

from xray.report.quantities import NUMERALS

PLAIN = frozenset(
    """
    a an the this that these those it its itself they them their there here which who what where when how why
    whether if then than as so thus hence also too both either each every all any some several most many few
    none other others another same such own
    is are was were be been being am do does did done doing has have had having can could may might would
    not no nor neither never without cannot nothing
    and or but while whereas although though because since for of in on at by to from with within into over
    under above below between among against along across about around after before beyond beside besides per
    via toward towards up down out off near inside outside through upon according due respect respectively
    i we you one ones two
    first second next last finally again still yet however instead rather therefore overall together total
    more less least fewer
    report reports reported reporting sentence text statement fact facts say says said saying tell tells told
    state states stated give gives given giving write written read reading reads note noted notes list listed
    name named mention mentioned describe described summary summarize short brief
    model network system algorithm classifier detector analysis analyze analyzed analyse analysed
    film radiograph image picture x-ray xray study
    finding answer result output value figure number estimate estimated
    probability likelihood chance calibrated calibration confidence confident interval range ranging ranges
    operating point threshold cut-off cutoff limit percent percentage coverage score scored
    reach reaches reached reaching exceed exceeds exceeded exceeding surpass surpasses lie lies lay lying sit
    sits stand stands stay stays stayed remain remains remained fall falls fell run runs come comes came go goes
    get gets put set take taken make makes made use used using uses call called count counts counted equal
    equals amount amounts correspond corresponds belong belongs mean means show shows shown showing see seen
    find found detect detected identify identified indicate indicates suggest suggests appear appears
    visible present presence absent absence positive negative evidence sign
    assign assigned assigns receive received receives obtain obtained rate rated rates put puts place placed
    places rank ranked put compare compared regard regards concern concerning
    ask asked request requested question user wish prompt
    map heatmap heat saliency explanation highlight highlighted highlights look looked looks looking attention
    focus focused focuses peak peaks highest maximum strongest strong center centre central centered middle
    upper lower top bottom left right side half third part area region edge corner toward location located
    locate locates point points pointing pixel pixels px coordinate coordinates x y
    box boxes marked mark marks drawn draw draws
    check checks test tested tests judge judged pass passed passes fail failed fails failing
    gate input accept accepted accepts refuse refused refuses reject rejected
    assess assessed assessment evaluate evaluated examine examined measure measured consider considered
    exclude excluded rule ruled possible possibility decide decided undecided undetermined inconclusive
    uncertain unclear open unable able
    likely likeliest probable likelier unlikely improbable
    know knows known unknown certain
    let us please both exactly precisely namely merely simply
    very highly extremely except apart speak speaks
    technique limit limits limitation limitations
    """.split()
)
# what sounds like words above and is more than that: the reason is told by what it is
NEGATIONS = frozenset("not no nor neither never without cannot none nothing unknown unable lack lacks".split())
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\w*\d\w*(?:[-.]\w+)*", re.UNICODE)


def words(text: str) -> list[str]:
    """Words in lower case, hyphened ones whole; tokens with digits and letters too, plain figures not."""
    found = (match.group().lower().replace("’", "'") for match in WORD.finditer(text))
    return [word for word in found if not _is_figure(word)]


def _is_figure(word: str) -> bool:
    return word in NUMERALS or bool(re.fullmatch(r"[\d.-]+(?:px|mm|x\d+)?|x\d+|y\d+", word))


def stem(word: str) -> str:
    """A word without its commonest endings, the same for the forms of most words."""
    word = re.sub(r"'s?$|n't$", "", word)
    for ending in ("ies", "ing", "ed", "es", "s", "ly", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


PLAIN_STEMS = frozenset(map(stem, PLAIN))


def strange(sentence: str, allowed: str) -> list[str]:
    """The words of a sentence that are neither plain nor in the allowed text, each once."""
    stems = {stem(part) for word in words(allowed) for part in (word, *re.split("-", word))}
    found = []
    for word in words(sentence):
        parts = [word] if stem(word) in stems | PLAIN_STEMS else re.split("-", word)
        if any(part and stem(part) not in stems | PLAIN_STEMS for part in parts) and word not in found:
            found.append(word)
    return found
