using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Golden;

public sealed class CenteredSoftplusGoldenTests
{
    private static readonly string[] _quantities = ["y", "dy_dx", "dy_dlogbeta", "d2y_dx2", "d2y_dxdlogbeta"];

    [Theory]
    [MemberData(nameof(GoldenFolder.Cases), GoldenFolder.CenteredSoftplus, MemberType = typeof(GoldenFolder))]
    public void CenteredSoftplus_EveryBetaAndX_HasTheReferencesValueAndDerivatives(string name)
    {
        using var one = new OneThread();
        var golden = new GoldenFile(name);
        var x_N = golden["x"].data<float>().ToArray();
        var logBeta_K = golden["log_beta"].data<float>().ToArray();
        var actual = _quantities.ToDictionary(quantity => quantity, _ => new List<float>());

        foreach (var logBeta in logBeta_K)
        {
            foreach (var x in x_N)
            {
                foreach (var (quantity, value) in _quantities.Zip(Derivatives(x, logBeta)))
                {
                    actual[quantity].Add(value);
                }
            }
        }

        var report = new GoldenReport();
        foreach (var quantity in _quantities)
        {
            var tolerance = quantity is "dy_dx" or "d2y_dxdlogbeta" ? Tolerance.SoftplusSlope : Tolerance.SoftplusValue;
            report.Check(quantity, tensor(actual[quantity].ToArray(), [logBeta_K.Length, x_N.Length]), golden.Stored(quantity), tolerance);
        }

        report.AssertWithinTolerance();
    }

    // One x at a time: beta is one scalar for a whole tensor, while the stored derivatives are per element.
    private static float[] Derivatives(float x, float logBeta)
    {
        using var scope = NewDisposeScope();
        var input = tensor(x).requires_grad_();
        var raw = tensor(logBeta).requires_grad_();
        var y = CenteredSoftplus.Forward(input, raw.exp().Plus(CenteredSoftplus.Epsilon));
        var first = autograd.grad([y], [input, raw], retain_graph: true, create_graph: true);
        var second = autograd.grad([first[0]], [input, raw]);
        return [.. new[] { y, first[0], first[1], second[0], second[1] }.Select(value => (float)value.ReadDouble())];
    }
}
