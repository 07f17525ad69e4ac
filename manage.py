#!/usr/bin/env python
"""Entry point for administrative commands."""

import os
import signal
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jugendhilfe.settings")
    # `kill` and a closed terminal end as orderly as Ctrl-C: the embedded database stops with its last user.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    execute_from_command_line(sys.argv)
