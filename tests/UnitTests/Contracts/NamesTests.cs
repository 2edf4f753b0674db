using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.UnitTests.Contracts;

public sealed class NamesTests
{
    [Fact]
    public void Names_OfTheContract_AreWhatTheModelImplements()
    {
        Assert.Equal(DataSetCatalog.Names.Order(), Names.Datasets.Order());
        Assert.Equal(Architectures.Names.Order(), Names.Architectures.Order());
        Assert.Equal(Objective.Names.Order(), Names.Losses.Order());
        Assert.Equal(LearningRateSchedule.Names.Order(), Names.Schedules.Order());
        Assert.Equal(Enum.GetNames<Model.Layers.SpectralGrid>().Select(name => name.ToLowerInvariant()).Order(), Names.SpectralGrids.Order());
        Assert.Equal(Enum.GetNames<Model.Layers.RunningStatistics>().Select(name => name.ToLowerInvariant()).Order(), Names.RunningStatistics.Order());
    }

    [Fact]
    public void Names_OfTheEvaluation_AreWhatTheModelImplements()
    {
        Assert.Equal(AttackPlan.Names, EvaluationNames.Attacks);
        Assert.Equal(AttackPlan.NamesWithRestarts, EvaluationNames.AttacksWithRestarts);
        Assert.Equal(AttackPlan.NamesWithoutSteps, EvaluationNames.AttacksWithoutSteps);
        Assert.Equal(Enum.GetNames<AttackNorm>().Select(name => name.ToLowerInvariant()), EvaluationNames.Norms);
    }

    [Fact]
    public void IsLowCurvature_EveryArchitecture_IsWhetherItHasBetas() => Assert.All(
        Names.Architectures,
        name => Assert.Equal(
            Architectures.Build(name, new ImageShape(1, 32, 32), 10).Layers.OfType<Model.Layers.BetaLayer>().Any(), Names.IsLowCurvature(name)));

    [Theory]
    [InlineData("resnet8-lccn", "resnet8-lcnn")]
    [InlineData("resnet81", "resnet8")]
    [InlineData("vgg", "vgg11")]
    [InlineData("RESNET8", null)]
    [InlineData("transformer", null)]
    [InlineData("", null)]
    public void Closest_MistypedName_IsTheIntendedOneOrNone(string mistyped, string? expected) =>
        Assert.Equal(expected, Names.Closest(mistyped, Names.Architectures));

    [Fact]
    public void Closest_KnownName_IsItself() => Assert.All(Names.Datasets, name => Assert.Equal(name, Names.Closest(name, Names.Datasets)));
}
