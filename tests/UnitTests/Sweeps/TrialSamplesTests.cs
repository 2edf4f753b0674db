using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class TrialSamplesTests
{
    // 2^14 combinations, of which the last pair cannot run: a batch of 2 for 8 shards.
    private static readonly ParameterSpec[] _many =
    [
        ParameterSpec.OneOf("batchSize", 64, 2),
        .. new[] { "lr", "weightDecay", "betaWeight", "gammaWeight", "gradnormWeight" }.Select(name => ParameterSpec.OneOf(name, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06)),
    ];

    [Theory]
    [InlineData("grid")]
    [InlineData("random")]
    public void Validate_ParametersOfManyCombinations_FindsTheValueThatCannotRun(string sampler)
    {
        var spec = Spec(sampler, sampler == "grid" ? [.. _many.Skip(1).Take(4), ParameterSpec.OneOf("momentum", 0.1, 0.2, 0.3), _many[0]] : [.. _many.Skip(1), _many[0]]);

        Assert.Contains(spec.Validate(), problem => problem.Field == "parameters.batchSize" && problem.Message.Contains("batchSize=2 cannot run", StringComparison.Ordinal));
    }

    [Fact]
    public void MostWorkers_ValueInTheMiddleOfAGrid_IsFound() => Assert.Equal(
        4,
        Spec("grid", [ParameterSpec.WholeBetween("workers", 1, 4), ParameterSpec.OneOf("lr", 0.1, 0.2)]).MostWorkers());

    private static SweepSpec Spec(string sampler, IReadOnlyList<ParameterSpec> parameters) => new()
    {
        Base = Recipes.Default() with { LogicalShards = 8, Workers = 1, Epochs = 1 },
        Parameters = parameters,
        Sampler = new SamplerSpec { Kind = sampler },
        MaxTrials = 5,
        OutputDirectory = "/sweep",
    };
}
