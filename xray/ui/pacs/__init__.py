"""Films from a PACS or from the receiver, and results that are sent to a PACS."""
