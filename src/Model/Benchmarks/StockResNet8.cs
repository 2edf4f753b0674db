using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Benchmarks;

/// <summary>resnet8 with ReLU from TorchSharp's own modules, written as a user would: the yardstick of the step's speed.</summary>
internal sealed class StockResNet8 : Module<Tensor, Tensor>
{
    private readonly Sequential _net;

    public StockResNet8(int inChannels, int classes) : base(nameof(StockResNet8))
    {
        _net = Sequential(
            Conv2d(inChannels, 16, 3, padding: 1, bias: false), BatchNorm2d(16), ReLU(inplace: true),
            new BasicBlock(16, 16, 1), new BasicBlock(16, 32, 2), new BasicBlock(32, 64, 2),
            AdaptiveAvgPool2d(1), Flatten(), Linear(64, classes));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _net.forward(input);

    private sealed class BasicBlock : Module<Tensor, Tensor>
    {
        private readonly Sequential _main;
        private readonly Sequential? _shortcut;

        public BasicBlock(int inChannels, int outChannels, int stride) : base(nameof(BasicBlock))
        {
            _main = Sequential(
                Conv2d(inChannels, outChannels, 3, stride: stride, padding: 1, bias: false), BatchNorm2d(outChannels), ReLU(inplace: true),
                Conv2d(outChannels, outChannels, 3, padding: 1, bias: false), BatchNorm2d(outChannels));
            _shortcut = stride == 1 && inChannels == outChannels
                ? null
                : Sequential(Conv2d(inChannels, outChannels, 1, stride: stride, bias: false), BatchNorm2d(outChannels));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) =>
            _main.forward(input).add_(_shortcut is null ? input : _shortcut.forward(input)).relu_();
    }
}
