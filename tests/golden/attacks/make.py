"""What autoattack's own code makes of a small network: the numbers that tests compare our attacks with.

    python3 make.py PATH_OF_AUTOATTACK [--samples 500]

PATH_OF_AUTOATTACK is a checkout of github.com/fra31/auto-attack (a392200 for the committed numbers; PyTorch 1.13 from Debian 12, one thread).
The network learns the digits that come with the program: a 3x3 convolution of 8 channels, softplus with beta 5, 2x2 mean pooling, a linear layer; its
float32 weights and the images are stored, so that a reader computes the same logits. Starts are injected, as no other generator draws torch's numbers:
APGD begins at one stored perturbation, the same for all samples and targets; FAB's first start is the clean image. Square draws, so that only the share
that it leaves is compared, with a tolerance. Kept in parity.safetensors: per norm and attack one byte a sample, 1 where it stands.
"""
import csv
import gzip
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

HERE = Path(__file__).resolve().parent
DIGITS = HERE.parents[2] / "src" / "Data" / "Named" / "Resources" / "digits.csv.gz"
RADIUS = {"L2": 0.5, "Linf": 0.1}
SQUARE_QUERIES = 500


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 8, 3, padding=1)
        self.head = torch.nn.Linear(8 * 4 * 4, 10)

    def forward(self, x):
        return self.head(F.avg_pool2d(F.softplus(self.conv(x), beta=5), 2).flatten(1))


def digits():
    with gzip.open(DIGITS, "rt") as file:
        rows = np.array([[int(value) for value in row] for row in csv.reader(file)])
    return torch.tensor(rows[:, :64] / 16, dtype=torch.float32).view(-1, 1, 8, 8), torch.tensor(rows[:, 64])


def train(net, x, y):
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(300):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    return net.eval()


def attacks(net, norm, start):
    from autoattack.autopgd_base import APGDAttack, APGDAttack_targeted
    from autoattack.fab_pt import FABAttack_PT
    from autoattack.square import SquareAttack

    eps = RADIUS[norm]

    def injected(kind):
        class Injected(kind):
            def attack_single_run(self, x, y, x_init=None):
                return super().attack_single_run(x, y, x_init=x + self.eps * self.normalize(start.expand(x.shape)))

        return Injected

    common = dict(norm=norm, eps=eps, device="cpu", seed=0)
    return {
        "apgd-ce": injected(APGDAttack)(net, n_iter=100, n_restarts=1, loss="ce", **common),
        "apgd-t": injected(APGDAttack_targeted)(net, n_iter=100, n_restarts=1, n_target_classes=9, **common),
        "fab-t": FABAttack_PT(net, n_iter=100, n_restarts=1, n_target_classes=9, targeted=True, **common),
        "square": SquareAttack(net, n_queries=SQUARE_QUERIES, p_init=0.8, resc_schedule=False, **common),
    }


def write(path, tensors):
    names = {torch.float32: "F32", torch.int64: "I64", torch.uint8: "U8"}
    header, data = {}, b""
    for key, value in tensors.items():
        raw = value.contiguous().numpy().tobytes()
        header[key] = {"dtype": names[value.dtype], "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    sys.path.insert(0, sys.argv[1])
    count = int(sys.argv[sys.argv.index("--samples") + 1]) if "--samples" in sys.argv else 500
    torch.set_num_threads(1)
    torch.manual_seed(1729)
    x, y = digits()
    net = train(Net(), x[count:], y[count:])
    x, y = x[:count], y[:count]
    start = torch.randn(1, 1, 8, 8)
    tensors = {**{f"net.{key}": value.detach() for key, value in net.state_dict().items()}, "x": (x * 16).to(torch.uint8), "y": y, "start": start}
    with torch.no_grad():
        clean = net(x).argmax(1) == y
    tensors["clean"] = clean.to(torch.uint8)
    for norm in RADIUS:
        for name, attack in attacks(net, norm, start).items():
            adversarial = attack.perturb(x.clone(), y.clone())
            with torch.no_grad():
                stands = net(adversarial).argmax(1) == y
            distance = (adversarial - x).flatten(1)
            distance = distance.norm(dim=1) if norm == "L2" else distance.abs().amax(1)
            print(f"{norm} {name}: {stands.float().mean():.3f} of {clean.float().mean():.3f} stand; largest change {distance.max():.4f}")
            tensors[f"{norm}.{name}"] = stands.to(torch.uint8)
    write(HERE / "parity.safetensors", tensors)


if __name__ == "__main__":
    main()
