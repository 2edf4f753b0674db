"""Exchange with the authors' code and with plain torch.nn, both ways; needs torch.

    python3 check.py LCNN AUTHORS RUN OUT
        LCNN     the command, such as ./lcnn
        AUTHORS  a checkout of kylematoba/lcnn at efbe69a
        RUN      a run or model of resnet18-lcnn that trained some steps
        OUT      a folder for what is made

Prints the largest difference of logits of each way, and fails above 1e-4.
"""
import json
import os
import subprocess
import sys

import torch

LIMIT = 1e-4


def call(lcnn, *arguments):
    done = subprocess.run([lcnn, *arguments, "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"lcnn {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def images(side=32, count=8):
    torch.manual_seed(1)
    return torch.rand(count, 3, side, side)


def logits(model, x):
    with torch.no_grad():
        return model.eval()(x)


def folded(lcnn, model, out):
    """The logits of the plain network that lcnn writes of a model: what it computes itself, in torch.nn."""
    call(lcnn, "export", model, "--format", "folded", "--out", out)
    scope = {"__file__": f"{out}/model.py"}
    exec(open(f"{out}/model.py").read(), scope)
    return scope["load"]()


class Basic(torch.nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(outputs)
        self.conv2 = torch.nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = torch.nn.Sequential(torch.nn.Conv2d(inputs, outputs, 1, stride, bias=False), torch.nn.BatchNorm2d(outputs))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + shortcut)


class Bottleneck(torch.nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(width)
        self.conv2 = torch.nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(width)
        self.conv3 = torch.nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = torch.nn.BatchNorm2d(4 * width)
        self.downsample = None
        if stride != 1 or inputs != 4 * width:
            self.downsample = torch.nn.Sequential(torch.nn.Conv2d(inputs, 4 * width, 1, stride, bias=False), torch.nn.BatchNorm2d(4 * width))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        y = torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))))
        return torch.relu(self.bn3(self.conv3(y)) + shortcut)


class TorchvisionResNet(torch.nn.Module):
    """torchvision/models/resnet.py in short, with its keys."""

    def __init__(self, block, blocks, width=64, classes=10):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(width)
        self.maxpool = torch.nn.MaxPool2d(3, 2, 1)
        inputs = width
        for stage, count in enumerate(blocks):
            layers = []
            for i in range(count):
                layers.append(block(inputs, width << stage, 2 if stage > 0 and i == 0 else 1))
                inputs = (width << stage) * (4 if block is Bottleneck else 1)
            setattr(self, f"layer{stage + 1}", torch.nn.Sequential(*layers))
        self.fc = torch.nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(x.mean((2, 3)))


def shake(model):
    """Batch norms that do something."""
    torch.manual_seed(2)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 2)
            if module.affine:
                torch.nn.init.uniform_(module.weight, 0.5, 1.5)
                torch.nn.init.uniform_(module.bias, -0.5, 0.5)


def main(lcnn, authors, run, out):
    sys.path.insert(0, authors)
    from models.model_selector import model_architecture
    os.makedirs(out, exist_ok=True)
    failed = []

    def compare(what, ours, theirs):
        difference = (ours - theirs).abs().max().item()
        print(f"{what}: largest difference of logits {difference:.2e} (logits up to {theirs.abs().max().item():.2f})", flush=True)
        if not difference <= LIMIT:
            failed.append(what)

    x = images()
    exported = call(lcnn, "export", run, "--out", f"{out}/exported.pt")
    state = torch.load(f"{out}/exported.pt", weights_only=True)
    classes = [t.shape[0] for name, t in state.items() if name == "7.bias"][0]
    theirs = model_architecture["resnet18lcnn"](classes)
    theirs(torch.randn(2, 3, 32, 32))
    theirs.load_state_dict(state, strict=True)
    compare(f"ours in the authors' code ({exported['architecture']}, {len(state)} tensors)", logits(folded(lcnn, run, f"{out}/folded"), x), logits(theirs, x))

    for name in ["resnet18", "resnet18lcnn", "resnet34", "resnet34lcnn", "vgg11", "vgg11lcnn"]:
        torch.manual_seed(3)
        theirs = model_architecture[name](10)
        theirs.train()
        theirs(torch.randn(8, 3, 32, 32))
        shake(theirs)
        torch.save(theirs.state_dict(), f"{out}/{name}.pt")
        taken = call(lcnn, "import", f"{out}/{name}.pt", "--out", f"{out}/{name}.safetensors")
        compare(f"the authors' {name} in ours ({taken['architecture']})", logits(folded(lcnn, f"{out}/{name}.safetensors", f"{out}/{name}"), x), logits(theirs, x))
        call(lcnn, "export", f"{out}/{name}.safetensors", "--out", f"{out}/{name}-back.pt")
        back, there = torch.load(f"{out}/{name}-back.pt", weights_only=True), theirs.state_dict()
        if back.keys() != there.keys() or not all(torch.equal(back[key], there[key]) for key in there):
            failed.append(f"{name} there and back")

    for name, block, blocks in [("torchvision18", Basic, [2, 2, 2, 2]), ("torchvision34", Basic, [3, 4, 6, 3]), ("torchvision50", Bottleneck, [3, 4, 6, 3])]:
        torch.manual_seed(4)
        theirs = TorchvisionResNet(block, blocks)
        shake(theirs)
        torch.save({"state_dict": torch.nn.DataParallel(theirs).state_dict()}, f"{out}/{name}.pth")
        call(lcnn, "import", f"{out}/{name}.pth", "--image", "3x64x64", "--out", f"{out}/{name}.safetensors")
        plain = folded(lcnn, f"{out}/{name}.safetensors", f"{out}/{name}")
        scale = logits(theirs, images(64)).abs().max()
        compare(f"{name} in ours, over the largest logit {scale:.3g}", logits(plain, images(64)) / scale, logits(theirs, images(64)) / scale)
    if failed:
        sys.exit(f"FAILED: {'; '.join(failed)}")


if __name__ == "__main__":
    main(*sys.argv[1:5])
