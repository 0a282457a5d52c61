"""The report as a PDF file."""

from xray.report.pdf.document import pdf as pdf

__all__ = ["pdf"]
