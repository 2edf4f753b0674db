using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ExistingModel;

/// <summary>ResNet-18 from TorchSharp's own modules; it knows nothing of curvature.</summary>
public sealed class ResNet18 : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> net;

    public ResNet18(long channels, long classes) : base(nameof(ResNet18))
    {
        net = Sequential(
            Conv2d(channels, 64, 7, stride: 2, padding: 3, bias: false), BatchNorm2d(64), ReLU(), MaxPool2d(3, stride: 2, padding: 1),
            Stage(64, 64, 1), Stage(64, 128, 2), Stage(128, 256, 2), Stage(256, 512, 2),
            AdaptiveAvgPool2d(1), Flatten(), Linear(512, classes));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => net.call(input);

    private static Module<Tensor, Tensor> Stage(long from, long to, long stride) => Sequential(new Block(from, to, stride), new Block(to, to, 1));

    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> main, shortcut, relu = ReLU();

        public Block(long from, long to, long stride) : base(nameof(Block))
        {
            main = Sequential(
                Conv2d(from, to, 3, stride: stride, padding: 1, bias: false), BatchNorm2d(to), ReLU(),
                Conv2d(to, to, 3, padding: 1, bias: false), BatchNorm2d(to));
            shortcut = from == to ? Identity() : Sequential(Conv2d(from, to, 1, stride: stride, bias: false), BatchNorm2d(to));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => relu.call(main.call(input) + shortcut.call(input));
    }
}
