#!/usr/bin/env python3
"""PyTorch DDP (gloo, CPU) on the authors' LCNN: the peer of `lcnn bench scaling`.

  LCNN_REF=checkout-of-kylematoba/lcnn python3 tests/Benchmarks/ddp_scaling.py [--rounds 5] [--steps 40] [--loss ce|curvature]

Needs Debian's python3-torch and python3-torchvision. One thread a process, 64 samples a process and step, random 1x28x28 images. Rates
are those of `lcnn bench scaling`: samples over the median step, summed over processes; efficiency is over the pair of the same round.
"""
import argparse, functools, json, os, socket, statistics, subprocess, sys, time

VARIANTS = ("single", "independent", "ddp")
WARM_UPS = 10


def make_net():
    import torch
    import models.layers as layers
    import models.resnet_spectral as resnet
    from models.conv_spectral_norm import convspectralnorm_wrapper
    activation = layers.get_activation_obj("parametric_softplus")
    conv = functools.partial(layers.ConvBNBlock, init_lipschitz=10.0, conv_wrapper=convspectralnorm_wrapper, clip_bn=True)
    channels = 16
    parts = [torch.nn.Sequential(conv(1, channels, kernel_size=3, padding=1, bias=False, stride=1), activation())]
    for width, stride in ((16, 1), (32, 2), (64, 2)):
        block, channels = resnet._make_layer(channels, width, 1, stride, activation, conv)
        parts.append(block)
    linear = torch.nn.utils.parametrizations.spectral_norm(torch.nn.Linear(channels, 10))
    net = torch.nn.Sequential(*parts, torch.nn.AdaptiveAvgPool2d((1, 1)), layers.RowView(), linear)
    net(torch.randn(1, 1, 28, 28))  # the wrapper attaches spectral norm at the first forward, which DDP must not see
    return net.train()


def make_step(loss_name, batch, is_ddp):
    import torch
    import regularized_loss
    net = make_net()
    model = torch.nn.parallel.DistributedDataParallel(net) if is_ddp else net
    loss = {"ce": regularized_loss.CELoss, "curvature": regularized_loss.CurvatureRegularizedLoss}[loss_name](model)
    plain = [p for n, p in net.named_parameters() if n.endswith(("log_beta", "log_lipschitz"))]
    known = {id(p) for p in plain}
    optimizer = torch.optim.SGD(
        [{"params": [p for p in net.parameters() if id(p) not in known], "weight_decay": 5e-4}, {"params": plain, "weight_decay": 0.0}],
        lr=0.01, momentum=0.9)
    images = torch.rand(4, batch, 1, 28, 28)
    labels = torch.randint(0, 10, (4, batch))

    def step(i):
        start = time.perf_counter()
        x = images[i % 4]
        optimizer.zero_grad()
        loss.compute_loss(x if loss_name == "ce" else x.detach().requires_grad_(), labels[i % 4]).backward()
        optimizer.step()
        return time.perf_counter() - start

    return step


def work(arguments):
    """One process: makes every turn named on the command line, and prints its rate (0: it only waited)."""
    sys.path.insert(0, os.environ["LCNN_REF"])
    import torch
    import torch.distributed as dist
    rank = int(os.environ["RANK"])
    torch.set_num_threads(1)
    torch.manual_seed(1729 + rank)
    dist.init_process_group("gloo", init_method="env://")
    steps = {variant: make_step(arguments.loss, arguments.batch, variant == "ddp") for variant in ("independent", "ddp")}
    steps["single"] = steps["independent"]
    for variant in arguments.turns.split(","):
        dist.barrier()
        rate = 0.0
        if variant != "single" or rank == 0:
            times = [steps[variant](i) for i in range(WARM_UPS + arguments.steps)]
            rate = arguments.batch / statistics.median(times[WARM_UPS:])
        dist.barrier()
        print(json.dumps(rate), flush=True)
    dist.destroy_process_group()


def run(turns, arguments):
    """Rates of the turns, summed over the two processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    processes = [subprocess.Popen(
        [sys.executable, os.path.abspath(__file__), "--turns", ",".join(turns), "--steps", str(arguments.steps), "--loss", arguments.loss,
         "--batch", str(arguments.batch)],
        env=dict(os.environ, RANK=str(rank), WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=port, GLOO_SOCKET_IFNAME="lo",
                 OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1"),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) for rank in range(2)]
    outputs = [[json.loads(line) for line in process.communicate(timeout=1800)[0].splitlines()] for process in processes]
    return [sum(rates) for rates in zip(*outputs, strict=True)]


def report(kind, rounds):
    for index, variant in enumerate(VARIANTS):
        rates = [rates[index] for rates in rounds]
        efficiency = statistics.median(rates[2] / rates[1] for rates in rounds) if variant == "ddp" else float("nan")
        print(f"{kind:6} {variant:12} {statistics.median(rates):8.0f} samples/s [{min(rates):.0f}..{max(rates):.0f}] efficiency {efficiency:.3f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--loss", choices=("ce", "curvature"), default="curvature")
    parser.add_argument("--turns", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.turns:
        work(options)
    else:
        flat = run(VARIANTS * options.rounds, options)
        report("turns", [flat[i:i + 3] for i in range(0, len(flat), 3)])
        report("fresh", [[run([variant], options)[0] for variant in VARIANTS] for _ in range(options.rounds)])
