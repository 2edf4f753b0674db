using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Contracts;

public sealed class RecipesTests
{
    // train_models.py:86-121 at efbe69a: the defaults of the authors' command line.
    [Fact]
    public void Reference_Values_AreTheReleasedCommandLines()
    {
        var spec = Recipes.For("reference", "cifar100", "resnet18-lcnn");

        Assert.Equal((200, 128, 0.1, 0.9, 5e-4, "multistep"), (spec.Epochs, spec.BatchSize, spec.LearningRate, spec.Momentum, spec.WeightDecay, spec.Schedule));
        Assert.Equal((1e-2, 1e-2, 1e-3), (spec.BetaWeight, spec.GammaWeight, spec.GradientNormWeight));
        Assert.Equal((8, 1, "curvature", "reference"), (spec.LogicalShards, spec.Workers, spec.Loss, spec.SpectralGrid));
        Assert.Equal("global", spec.BatchNorm);
    }

    // train_curvature.py at 5b94577, the code behind Table 1.
    [Fact]
    public void Paper_Values_AreTheReferencesWithWeightsOfAThousandth()
    {
        var reference = Recipes.For("reference", "cifar10", "resnet34-lcnn");

        Assert.Equal(
            reference with { Preset = "paper", BetaWeight = 1e-3, GammaWeight = 1e-3, GradientNormWeight = 1e-3 },
            Recipes.For("paper", "cifar10", "resnet34-lcnn"));
    }

    [Fact]
    public void Default_WithoutArguments_IsDigitsOnTwoWorkers()
    {
        var spec = Recipes.Default();

        Assert.Equal(("digits", "resnet8-lcnn", 2, "curvature"), (spec.Dataset, spec.Architecture, spec.Workers, spec.Loss));
        Assert.True(spec.LogicalShards >= spec.Workers);
    }

    [Theory]
    [InlineData("default", "warm")]
    [InlineData("reference", "reference")]
    [InlineData("paper", "reference")]
    public void RunningStatistics_OfAPreset_AreTheAuthorsInAllButTheDefault(string preset, string statistics) =>
        Assert.Equal(statistics, Recipes.For(preset).RunningStatistics);

    [Fact]
    public void RunningStatistics_OfASpecStoredWithoutThem_AreTheReferences() =>
        Assert.Equal("reference", System.Text.Json.JsonSerializer.Deserialize<RunSpec>("{}")!.RunningStatistics);

    [Theory]
    [InlineData("resnet8-lcnn", "curvature", 1000)]
    [InlineData("resnet8", "ce", 1000)]
    [InlineData("resnet8-relu", "ce", 1000)]
    [InlineData("resnet18-lcnn", "curvature", 100)]
    [InlineData("vgg11", "ce", 100)]
    public void For_AnyPreset_FollowsTheNetworkInLossAndCurvatureSamples(string architecture, string loss, int samples) => Assert.All(
        Names.Presets,
        preset =>
        {
            var spec = Recipes.For(preset, "cifar10", architecture);
            Assert.Equal((preset, architecture, loss, samples, 10), (spec.Preset, spec.Architecture, spec.Loss, spec.CurvatureSamples, spec.CurvatureIterations));
        });

    [Fact]
    public void For_UnknownPreset_IsRefusedWithTheKnownOnes() => Assert.Contains(
        "default, reference, paper", Assert.Throws<ArgumentOutOfRangeException>(() => Recipes.For("best")).Message, StringComparison.Ordinal);
}
