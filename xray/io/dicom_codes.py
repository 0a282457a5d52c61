"""Codes of findings: SNOMED CT where a concept is exactly what a label means, otherwise private codes."""

from __future__ import annotations

from collections.abc import Sequence

from highdicom.sr import CodedConcept

SCHEME = "99XRAY"  # private coding scheme (PS3.16, section 8.2)
MAX_BYTES = 64  # of a long string (LO); DICOM counts characters, some readers count bytes

SNOMED = {  # labels of chest and fracture models; "mass", "infiltration" and "hernia" have no exact concept
    "atelectasis": ("46621007", "Atelectasis"),
    "cardiomegaly": ("8186001", "Cardiomegaly"),
    "consolidation": ("95436008", "Lung consolidation"),
    "edema": ("19242006", "Pulmonary edema"),
    "effusion": ("60046008", "Pleural effusion"),
    "emphysema": ("87433001", "Pulmonary emphysema"),
    "fibrosis": ("51615001", "Fibrosis of lung"),
    "fracture": ("125605004", "Fracture of bone"),
    "nodule": ("786838002", "Nodule of lung"),
    "pneumonia": ("233604007", "Pneumonia"),
    "pneumothorax": ("36118008", "Pneumothorax"),
}


def finding_code(finding: str, findings: Sequence[str]) -> CodedConcept:
    """Return the code of a finding; a private one has the finding's number among those of its model."""
    if finding.casefold() in SNOMED:
        value, meaning = SNOMED[finding.casefold()]
        return CodedConcept(value, "SCT", meaning)
    return CodedConcept(f"FINDING_{findings.index(finding) + 1}", SCHEME, text(finding))


def text(value: str) -> str:
    """Convert to a DICOM long string: printable characters, cut to MAX_BYTES."""
    printable = "".join(character for character in value.replace("\\", "/") if character.isprintable())
    return printable.encode()[:MAX_BYTES].decode(errors="ignore").strip()
