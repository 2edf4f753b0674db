using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.UnitTests.Contracts;

public sealed class TrainingMethodsTests
{
    public static TheoryData<string> Families { get; } = [.. NetworkCatalog.Names.Where(name => !name.Contains('-', StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Families))]
    public void Apply_EveryMethodToEveryFamily_GivesASpecThatCanRun(string family) => Assert.All(TrainingMethods.All, method =>
    {
        var spec = method.Apply(Recipes.Default("digits", family));

        Assert.Empty(spec.Validate());
        Assert.Equal((method.Name, method.Loss, method.Style), (spec.Method, spec.Loss, NetworkCatalog.Find(spec.Architecture)!.Style));
    });

    [Theory]
    [InlineData("resnet8-relu", "standard", "resnet8")]
    [InlineData("resnet8-lcnn", "softplus-decay", "resnet8-lowbeta")]
    [InlineData("wideresnet28x10-recipe", "lcnn+gradreg", "wideresnet28x10-lcnn")]
    public void Apply_ToANetworkOfAnotherStyle_TakesTheSameFamily(string architecture, string method, string expected) =>
        Assert.Equal(expected, TrainingMethods.Find(method)!.Apply(Recipes.Default("digits", architecture)).Architecture);

    [Fact]
    public void Apply_ToANetworkOfTheRunsOwn_ChangesItsStyleAndKeepsItsName()
    {
        const string own = """{"name": "mine", "style": "relu", "layers": ["flatten", {"linear": {"features": 8}}, "activation", {"linear": {"features": "classes"}}]}""";

        var spec = TrainingMethods.Find("lcnn")!.Apply(new RunSpec { Architecture = "mine", Network = own });

        Assert.Empty(spec.Validate());
        Assert.Equal(("mine", NetworkStyles.LowCurvature), (spec.Architecture, spec.DescribedNetwork().Style));
    }

    // A sweep file's keys stand in any order.
    [Fact]
    public void Build_MethodBeforeTheNetworkAndAfterItsWeights_IsTheMethodOfThatNetworkWithThoseWeights()
    {
        var spec = RunSpecOptions.Build(
        [
            new("betaWeight", OptionValue.FromDouble(0.5)), new("method", OptionValue.FromString("recipe")), new("arch", OptionValue.FromString("vgg11")),
        ]);

        Assert.Equal(("vgg11-recipe", "curvature+gradnorm", 0.5, 0.0), (spec.Architecture, spec.Loss, spec.BetaWeight, spec.GammaWeight));
    }

    [Fact]
    public void Methods_InOneSweep_AreAllTrialsOfTheirOwn()
    {
        var sweep = new SweepSpec { Base = Recipes.Default() };

        var trials = TrainingMethods.All.Select(method => TrialConfiguration.Of(sweep, new ParameterSet([new("method", OptionValue.FromString(method.Name))])));

        Assert.Equal(TrainingMethods.All.Count, trials.Distinct().Count());
    }
}
