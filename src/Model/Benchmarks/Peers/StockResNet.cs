using Lcnn.Distributed.Model.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Benchmarks.Peers;

/// <summary>A residual network with ReLU from TorchSharp's own modules, written as a user would: the yardstick of the step's speed.</summary>
internal sealed class StockResNet : Module<Tensor, Tensor>
{
    private readonly Sequential _net;

    public StockResNet(int inChannels, int classes, IReadOnlyList<int> widths, IReadOnlyList<int> blocks) : base(nameof(StockResNet))
    {
        var parts = new List<Module<Tensor, Tensor>> { Conv2d(inChannels, widths[0], 3, padding: 1, bias: false), BatchNorm2d(widths[0]), ReLU(inplace: true) };
        var from = widths[0];
        for (var stage = 0; stage < widths.Count; stage++)
        {
            for (var block = 0; block < blocks[stage]; block++)
            {
                parts.Add(new BasicBlock(from, widths[stage], stage > 0 && block == 0 ? 2 : 1));
                from = widths[stage];
            }
        }

        parts.AddRange([AdaptiveAvgPool2d(1), Flatten(), Linear(from, classes)]);
        _net = Sequential(parts);
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
            _main.forward(input).PlusInPlace(_shortcut is null ? input : _shortcut.forward(input)).relu_();
    }
}
