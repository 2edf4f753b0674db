using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Own;

/// <summary>An operation of which the forward pass alone is given: the others are passes of libtorch through its graph, and through the graph of that.</summary>
/// <remarks>
/// J'g is made as a part of a graph by backward with createGraph, g being a leaf. Since it is linear in g, its slope in g along h is Jh; its slopes in
/// x and the parameters are what the adjoint pass gives to them. Every leaf is this operation's own, so that no other thread adds to its gradient.
/// </remarks>
internal sealed class AutogradOperation(OwnLayer layer, IReadOnlyList<Tensor> parameters, Func<Tensor, OwnLayer, IReadOnlyList<Tensor>, Tensor> forward) : Operation
{
    private readonly Tensor[] _leaves = new Tensor[1 + parameters.Count]; // x and the parameters, of which buffers are no leaves
    private readonly Tensor?[] _second = new Tensor?[1 + parameters.Count]; // what the adjoint pass gave to them
    private Tensor? _y;
    private Tensor? _g;
    private Tensor? _slope; // J'g, in a graph; null where x takes no part

    private IEnumerable<int> Learning => Enumerable.Range(0, parameters.Count).Where(parameter => layer.Parameters[parameter].Learns);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var _ = enable_grad();
        _leaves[0] = KeepLeaf(x);
        for (var parameter = 0; parameter < parameters.Count; parameter++)
        {
            _leaves[1 + parameter] = layer.Parameters[parameter].Learns ? KeepLeaf(parameters[parameter]) : KeepAlias(parameters[parameter]);
        }

        _y = Keep(forward(_leaves[0], layer, _leaves[1..]));
        return _y.detach().clone();
    }

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g)
    {
        using var _ = enable_grad();
        _g = KeepLeaf(g);
        var slope = Differentiate(_y!, [_leaves[0]], _g, retainGraph: true, createGraph: true)[0];
        _slope = slope is null ? null : Keep(slope);
        return slope is null ? zeros_like(_leaves[0]).detach() : slope.detach().clone(); // whose memory the graph may need
    }

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h)
    {
        int[] learning = [.. Learning];
        var slopes = _slope is null ? new Tensor?[2 + learning.Length]
            : Differentiate(_slope, [_g!, _leaves[0], .. learning.Select(parameter => _leaves[1 + parameter])], h, retainGraph: true);
        ReplaceSecond(0, slopes[1]);
        foreach (var (place, parameter) in learning.Index())
        {
            ReplaceSecond(1 + parameter, slopes[2 + place]);
        }

        return slopes[0] ?? zeros_like(_g!).detach();
    }

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients)
    {
        int[] learning = gradients is null ? [] : [.. Learning];
        var slopes = Differentiate(_y!, [_leaves[0], .. learning.Select(parameter => _leaves[1 + parameter])], g, retainGraph: gradients is null);
        using var _ = no_grad();
        foreach (var (place, parameter) in learning.Index())
        {
            gradients!.Add(layer, parameter, Sum(slopes[1 + place], 1 + parameter));
        }

        return Sum(slopes[0], 0);
    }

    private static Tensor?[] Differentiate(Tensor output, IReadOnlyList<Tensor> leaves, Tensor slope, bool retainGraph, bool createGraph = false) => output.requires_grad
        ? LeafGradients.OfAny([output], leaves, [slope], retainGraph, createGraph)
        : new Tensor?[leaves.Count];

    private Tensor Sum(Tensor? slope, int leaf) => (slope, _second[leaf]) switch
    {
        ({ } first, { } second) => first.Plus(second),
        ({ } first, null) => first,
        (null, { } second) => second.clone(),
        _ => zeros_like(_leaves[leaf]).detach(),
    };

    private void ReplaceSecond(int leaf, Tensor? slope)
    {
        if (slope is not null)
        {
            Replace(ref _second[leaf], slope);
        }
        else if (_second[leaf] is { } held)
        {
            Release(held);
            _second[leaf] = null;
        }
    }
}
