"""The history: what was asked and answered, kept on this computer only when the user turns it on."""
