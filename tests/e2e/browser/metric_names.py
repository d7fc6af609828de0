#!/usr/bin/env python3
"""metric_names.py METRICS FILE...: fails when a FILE names a metric that METRICS (Prometheus' text format) has not, or is no JSON though
its name ends so. Each file must name ten metrics at least."""
import json
import re
import sys

known = set(re.findall(r'^# TYPE (\S+)', open(sys.argv[1]).read(), re.M))
wrong = []
for path in sys.argv[2:]:
    text = open(path).read()
    if path.endswith('.json'):
        json.loads(text)
    named = set(re.findall(r'\b(?:kerbgate|haproxy)_[a-z_]+', text))
    wrong += [f'{path}: {name} is not in /metrics' for name in sorted(named - known)]
    if len(named) < 10:
        wrong.append(f'{path}: names only {len(named)} metrics')
print('\n'.join(wrong))
sys.exit(bool(wrong))
