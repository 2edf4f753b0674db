using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Benchmarks.Peers;

/// <summary>The authors' LCNN (models/resnet_spectral.py) operation by operation in stock TorchSharp, on the same libtorch: the twin to time beside.</summary>
internal sealed class AuthorsResNet
{
    private readonly AuthorsConvNorm _stem;
    private readonly AuthorsSoftplus _activation;
    private readonly List<AuthorsBlock> _blocks = [];
    private readonly Tensor _weight;
    private readonly Tensor _bias;
    private Tensor _u;
    private Tensor _v;

    /// <param name="network">One of ours of the same shape: gives paths and geometries.</param>
    public AuthorsResNet(Network network, AuthorsState state, IReadOnlyList<int> widths, IReadOnlyList<int> blocks)
    {
        var geometries = network.Layers.OfType<ConvLayer>().ToDictionary(layer => layer.Path, layer => layer.Geometry);
        AuthorsConvNorm Conv(string path)
        {
            var conv = new AuthorsConvNorm(state, path, geometries[path]);
            Convs.Add(conv);
            return conv;
        }

        AuthorsSoftplus Activation(string path)
        {
            var activation = new AuthorsSoftplus(state, path);
            Activations.Add(activation);
            return activation;
        }

        (_stem, _activation) = (Conv("0.0"), Activation("0.1"));
        for (var stage = 0; stage < widths.Count; stage++)
        {
            for (var block = 0; block < blocks[stage]; block++)
            {
                var path = $"{stage + 1}.{block}";
                _blocks.Add(new AuthorsBlock(
                    Conv($"{path}.1.f1"), state.Has($"{path}.1.f2.log_lipschitz") ? Conv($"{path}.1.f2") : null,
                    Activation($"{path}.2.f1"), Conv($"{path}.3.f1"), Activation($"{path}.5")));
            }
        }

        var last = $"{widths.Count + 3}";
        (_weight, _bias) = (state.Decayed($"{last}.parametrizations.weight.original"), state.Decayed($"{last}.bias"));
        (_u, _v) = (state.Buffer($"{last}.parametrizations.weight.0._u"), state.Buffer($"{last}.parametrizations.weight.0._v"));
    }

    public List<AuthorsConvNorm> Convs { get; } = [];

    public List<AuthorsSoftplus> Activations { get; } = [];

    public Tensor Forward(Tensor x_BCHW)
    {
        using var scope = NewDisposeScope();
        var h_BCHW = _activation.Forward(_stem.Forward(x_BCHW));
        foreach (var block in _blocks)
        {
            var next = block.Forward(h_BCHW);
            h_BCHW.Dispose();
            h_BCHW = next;
        }

        using (no_grad())
        {
            Replace(ref _u, _weight.mv(_v));
            Replace(ref _v, _weight.t().mv(_u));
        }

        var sigma = (_u.clone() * _weight.mv(_v.clone())).sum();
        return functional.linear(functional.adaptive_avg_pool2d(h_BCHW, 1).view(x_BCHW.shape[0], -1), _weight / sigma, _bias).MoveToOuterDisposeScope();
    }

    private static void Replace(ref Tensor vector, Tensor next)
    {
        vector.Dispose();
        vector = next.div(next.norm().AtLeast(1e-12)).DetachFromDisposeScope();
    }
}

/// <summary>The reference's basic block with its repeat, halves and cat.</summary>
internal sealed class AuthorsBlock(AuthorsConvNorm conv1, AuthorsConvNorm? shortcut, AuthorsSoftplus inner, AuthorsConvNorm conv2, AuthorsSoftplus outer)
{
    public Tensor Forward(Tensor x_BCHW)
    {
        var doubled = Scoped(x_BCHW, x => x.repeat(1, 2, 1, 1).DividedBy(Math.Sqrt(2)));
        var first = Then(doubled, x => Halves(x, conv1.Forward, y => shortcut is null ? y : shortcut.Forward(y)));
        var activated = Then(first, x => Halves(x, inner.Forward, y => y));
        var second = Then(activated, x => Halves(x, conv2.Forward, y => y));
        var mean = Then(second, x => Half(x, 0).Plus(Half(x, 1)).Times(0.5));
        return Then(mean, outer.Forward);
    }

    // As Python drops each intermediate once the next is there.
    private static Tensor Then(Tensor x, Func<Tensor, Tensor> function)
    {
        using (x)
        {
            return Scoped(x, function);
        }
    }

    private static Tensor Scoped(Tensor x, Func<Tensor, Tensor> function)
    {
        using var scope = NewDisposeScope();
        return function(x).MoveToOuterDisposeScope();
    }

    private static Tensor Halves(Tensor x, Func<Tensor, Tensor> left, Func<Tensor, Tensor> right) => cat([left(Half(x, 0)), right(Half(x, 1))], 1);

    private static Tensor Half(Tensor x, int which) => x.narrow(1, which * x.shape[1] / 2, x.shape[1] / 2);
}
