"""The history: results kept on this computer, only if the user turns it on."""
