using Lcnn.Distributed.Model.Modules;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.UnitTests.Modules;

/// <summary>One of the authors' reduced residual networks, built from the library's modules under the authors' paths.</summary>
internal sealed class AuthorsNetwork : Module<Tensor, Tensor>
{
    private readonly List<Module<Tensor, Tensor>> _parts = [];

    public AuthorsNetwork(TinyNetwork tiny) : base(nameof(AuthorsNetwork))
    {
        int[] Sizes(string name) => [.. tiny.Scalars.GetProperty(name).EnumerateArray().Select(size => size.GetInt32())];
        int Size(string name) => tiny.Scalars.GetProperty(name).GetInt32();
        var (widths, blocks, image) = (Sizes("widths"), Sizes("blocks"), Size("im"));
        Add("0", Sequential(("0", ConvNorm(Size("cin"), widths[0], 3, 1, image)), ("1", new CenteredSoftplus())));
        var from = widths[0];
        foreach (var (stage, width) in widths.Index())
        {
            var built = new List<(string, Module<Tensor, Tensor>)>();
            for (var block = 0; block < blocks[stage]; block++)
            {
                var stride = stage > 0 && block == 0 ? 2 : 1;
                built.Add(($"{block}", new Block(from, width, stride, image)));
                (from, image) = (width, ((image - 1) / stride) + 1);
            }

            Add($"{stage + 1}", Sequential(built));
        }

        Add($"{widths.Length + 3}", new SpectralLinear(from, Size("classes")));
    }

    /// <summary>The stored state, by the names of the authors' state dict, none more and none less.</summary>
    public static AuthorsNetwork Load(TinyNetwork tiny)
    {
        var network = new AuthorsNetwork(tiny);
        network.load_state_dict(tiny.Golden.Under("state.").ToDictionary(key => key, key => tiny.Golden["state." + key]), strict: true);
        return network;
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var h = _parts[..^1].Aggregate(input, (x, part) => part.call(x));
        return _parts[^1].call(h.mean([2L, 3L])).MoveToOuterDisposeScope();
    }

    private void Add(string name, Module<Tensor, Tensor> part)
    {
        register_module(name, part);
        _parts.Add(part);
    }

    private static SpectralConvNorm2d ConvNorm(int from, int to, int kernel, int stride, int image) =>
        new(new SpectralConv2d(from, to, kernel, stride, kernel / 2, bias: false, (image, image)));

    private sealed class Branches() : nn.Module(nameof(Branches));

    // models/resnet_spectral.py:16-48.
    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> _first;
        private readonly Module<Tensor, Tensor>? _shortcut;
        private readonly Module<Tensor, Tensor> _inner = new CenteredSoftplus();
        private readonly Module<Tensor, Tensor> _second;
        private readonly Module<Tensor, Tensor> _outer = new CenteredSoftplus();

        public Block(int from, int to, int stride, int image) : base(nameof(Block))
        {
            _first = ConvNorm(from, to, 3, stride, image);
            _shortcut = stride == 1 && from == to ? null : ConvNorm(from, to, 1, stride, image);
            _second = ConvNorm(to, to, 3, 1, ((image - 1) / stride) + 1);
            Branch("1", _first, _shortcut);
            Branch("2", _inner);
            Branch("3", _second);
            register_module("5", _outer);
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var h = input / Math.Sqrt(2);
            return _outer.call((_second.call(_inner.call(_first.call(h))) + (_shortcut?.call(h) ?? h)) * 0.5).MoveToOuterDisposeScope();
        }

        private void Branch(string name, params Module<Tensor, Tensor>?[] branches)
        {
            var holder = new Branches();
            foreach (var (i, branch) in branches.Index())
            {
                holder.register_module($"f{i + 1}", branch!);
            }

            register_module(name, holder);
        }
    }
}
