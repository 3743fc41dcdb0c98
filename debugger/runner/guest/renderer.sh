#!/bin/sh
# Starts a renderer of Chromium's headless shell. That browser reads no policy and does not tell its
# renderers which origins are as good as encrypted ones.
exec "$@" "--unsafely-treat-insecure-origin-as-secure=$TRACE_SECURE_ORIGINS"
