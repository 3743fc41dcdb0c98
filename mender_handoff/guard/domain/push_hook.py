"""The post-receive hook of a bare repository: tells Guard which branches were pushed.

The token is in a file of mode 0600.
"""

CONFIG_NAME = "guard-hook.json"
#: A line of our hook and of no other: what says that a hook may be replaced.
MARK = '"""Tells Guard which branches were pushed.'

SCRIPT = '''#!/usr/bin/env python3
"""Tells Guard which branches were pushed.

A Guard that is away never fails a push: its sweep looks for itself.
"""
import json
import os
import sys
import urllib.request

lines = [line.split() for line in sys.stdin if line.strip()]
branches = [name[11:] for _, _, name in lines if name.startswith("refs/heads/")]
folder = os.environ.get("GIT_DIR") or os.path.join(os.path.dirname(__file__), os.pardir)
try:
    with open(os.path.join(folder, "@CONFIG@"), encoding="utf-8") as file:
        config = json.load(file)
    request = urllib.request.Request(
        config["url"],
        data=json.dumps({"branches": branches}).encode(),
        headers={"Authorization": "Bearer " + config["token"], "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    if branches:
        opener.open(request, timeout=10).read()
        print("Guard takes notice of " + ", ".join(branches))
except (OSError, ValueError, KeyError) as error:
    print("Guard was not told (it will look by itself): %s" % error, file=sys.stderr)
'''.replace("@CONFIG@", CONFIG_NAME)
