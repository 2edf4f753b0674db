using System.Globalization;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

/// <summary>The bounds that a message states are themselves taken, and the next number beyond them is not.</summary>
public sealed class SweepBoundsTests
{
    public static TheoryData<string, long, long?> Bounds { get; } = new()
    {
        { "sampler: {{kind: tpe, startupTrials: {0}}}\nmaxTrials: 5", 1, 10_000 },
        { "sampler: {{kind: tpe, candidates: {0}}}\nmaxTrials: 5", 1, 10_000 },
        { "scheduler: {{kind: asha, reduction: {0}}}\nbase: {{epochs: 9}}", 2, 100 },
        { "scheduler: {{kind: asha, minEpochs: {0}}}\nbase: {{epochs: 9}}", 1, 8 },
        { "scheduler: {{kind: median, startupTrials: {0}}}", 1, 10_000 },
        { "scheduler: {{kind: median, maxEpochs: {0}}}", 1, int.MaxValue },
        { "maxTrials: {0}", 1, 10_000 },
        { "maxConcurrent: {0}", 1, 1000 },
        { "maxEpochs: {0}", 1, null },
        { "maxRetries: {0}", 0, 100 },
        { "parameters: {{lr: {{range: [0.1, 1], count: {0}}}}}", 2, 1000 },
        { "parameters: {{epochs: {{int: [1, 3], count: {0}}}}}", 2, 3 },
        { "parameters: {{epochs: {{int: [{0}, 3]}}}}", 1, 2 },
        { "parameters: {{seed: {{int: [1, {0}]}}}}", 2, 1000 },
    };

    public static TheoryData<string> NumericOptions { get; } =
        [.. RunSpecOptions.All.Where(option => option.Kind is OptionKind.Number or OptionKind.Whole).Select(option => option.Name)];

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Parse_ANumberAtItsBound_IsTakenAndTheNextIsNot(string sweep, long least, long? most)
    {
        Assert.True(IsTaken(least));
        Assert.False(IsTaken(least - 1));
        if (most is { } bound)
        {
            Assert.True(IsTaken(bound));
            Assert.False(IsTaken(bound + 1));
        }

        bool IsTaken(long number)
        {
            var text = string.Format(CultureInfo.InvariantCulture, sweep, number);
            return Record.Exception(() => SweepFile.Parse(sweep.Contains("parameters", StringComparison.Ordinal) ? text : $"{text}\nparameters: {{lr: {{values: [0.1]}}}}")) switch
            {
                null => true,
                InvalidSweepException => false,
                var other => throw other,
            };
        }
    }

    [Theory]
    [MemberData(nameof(NumericOptions))]
    public void Convert_AnOptionsBound_IsTakenAndTheNextNumberIsNot(string name)
    {
        var option = RunSpecOptions.All.Single(candidate => candidate.Name == name);
        var isWhole = option.Kind == OptionKind.Whole;

        if (double.IsFinite(option.Minimum))
        {
            Assert.Equal(!option.IsMinimumOpen, IsTaken(option.Minimum));
            Assert.True(IsTaken(isWhole ? option.Minimum + 1 : double.BitIncrement(option.Minimum)));
            Assert.False(IsTaken(isWhole ? option.Minimum - 1 : double.BitDecrement(option.Minimum)));
        }

        if (double.IsFinite(option.Maximum))
        {
            Assert.True(IsTaken(option.Maximum));
            Assert.False(IsTaken(isWhole ? option.Maximum + 1 : double.BitIncrement(option.Maximum)));
        }

        Assert.False(IsTaken(double.NaN));
        Assert.False(IsTaken(double.PositiveInfinity));

        bool IsTaken(double number) => option.Convert(OptionValue.FromDouble(number)).Problem is null;
    }

    [Fact]
    public void Parse_AStepAsWideAsItsRange_IsTaken() =>
        Assert.Equal(2, new SearchSpace(SweepFile.Parse("parameters: {lr: {range: [0.1, 1], step: 0.9}}").Parameters).Cells().Count());

    [Fact]
    public void IsSame_AWholeNumberAndItsDecimalForm_AreOneValueEitherWayRound()
    {
        Assert.True(SearchSpace.IsSame(OptionValue.FromInt64(64), OptionValue.FromDouble(64)));
        Assert.True(SearchSpace.IsSame(OptionValue.FromDouble(64), OptionValue.FromInt64(64)));
        Assert.False(SearchSpace.IsSame(OptionValue.FromInt64(64), OptionValue.FromDouble(64.5)));
        Assert.False(SearchSpace.IsSame(OptionValue.FromInt64(64), OptionValue.FromString("64")));
        Assert.False(SearchSpace.IsSame(OptionValue.FromString("64"), OptionValue.FromInt64(64)));
    }
}
