using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Benchmarks.Peers;

/// <summary>The reference's PSoftplus (models/psoftplus.py) operation by operation.</summary>
internal sealed class AuthorsSoftplus(AuthorsState state, string path)
{
    private readonly Tensor _ln2 = state.Constant(Math.Log(2));

    public Tensor LogBeta { get; } = state.Plain($"{path}.log_beta");

    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var beta = LogBeta.exp();
        var scaled = beta.Plus(CenteredSoftplus.Epsilon) * x;
        return ((scaled.Softplus(1, ISoftplusKernels.Threshold) - _ln2) / beta.Plus(CenteredSoftplus.Epsilon)).MoveToOuterDisposeScope();
    }
}
