using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Contracts;

/// <summary>A spec that a program made, not our command line, is held to the same bounds; what it leaves open is what the documentation says.</summary>
public sealed class RunSpecBoundsTests
{
    public static TheoryData<string> Numbers { get; } = [.. RunSpecOptions.All.Where(option => option.Kind == OptionKind.Number).Select(option => option.Name)];

    public static TheoryData<string> Paths { get; } = [.. RunSpecOptions.All.Where(option => option.IsPath).Select(option => option.Name)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Validate_ANumberBeyondItsOptionsBounds_IsRefusedByItsField(string name)
    {
        var option = RunSpecOptions.Find(name)!;

        Assert.Equal(option.IsMinimumOpen, IsRefused(option.Minimum));
        Assert.False(IsRefused(option.Maximum));
        Assert.True(IsRefused(double.BitDecrement(option.Minimum)));
        Assert.True(IsRefused(double.BitIncrement(option.Maximum)));

        bool IsRefused(double number) => option.Set(Recipes.Default("./images"), number).Validate().Any(problem => problem.Field == option.Field);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Validate_APathWithAZeroByte_IsRefusedByItsField(string name)
    {
        var option = RunSpecOptions.Find(name)!;

        var problem = Assert.Single(option.Set(Recipes.Default(), "runs\0a").Validate());

        Assert.Equal((option.Field, "expected a path, got a text with a zero byte"), (problem.Field, problem.Message));
    }

    [Fact]
    public void Defaults_OfAnEmptySpec_AreTheDocumentedOnes()
    {
        Assert.Equal(2, new RunSpec().KeepSnapshots);
        Assert.Equal((1, 5), (new SchedulerSpec().MinEpochs, new SchedulerSpec().StartupTrials));
        Assert.Equal(1, new SweepSpec().MaxRetries);
        Assert.Equal((7, 1), ((Recipes.Default() with { Epochs = 7 }).ScheduledEpochs(), (Recipes.Default() with { Epochs = 7, ScheduleEpochs = 1 }).ScheduledEpochs()));
    }

    [Fact]
    public void Points_OfValuesWrittenAsDecimals_AreOfTheOptionsKind()
    {
        var points = ParameterPoints.Of(ParameterSpec.OneOf("batchSize", 64.0, 128.0));

        Assert.Equal([64L, 128L], points.Select(point => point.Whole));
    }
}
