"""Five steps of torch.optim on the reduced networks of the folder above, with what PyTorch itself brings for each:
torch.optim.SGD and AdamW, torch.nn.utils.clip_grad_norm_, torch.optim.lr_scheduler.LinearLR, torch.optim.swa_utils.AveragedModel.

    /usr/bin/python3 make_optimizer_golden.py            writes the files beside it
    /usr/bin/python3 make_optimizer_golden.py --verify   compares them with what this PyTorch gives

The networks are written out below in plain autograd, from raw parameters to the whole loss. Before anything is written they repeat the
three steps of SGD that the authors' code left in tiny_*_sgd_*.safetensors, within the tolerance of the README above. Every case is run in
double precision as well; `checks` in optimizers.json has the worst share of the tolerance by which the two differ.
Made with PyTorch 1.13 of Debian 12 (python3-torch), on one thread.
"""
import json
import math
import pathlib
import struct
import sys

import torch
import torch.nn.functional as F
from torch.optim.swa_utils import AveragedModel

HERE = pathlib.Path(__file__).parent
EPSILON_NORM, EPSILON_BETA, EPSILON_VARIANCE, MOMENTUM = 1e-12, 1e-3, 1e-5, 0.1
TOLERANCE = 5e-6  # absolute, plus 1e-5 of the value: the README's for steps of tiny networks
STEPS = 5

CASES = {
    "nesterov": {"network": "tiny_a", "loss": "curvature_and_gnorm", "optimizer": "sgd", "lr": 0.1, "momentum": 0.9, "weightDecay": 5e-4, "nesterov": True},
    "clipped": {"network": "tiny_c", "loss": "curvature_and_gnorm", "optimizer": "sgd", "lr": 0.1, "momentum": 0.9, "weightDecay": 5e-4, "clip": 0.5},
    "adamw": {"network": "tiny_a", "loss": "ce", "optimizer": "adamw", "lr": 1e-3, "betas": [0.9, 0.999], "eps": 1e-8, "weightDecay": 1e-2},
    "adamw_penalties": {"network": "tiny_b", "loss": "curvature_and_gnorm", "optimizer": "adamw", "lr": 1e-2, "betas": [0.8, 0.95], "eps": 1e-6, "weightDecay": 0.1},
    "averaged": {"network": "tiny_b", "loss": "curvature", "optimizer": "sgd", "lr": 0.1, "momentum": 0.9, "weightDecay": 5e-4, "ema": 0.9},
    "all": {"network": "tiny_c", "loss": "curvature_and_gnorm", "optimizer": "adamw", "lr": 1e-2, "betas": [0.9, 0.99], "eps": 1e-6, "weightDecay": 0.05,
            "clip": 0.5, "ema": 0.5, "warmupSteps": 4},
}


def read(path):
    with open(path, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    types = {"F32": torch.float32, "I64": torch.int64}
    return {name: torch.frombuffer(bytearray(data[slice(*entry["data_offsets"])]), dtype=types[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


def write(path, tensors):
    header, parts, offset = {}, [], 0
    for name in sorted(tensors):
        t = tensors[name].detach().cpu().contiguous()
        t = t if t.dtype == torch.int64 else t.to(torch.float32)
        data = bytes(t.reshape(-1).view(torch.uint8).tolist())
        header[name] = {"dtype": "I64" if t.dtype == torch.int64 else "F32", "shape": list(t.shape), "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


class TinyNetwork(torch.nn.Module):
    """The reference's residual network over a flat state dict; parameters and buffers keep its keys."""

    def __init__(self, state, widths, blocks, dtype):
        super().__init__()
        self.widths, self.blocks = widths, blocks
        self.keys, self.names = [], {}
        for key, value in state.items():
            name = key.replace(".", "/")
            value = value.clone() if value.dtype == torch.int64 else value.to(dtype, copy=True)
            if key.endswith(("_u", "_v", "running_mean", "running_var", "num_batches_tracked")):
                self.register_buffer(name, value)
            else:
                self.register_parameter(name, torch.nn.Parameter(value))
            self.names[key] = name

    def get(self, key):
        return getattr(self, self.names[key])

    def normalized(self, path, stride=None, padding=None):
        """W / sigma after one power iteration in training: a convolution v first, a matrix u first."""
        weight, u, v = (self.get(f"{path}.parametrizations.weight.{part}") for part in ("original", "0._u", "0._v"))
        with torch.no_grad():
            if self.training and stride is None:
                u.copy_(F.normalize(weight.mv(v), dim=0, eps=EPSILON_NORM))
                v.copy_(F.normalize(weight.t().mv(u), dim=0, eps=EPSILON_NORM))
            elif self.training:
                v.copy_(unit(F.conv_transpose2d(u, weight, stride=stride, padding=padding)))
                u.copy_(unit(F.conv2d(v, weight, stride=stride, padding=padding)))
        u, v = u.clone(), v.clone()
        sigma = torch.dot(u, weight.mv(v)) if stride is None else (u * F.conv2d(v, weight, stride=stride, padding=padding)).sum()
        return weight / sigma

    def conv(self, path, x, stride, padding):
        h = F.conv2d(x, self.normalized(f"{path}.conv", stride, padding), stride=stride, padding=padding)
        mean, variance = self.get(f"{path}.bn.running_mean"), self.get(f"{path}.bn.running_var")
        scale = (variance + EPSILON_VARIANCE).sqrt().min()
        gain = scale * torch.minimum(1 / scale, self.get(f"{path}.log_lipschitz").exp())
        if self.training:
            self.get(f"{path}.bn.num_batches_tracked").add_(1)
        return F.batch_norm(h, mean, variance, training=self.training, momentum=MOMENTUM, eps=EPSILON_VARIANCE) * gain

    def activation(self, path, x):
        beta = self.get(f"{path}.log_beta").exp() + EPSILON_BETA
        return (F.softplus(beta * x) - math.log(2)) / beta

    def forward(self, x):
        x = self.activation("0.1", self.conv("0.0", x, 1, 1))
        for stage in range(len(self.widths)):
            for block in range(self.blocks[stage]):
                path, stride = f"{stage + 1}.{block}", 2 if stage > 0 and block == 0 else 1
                h = x / math.sqrt(2)
                inner = self.activation(f"{path}.2.f1", self.conv(f"{path}.1.f1", h, stride, 1))
                shortcut = self.conv(f"{path}.1.f2", h, stride, 0) if f"{path}.1.f2.log_lipschitz" in self.names else h
                x = self.activation(f"{path}.5", 0.5 * (self.conv(f"{path}.3.f1", inner, 1, 1) + shortcut))
        path = str(len(self.widths) + 3)
        return F.linear(x.mean((2, 3)), self.normalized(path), self.get(f"{path}.bias"))

    def parameter_keys(self):
        return [key for key in self.names if isinstance(self.get(key), torch.nn.Parameter)]


def unit(t):
    return t / t.norm().clamp_min(EPSILON_NORM)


def loss_of(network, x, y, loss, constants):
    x = x.clone().requires_grad_()
    cross_entropy = F.cross_entropy(network(x), y)
    total = cross_entropy
    if "curvature" in loss:
        total = total + constants["beta"] * sum(network.get(key).exp() for key in network.names if key.endswith("log_beta"))
        total = total + constants["gamma"] * sum(network.get(key).abs() for key in network.names if key.endswith("log_lipschitz"))
    if "gnorm" in loss:
        slope, = torch.autograd.grad(cross_entropy, x, create_graph=True)
        total = total + constants["gnorm"] * 1e5 * slope.square().sum() / x.shape[0]
    return total


def start(name, dtype):
    scalars, tensors = json.loads((HERE.parent / "scalars.json").read_text())[name], read(HERE.parent / f"{name}.safetensors")
    state = {key[len("state."):]: value for key, value in tensors.items() if key.startswith("state.")}
    network = TinyNetwork(state, scalars["widths"], scalars["blocks"], dtype)
    return network.train(), tensors["x"].to(dtype), tensors["y"], scalars, state


def groups_of(network, decay):
    """The reference's two groups: no weight decay for beta and gamma (train_models.py:205-214)."""
    plain = lambda key: key.endswith(("log_beta", "log_lipschitz"))
    keys = network.parameter_keys()
    return [{"params": [network.get(key) for key in keys if plain(key)], "weight_decay": 0.0},
            {"params": [network.get(key) for key in keys if not plain(key)], "weight_decay": decay}]


def optimizer_of(network, case):
    groups = groups_of(network, case["weightDecay"])
    if case["optimizer"] == "adamw":
        return torch.optim.AdamW(groups, lr=case["lr"], betas=case["betas"], eps=case["eps"])
    return torch.optim.SGD(groups, lr=case["lr"], momentum=case["momentum"], nesterov=case.get("nesterov", False))


def run(case, dtype):
    network, x, y, scalars, state = start(case["network"], dtype)
    optimizer = optimizer_of(network, case)
    warmup = case.get("warmupSteps")
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1) if warmup else None
    average = AveragedModel(network, avg_fn=lambda old, new, _: case["ema"] * old + (1 - case["ema"]) * new, use_buffers=True) if "ema" in case else None
    losses, norms, rates = [], [], []
    for step in range(STEPS):
        batch = step % len(x)
        optimizer.zero_grad()
        loss = loss_of(network, x[batch], y[batch], case["loss"], scalars["reg_constants"])
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(network.parameters(), case.get("clip", math.inf))
        losses.append(loss.item()), norms.append(norm.item()), rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if schedule:
            schedule.step()
        if average:
            average.update_parameters(network)
    stored = {f"after.{key}": network.get(key) for key in network.names}
    for key in network.parameter_keys():
        kept = optimizer.state[network.get(key)]
        names = {"momentum_buffer": ""} if case["optimizer"] == "sgd" else {"exp_avg": ".exp_avg", "exp_avg_sq": ".exp_avg_sq"}
        stored |= {f"optimizer.{key}{suffix}": kept[name] for name, suffix in names.items()}
    network.eval()
    stored["logits_eval"] = network(x[0])
    if average:
        # What is a direction or a count is the network's own; see WeightAverage.
        for key in network.names:
            if key.endswith(("_u", "_v", "num_batches_tracked")):
                average.module.get(key).copy_(network.get(key))
            else:
                stored[f"average.{key}"] = average.module.get(key)
        average.eval()
        stored["average_logits_eval"] = average(x[0])
    stored |= {"losses": torch.tensor(losses), "norms": torch.tensor(norms), "rates": torch.tensor(rates)}
    stored |= {f"state.{key}": value for key, value in state.items()} | {"x": x, "y": y}
    return {key: value.detach().clone() for key, value in stored.items()}, scalars


def worst(actual, expected):
    return max(((a.double() - expected[key].double()).abs() / (TOLERANCE + 1e-5 * expected[key].double().abs())).max().item() for key, a in actual.items())


def check_authors_steps(name, loss):
    golden = read(HERE.parent / f"{name}_sgd_{loss}.safetensors")
    network, x, y, scalars, _ = start(name, torch.float32)
    optimizer = optimizer_of(network, CASES["nesterov"] | {"nesterov": False})
    for step in range(3):
        optimizer.zero_grad()
        loss_of(network, x[step], y[step], loss, scalars["reg_constants"]).backward()
        optimizer.step()
        keys = [key for key in network.names if f"step{step + 1}.{loss}.{key}" in golden]
        share = worst({key: network.get(key).detach() for key in keys}, {key: golden[f"step{step + 1}.{loss}.{key}"] for key in keys})
        assert keys and share < 1, f"{name} {loss}: step {step + 1} is {share:.3} times the tolerance off the authors' code"


def main():
    torch.set_num_threads(1)
    for name in ("tiny_a", "tiny_b", "tiny_c"):
        for loss in ("ce", "curvature", "curvature_and_gnorm"):
            check_authors_steps(name, loss)
    described = {}
    for name, case in CASES.items():
        stored, scalars = run(case, torch.float32)
        doubles, _ = run(case, torch.float64)
        share = worst(stored, doubles)
        print(f"{name:16} float32 is within {share:.3f} of the tolerance of float64; gradient norms {[round(n, 3) for n in stored['norms'].tolist()]}")
        assert share < 1
        sizes = {key: scalars[key] for key in ("cin", "im", "widths", "blocks", "classes")}
        described[name] = case | {"sizes": sizes, "constants": scalars["reg_constants"], "check": share}
        path = HERE / f"{name}.safetensors"
        if "--verify" in sys.argv:
            assert worst(stored, read(path)) < 1, f"{path} is not what this PyTorch gives"
        else:
            write(path, stored)
    if "--verify" not in sys.argv:
        (HERE / "optimizers.json").write_text(json.dumps(described, indent=1) + "\n")


if __name__ == "__main__":
    main()
