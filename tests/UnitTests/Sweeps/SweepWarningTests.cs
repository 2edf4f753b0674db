using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class SweepWarningTests
{
    [Fact]
    public void Warnings_GridOfAWeightThatALossDoesNotHave_NameTheRepeatedTrial()
    {
        var spec = Spec("grid", null, ParameterSpec.OneOf("loss", "ce", "gradnorm"), ParameterSpec.OneOf("gradnormWeight", 0.001, 0.01));

        Assert.Equal(
            "1 of 4 trials repeat another, with the same result, bit for bit: trial 2 (loss=ce, gradnormWeight=0.01) is trial 1 (loss=ce, gradnormWeight=0.001) again; "
            + "leave a value out, or give a parameter that means nothing there a 'when'",
            Assert.Single(spec.Warnings()));
        Assert.Empty((spec with { Parameters = [spec.Parameters[0], spec.Parameters[1] with { When = [new ParameterCondition("loss", ["gradnorm"])] }] }).Warnings());
        Assert.Empty((spec with { MaxTrials = 1 }).Warnings());
    }

    [Fact]
    public void Warnings_PresetsThatDifferInNothingElse_AreRepeats() => Assert.Contains(
        "1 of 2 trials repeat another",
        Assert.Single((Spec("grid", null, ParameterSpec.OneOf("preset", "reference", "paper")) with
        {
            BaseOptions = ["dataset", "arch", "epochs", "betaWeight", "gammaWeight"],
            Base = Recipes.Default("digits") with { Epochs = 3, BetaWeight = 0.5, GammaWeight = 0.5 },
        }).Warnings()),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("random", 5, "at least 1 repeat another")]
    [InlineData("tpe", 13, "at least 9 repeat another")]
    [InlineData("random", 4, "about 1 repeat another")]
    [InlineData("random", 2, null)]
    public void Warnings_DrawsOutOfFewValues_SayHowManyRepeat(string sampler, int trials, string? expected)
    {
        var warnings = Spec(sampler, trials, ParameterSpec.OneOf("lr", 0.1, 0.2), ParameterSpec.Between("momentum", 0.1, 0.2) with { Step = 0.1 }).Warnings();

        Assert.Equal(expected is null ? 0 : 1, warnings.Count);
        Assert.All(warnings, warning => Assert.Contains(expected!, warning, StringComparison.Ordinal));
    }

    [Fact]
    public void Warnings_ContinuousRange_NeverRepeats() =>
        Assert.Empty(Spec("random", 1000, ParameterSpec.OneOf("arch", "resnet8-lcnn"), ParameterSpec.Between("lr", 0.1, 0.2)).Warnings());

    [Theory]
    [InlineData(8, 8, 1, "with maxConcurrent 8 every one of the 8 begins before any has ended")]
    [InlineData(9, 8, 1, "with maxConcurrent 9 every one of the 8 begins before any has ended")]
    [InlineData(2, 11, 10, "learns once 10 trials have ended, and of 11 trials with maxConcurrent 2 none begins after that")]
    [InlineData(2, 12, 10, null)]
    public void Warnings_TpeThatNeverLearns_SayWhy(int concurrent, int trials, int startup, string? expected)
    {
        var spec = Spec("tpe", trials, ParameterSpec.Between("lr", 0.1, 0.2)) with { MaxConcurrent = concurrent };

        var warnings = (spec with { Sampler = spec.Sampler with { StartupTrials = startup } }).Warnings();

        Assert.Equal(expected is null ? 0 : 1, warnings.Count);
        Assert.All(warnings, warning => Assert.Contains(expected!, warning, StringComparison.Ordinal));
        Assert.Empty((spec with { Sampler = new SamplerSpec { Kind = "random" } }).Warnings());
    }

    [Fact]
    public void Warn_TrialsAddedByHand_NamesThoseThatAreThere()
    {
        var board = new SweepBoard("s", Spec("grid", null, ParameterSpec.OneOf("lr", 0.1, 0.2)), new SweepRecord { Phase = SweepPhase.Running }, [], new FakeTimeProvider());
        board.AddTrial(1, Of(0.1));

        var warnings = TrialAdditions.Warn(board, new AddTrials { Parameters = [Of(0.1), Of(0.2), Of(0.3), Of(0.30)] }).ToList();

        Assert.Equal(
            [
                "trial 2 (lr=0.1) is trial 1 again, with the same result, bit for bit",
                "trial 3 (lr=0.2) is a cell of the grid (lr=0.2) again, with the same result, bit for bit",
                "trial 5 (lr=0.3) is trial 4 again, with the same result, bit for bit",
            ],
            warnings);
    }

    [Fact]
    public void Warn_MoreDrawsThanThereAreValues_SaysSo()
    {
        var board = new SweepBoard("s", Spec("random", 1, ParameterSpec.OneOf("lr", 0.1, 0.2)), new SweepRecord { Phase = SweepPhase.Running }, [], new FakeTimeProvider());

        Assert.Contains("draws 3 trials out of 2 that differ", Assert.Single(TrialAdditions.Warn(board, new AddTrials { Count = 2 })), StringComparison.Ordinal);
    }

    private static ParameterSet Of(double rate) => new([new("lr", rate)]);

    private static SweepSpec Spec(string sampler, int? trials, params IReadOnlyList<ParameterSpec> parameters) => new()
    {
        Base = Recipes.Default() with { Epochs = 3 },
        Parameters = parameters,
        Sampler = new SamplerSpec { Kind = sampler, StartupTrials = 1 },
        MaxTrials = trials,
        MaxConcurrent = 1,
        OutputDirectory = "/sweep",
    };
}
