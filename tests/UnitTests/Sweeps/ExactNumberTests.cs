using System.Text.Json;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

/// <summary>Numbers of a sweep are what was written, to the last digit.</summary>
public sealed class ExactNumberTests
{
    [Theory]
    [InlineData("{range: [0.1, 0.9], step: 0.1}", "0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9")]
    [InlineData("{range: [0, 0.3], step: 0.1}", "0 0.1 0.2 0.3")]
    [InlineData("{range: [0, 0.35], step: 0.1}", "0 0.1 0.2 0.3")]
    [InlineData("{range: [0.7, 0.8], step: 0.01}", "0.7 0.71 0.72 0.73 0.74 0.75 0.76 0.77 0.78 0.79 0.8")]
    [InlineData("{range: [0.1, 0.5], count: 5}", "0.1 0.2 0.3 0.4 0.5")]
    [InlineData("{range: [0.9, 0.99], count: 4}", "0.9 0.93 0.96 0.99")]
    [InlineData("{range: [1e-5, 4e-5], step: 1e-5}", "1e-5 2e-5 3e-5 4e-5")]
    [InlineData("{logRange: [1e-4, 0.1], count: 4}", "0.0001 0.001 0.01 0.1")]
    [InlineData("{logRange: [1e-6, 1e-2], count: 5}", "1e-6 1e-5 0.0001 0.001 0.01")]
    [InlineData("{values: [0.30, 1e-5, 5.0e-4]}", "0.3 1e-5 0.0005")]
    public void Cells_OfARange_AreThePointsThatAPersonWouldWrite(string parameter, string expected)
    {
        var spec = SweepFile.Parse($"parameters: {{momentum: {parameter}}}");

        var cells = new SearchSpace(spec.Parameters).Cells().ToArray();

        Assert.Equal(expected.Split(' '), cells.Select(cell => cell["momentum"]!.ToString()));
        Assert.All(cells, cell => Assert.Equal($"momentum={cell["momentum"]}", cell.ToString()));
        Assert.All(cells, cell => Assert.Equal(cell, JsonSerializer.Deserialize<ParameterSet>(JsonSerializer.Serialize(cell))));
    }

    [Fact]
    public void Cells_ProgramsEndThatFallsShortOfTheStep_StillHaveIt()
    {
        var points = ParameterPoints.Of(ParameterSpec.Between("momentum", 0.1, 0.1 + 0.7) with { Step = 0.1 });

        Assert.Equal(8, points.Count);
        Assert.Equal(0.1 + 0.7, points[^1].Number);
    }

    [Theory]
    [InlineData("{range: [0.1, 0.9], step: 0.1}", "0.3")]
    [InlineData("{range: [0.1, 0.9], step: 0.1}", "3e-1")]
    [InlineData("{range: [0.1, 0.9], count: 9}", "0.30")]
    [InlineData("{logRange: [1e-4, 0.1], count: 4}", "0.001")]
    [InlineData("{values: [0.1, 0.3]}", "[0.3]")]
    public void When_AValueOfAnotherParameter_HoldsForItsTrialAlone(string momentum, string value)
    {
        var spec = SweepFile.Parse($"parameters: {{momentum: {momentum}, weightDecay: {{values: [0, 1], when: {{momentum: {value}}}}}}}");

        var cells = new SearchSpace(spec.Parameters).Cells().Where(cell => cell["weightDecay"] is not null).ToArray();

        Assert.Equal(2, cells.Length);
        Assert.Single(cells.Select(cell => cell["momentum"]!.ToString()).Distinct());
    }

    [Theory]
    [InlineData("[9007199254740992, 9007199254740993]")]
    [InlineData("[9007199254740993.0, 9007199254740992]")]
    [InlineData("[9223372036854775806, 9223372036854775807]")]
    [InlineData("[-9223372036854775808, -9223372036854775807]")]
    public void Values_WholeNumbersBeyondDoubles_AreTwo(string values)
    {
        var spec = SweepFile.Parse($"parameters: {{seed: {{values: {values}}}}}");

        var seeds = new SearchSpace(spec.Parameters).Cells().Select((cell, i) => spec.SpecOf(i + 1, cell).Seed).ToArray();

        Assert.Equal(values.Trim('[', ']').Replace(".0", "", StringComparison.Ordinal).Split(", "), seeds.Select(seed => $"{seed}"));
    }

    [Theory]
    [InlineData("lr: {values: [1.0, 1]}", "lr.values[1]: the value 1 is given twice")]
    [InlineData("lr: {values: [100, 1e2]}", "lr.values[1]: the value 100 is given twice")]
    [InlineData("batchSize: {values: [64, 64.0]}", "batchSize.values[1]: the value 64 is given twice")]
    [InlineData("batchSize: {values: [64, 0x40]}", "batchSize.values[1]: the value 64 is given twice")]
    [InlineData("seed: {values: [9007199254740993, 9007199254740993.0]}", "seed.values[1]: the value 9007199254740993 is given twice")]
    [InlineData("seed: {values: [1, 9223372036854775808]}", "seed.values[1]: expected a whole number, got '9223372036854775808'")]
    [InlineData("seed: {int: [1, 9007199254740993]}", "seed.int[1]: expected whole numbers up to 2^53, got 9007199254740993")]
    [InlineData("momentum: {range: [0.1, 0.3], step: 0.5}", "momentum.step: expected a number above 0 up to 0.2, the width of the range, got 0.5")]
    [InlineData("lr: {values: [0.00001, 1e-5]}", "lr.values[1]: the value 1e-5 is given twice")]
    public void Values_ThatAreTheSameOrCannotBe_AreNamedAsWritten(string parameter, string expected)
    {
        var problem = Assert.Single(Assert.Throws<InvalidSweepException>(() => SweepFile.Parse($"parameters:\n  {parameter}")).Problems);

        Assert.StartsWith("sweep.yaml:2:", problem.ToString(), StringComparison.Ordinal);
        Assert.EndsWith($"parameters.{expected}", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_WholeNumbersInAnyNotation_AreThoseOfTheOption()
    {
        var spec = SweepFile.Parse("""
            base: {epochs: 0x10, workers: 1.0, trainLimit: 1e3, seed: 0o17}
            parameters: {batchSize: {values: [64.0, 1.28e2]}}
            maxTrials: 2.0
            maxConcurrent: 1e0
            """);

        Assert.Equal((16, 1, 1000, 15L), (spec.Base.Epochs, spec.Base.Workers, spec.Base.TrainLimit, spec.Base.Seed));
        Assert.Equal((2, 1), (spec.MaxTrials, spec.MaxConcurrent));
        Assert.Equal(["batchSize=64", "batchSize=128"], new SearchSpace(spec.Parameters).Cells().Select(cell => cell.ToString()));
        Assert.All(new SearchSpace(spec.Parameters).Cells(), cell => Assert.NotNull(cell["batchSize"]!.Whole));
    }

    [Theory]
    [InlineData("arch: {values: [resnet8, resnet8-lcnn]}", "arch: resnet18", "'arch' is never resnet18; its values are resnet8, resnet8-lcnn")]
    [InlineData("arch: {values: [resnet8, resnet8-lcnn]}", "arch: 3", "'arch' is never 3; its values are resnet8, resnet8-lcnn")]
    [InlineData("batchSize: {values: [64, 128]}", "batchSize: '64'", "'batchSize' is never '64'; its values are 64, 128")]
    [InlineData("batchSize: {values: [64, 128]}", "batchSize: 64.5", "'batchSize' is never 64.5; its values are 64, 128")]
    [InlineData("augment: {values: [true]}", "augment: false", "'augment' is never false; its values are true")]
    [InlineData("momentum: {range: [0.1, 0.9], step: 0.1}", "momentum: 0.35", "'momentum' is never 0.35; it goes from 0.1 to 0.9 in steps of 0.1")]
    [InlineData("momentum: {range: [0.1, 0.9], step: 0.1}", "momentum: [0.3, 1]", "'momentum' is never 1; it goes from 0.1 to 0.9 in steps of 0.1")]
    [InlineData("momentum: {range: [0.1, 0.9], count: 3}", "momentum: 0.3", "'momentum' is never 0.3; its points are 0.1, 0.5, 0.9")]
    [InlineData("trainLimit: {int: [100, 200], step: 50}", "trainLimit: 125", "'trainLimit' is never 125; it goes from 100 to 200 in steps of 50")]
    [InlineData("trainLimit: {int: [100, 200]}", "trainLimit: 150.5", "'trainLimit' is never 150.5; it is a whole number in [100, 200]")]
    [InlineData("trainLimit: {int: [100, 200]}", "trainLimit: many", "'trainLimit' is never 'many'; it is a whole number in [100, 200]")]
    [InlineData("momentum: {range: [0.1, 0.9]}", "momentum: 0.3", "'momentum' is never 0.3; it lies in [0.1, 0.9], where one of all numbers is hardly ever drawn")]
    public void When_AValueThatNeverComes_IsNamedWithItsPlace(string parent, string condition, string expected)
    {
        var text = $"sampler: random\nmaxTrials: 3\nparameters:\n  {parent}\n  lr:\n    values: [0.1]\n    when: {{{condition}}}\n";

        var problem = Assert.Single(Assert.Throws<InvalidSweepException>(() => SweepFile.Parse(text)).Problems);

        Assert.StartsWith("sweep.yaml:7:", problem.ToString(), StringComparison.Ordinal);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void When_NeedsThatExcludeEachOther_AreNamed()
    {
        const string text = """
            parameters:
              loss: {values: [ce, curvature]}
              betaWeight: {values: [0.1, 0.2], when: {loss: curvature}}
              gammaWeight: {values: [0.1], when: {betaWeight: 0.1, loss: ce}}
            """;

        var problem = Assert.Single(Assert.Throws<InvalidSweepException>(() => SweepFile.Parse(text)).Problems);

        Assert.Equal(
            "sweep.yaml:4:38: parameters.gammaWeight.when: never holds: it needs 'loss' to be ce and also curvature", problem.ToString());
    }

    [Fact]
    public void Validate_BoundsOfAProgramBeyondDoubles_AreRefusedInsteadOfRounded()
    {
        var spec = new SweepSpec { Parameters = [ParameterSpec.WholeBetween("seed", 0, 9007199254740993)], Sampler = new SamplerSpec { Kind = "random" }, MaxTrials = 2 };

        Assert.Contains("expected whole numbers up to 2^53", Assert.Single(spec.Validate()).Message, StringComparison.Ordinal);
    }
}
