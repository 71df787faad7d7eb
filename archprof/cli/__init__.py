"""The command line: starting a command, its signals and exit codes, the options that commands
share.
"""
