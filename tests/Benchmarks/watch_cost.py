#!/usr/bin/env python3
"""What it costs a silo to be watched: dashboard, series and telemetry, beside one that nobody watches, in turns.

  python3 tests/Benchmarks/watch_cost.py LCNN_DLL [--pairs 6] [--limit 10000] [--epochs 8]

Each turn is a silo of its own with two workers of one thread that trains resnet8-lcnn on Fashion-MNIST. Watched, it is asked as the
page of a run asks it (four series and the ranks every 2 s, the events as they come), scraped every 15 s, and sends OTLP to a sink here.
Figures are of all epochs but the first and the last. Processor time of the threads that do not train, over the time that passed, wanders
less than samples/s, which are told beside it. History is written in both kinds of turns: its part is in both.
"""
import argparse, glob, http.client, http.server, json, os, re, socket, statistics, subprocess, sys, tempfile, threading, time, urllib.request

TICKS = os.sysconf("SC_CLK_TCK")
CHARTS = ("loss,crossEntropy", "betaTerm,gammaTerm", "learningRate", "samplesPerSecond")


class Sink(http.server.BaseHTTPRequestHandler):
    received = 0

    def do_POST(self):
        Sink.received += len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def seconds(path):
    fields = open(path).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(pid):
    """Seconds of processor time: the process's, and that of the threads that train."""
    training = 0
    for task in glob.glob(f"/proc/{pid}/task/*"):
        try:
            if re.match("run-|gather-", open(f"{task}/comm").read()):  # names of WorkerSession and GatherThreads
                training += seconds(f"{task}/stat")
        except (FileNotFoundError, ProcessLookupError):
            pass
    return seconds(f"/proc/{pid}/stat"), training


def anonymous(pid):
    return int(re.search(r"RssAnon:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) / 1024


def repeat(stop, pause, port, asks):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)  # kept open, as a browser does

    def loop():
        while not stop.wait(pause):
            for ask in asks:
                try:
                    connection.request("GET", ask)
                    connection.getresponse().read()
                except (OSError, http.client.HTTPException):
                    connection.close()
    threading.Thread(target=loop, daemon=True).start()


def follow(url):
    def loop():
        try:
            with urllib.request.urlopen(url, timeout=600) as events:
                while events.read1(65536):
                    pass
        except OSError:
            pass
    threading.Thread(target=loop, daemon=True).start()


def turn(dll, limit, epochs, is_watched, sink_port, folder):
    gateway, silo_port, http_port = free_ports(3)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LCNN_", "OTEL_"))}
    environment |= {"DOTNET_GCgen0size": "0x400000", "DOTNET_TC_CallCountThreshold": "0x400"}  # as ./lcnn sets them
    command = ["dotnet", dll, "silo", "--cluster", f"localhost:{gateway}", "--slots", "2", "--json", "--silo-port", str(silo_port), "--primary-port", str(silo_port), "--stream-port", "0"]
    watched = environment | {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{sink_port}", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
    silo = subprocess.Popen(command + (["--http-port", str(http_port)] if is_watched else []), env=watched if is_watched else environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder)
    next(line for line in silo.stdout if '"ready"' in line)
    threading.Thread(target=silo.stdout.read, daemon=True).start()
    train = subprocess.Popen(
        ["dotnet", dll, "train", "--cluster", f"localhost:{gateway}", "--dataset", "fashion-mnist", "--train-limit", str(limit), "--test-limit", "100", "--epochs", str(epochs),
         "--workers", "2", "--threads", "1", "--curvature-samples", "0", "--out", os.path.join(folder, f"run-{gateway}"), "--json"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder)
    stop, marks, resident = threading.Event(), [], []
    for line in train.stdout:
        event = json.loads(line)
        if event["event"] == "started" and is_watched:
            path = f"/api/v1/runs/{event['runId']}"
            follow(f"http://127.0.0.1:{http_port}{path}/events")
            repeat(stop, 2, http_port, [*(f"{path}/series?fields={fields}&points=600" for fields in CHARTS), f"{path}/ranks"])
            repeat(stop, 15, http_port, ["/metrics"])
        if event["event"] == "epoch":
            marks.append((time.monotonic(), event["samplesPerSecond"], *measure(silo.pid)))
            resident.append(anonymous(silo.pid))
        if event["event"] == "completed":
            weights = event["weightsSha256"]
    stop.set()
    silo.terminate()
    silo.wait(60)
    passed, _, whole, training = (last - first for first, last in zip(marks[0], marks[-2]))  # the last is told when its threads have ended
    return {
        "samples/s": statistics.median(mark[1] for mark in marks[1:-1]), "seconds": passed, "training": training / passed,
        "beside": (whole - training) / passed, "resident MB": max(resident), "weights": weights,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dll")
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--limit", type=int, default=10000)
    parser.add_argument("--epochs", type=int, default=8)
    options = parser.parse_args()
    sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        for pair in range(options.pairs):
            got = {}
            for is_watched in (False, True) if pair % 2 == 0 else (True, False):
                got[is_watched] = turn(os.path.abspath(options.dll), options.limit, options.epochs, is_watched, sink.server_address[1], folder)
                print("watched" if is_watched else "alone  ", *(f"{name} {value:.4g}" for name, value in got[is_watched].items() if name != "weights"), flush=True)
            if got[True]["weights"] != got[False]["weights"]:
                sys.exit(f"weights differ: {got[True]['weights']} watched, {got[False]['weights']} alone")
            pairs.append(got)
    told = {
        "samples/s, watched over alone": [pair[True]["samples/s"] / pair[False]["samples/s"] for pair in pairs],
        "processor time beside training over time passed, alone, %": [100 * pair[False]["beside"] for pair in pairs],
        "the same, watched, %": [100 * pair[True]["beside"] for pair in pairs],
        "what being watched adds, %": [100 * (pair[True]["beside"] - pair[False]["beside"]) for pair in pairs],
        "anonymous resident memory, watched less alone, MB": [pair[True]["resident MB"] - pair[False]["resident MB"] for pair in pairs],
    }
    for name, values in told.items():
        print(f"{name}: median {statistics.median(values):.3f} of {', '.join(f'{value:.3f}' for value in values)}")
    print(f"OTLP received: {Sink.received} bytes")


if __name__ == "__main__":
    main()
