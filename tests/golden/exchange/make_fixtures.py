"""Writes the .pt fixtures of the unpickler's tests, with torch itself: python3 make_fixtures.py OUT"""
import argparse
import collections
import os
import sys

import torch

import check


def tensors():
    torch.manual_seed(0)
    base = torch.arange(24, dtype=torch.float32)
    return collections.OrderedDict(
        float32=base[2:8].view(2, 3),
        transposed=base.view(4, 6).t(),
        strided=base.view(4, 6)[::2, 1::2],
        scalar=torch.tensor(3.5),
        empty=torch.zeros(0, 3),
        float64=torch.tensor([1.0, 1 / 3], dtype=torch.float64),
        float16=torch.tensor([1.0, 0.5, -65504.0], dtype=torch.float16),
        bfloat16=torch.tensor([1.0, -2.5], dtype=torch.bfloat16),
        int64=torch.tensor([-1, 2**40]),
        bool=torch.tensor([True, False]),
        parameter=torch.nn.Parameter(base[:4].clone()),
    )


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(2, 2)


def main(out):
    os.makedirs(out, exist_ok=True)
    state = tensors()
    torch.save(state, f"{out}/zip.pt")
    torch.save(state, f"{out}/legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(state, f"{out}/protocol4.pt", pickle_protocol=4)
    net = Net()
    with torch.no_grad():
        net.linear.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        net.linear.bias.copy_(torch.tensor([5.0, 6.0]))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    net.linear(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    with torch.no_grad():
        net.linear.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        net.linear.bias.copy_(torch.tensor([5.0, 6.0]))
    parallel = torch.nn.DataParallel(net)
    torch.save({"epoch": 3, "best": 0.5, "optimizer": optimizer.state_dict(), "state_dict": parallel.state_dict()}, f"{out}/checkpoint.pt")
    for name, block in [("basic", check.Basic), ("bottleneck", check.Bottleneck)]:
        torch.manual_seed(5)
        network = check.TorchvisionResNet(block, [1, 1, 1, 1], width=1, classes=3)
        check.shake(network)
        x = torch.rand(2, 3, 32, 32)
        torch.save(network.state_dict(), f"{out}/torchvision_{name}.pt")
        torch.save({"x": x, "logits": check.logits(network, x)}, f"{out}/torchvision_{name}_logits.pt")
    torch.save({"args": argparse.Namespace(lr=0.1), "state_dict": net.state_dict()}, f"{out}/namespace.pt")


if __name__ == "__main__":
    main(sys.argv[1])
