#!/usr/bin/env python3
"""Starts a thousand small runs and one of a million steps on a silo, for dashboard_times.js.

  redis-server --port 6399 & lcnn silo --cluster redis://localhost:6399 --slots 2 --http-port 8092
  python3 tests/Benchmarks/many_runs.py http://localhost:8092

The long one (mlp4, batches of two) takes 40 minutes and more on a core; the catalog lists the newest thousand runs.
"""
import json, sys, urllib.request

SMALL = {"dataset": "digits", "arch": "mlp4-lcnn", "trainLimit": 64, "testLimit": 20, "batchSize": 32, "shards": 1, "epochs": 1, "workers": 1, "threads": 1, "curvatureSamples": 0}
LONG = {"dataset": "fashion-mnist", "arch": "mlp4", "loss": "ce", "batchSize": 2, "shards": 1, "trainLimit": 60000, "testLimit": 10, "epochs": 34, "workers": 1, "threads": 1,
        "curvatureSamples": 0, "snapshotEvery": 1000000000, "schedule": "constant", "lr": 0.001}


def start(run_id, options):
    body = json.dumps({"id": run_id, "options": options}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{sys.argv[1]}/api/v1/runs", body, {"Content-Type": "application/json"}), timeout=60).read()


start("million-steps", LONG)
for number in range(1000):
    start(f"small-{number:04}", SMALL | {"seed": number})
