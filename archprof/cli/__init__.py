"""The command line: how commands start and end, signals, and the options that commands share."""
