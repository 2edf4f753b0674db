using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
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
        var raw = tensor(logBeta).exp();
        var beta = raw.Plus(CenteredSoftplus.Epsilon).ReadDouble();
        var layer = new BetaLayer("beta") { Index = 0 };
        var (input, one) = (tensor([x]), ones(1));
        using var plain = new SoftplusOperation(layer, beta);
        using var twice = new SoftplusOperation(layer, beta);
        using var first = new ParameterGradients([layer]);
        using var second = new ParameterGradients([layer]);
        var y = plain.Forward(input);
        var slope = plain.Backward(one, first);
        twice.Forward(input);
        twice.BackwardToInput(one);
        twice.Adjoint(one);
        var curved = twice.Backward(zeros(1), second);
        return [.. new[] { y, slope, first.Take(0)[0] * raw, curved, second.Take(0)[0] * raw }.Select(value => (float)value.ReadDouble())];
    }
}
