namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>What is wanted of the history of a run.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SeriesQuery")]
public sealed record SeriesQuery
{
    /// <summary>Most points of a window.</summary>
    public const int MostPoints = 10_000;

    /// <summary>Names of the values, as <see cref="StepCompleted"/> and <see cref="LossTerms"/> have them in JSON; empty for all.</summary>
    [Id(0)] public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>First step wanted, from 1.</summary>
    [Id(1)] public long From { get; init; } = 1;

    /// <summary>Last step wanted; 0 for the newest.</summary>
    [Id(2)] public long To { get; init; }

    /// <summary>Points wanted at most, up to <see cref="MostPoints"/>: where there are more steps, neighbours share one.</summary>
    [Id(3)] public int Points { get; init; } = 1000;

    /// <summary>Why it cannot be answered; empty if it can.</summary>
    public IEnumerable<SpecProblem> Problems()
    {
        if (From < 1)
        {
            yield return new SpecProblem(nameof(From), $"expected a step from 1 on, got {From}");
        }

        if (To != 0 && To < From)
        {
            yield return new SpecProblem(nameof(To), $"expected a step from {From} on, or 0 for the newest, got {To}");
        }

        if (Points is < 1 or > MostPoints)
        {
            yield return new SpecProblem(nameof(Points), $"expected 1 to {MostPoints}, got {Points}");
        }

        if (Fields.Except(SeriesWindow.FieldNames).ToList() is { Count: > 0 } unknown)
        {
            yield return new SpecProblem(nameof(Fields), $"expected names out of {string.Join(", ", SeriesWindow.FieldNames)}, got {string.Join(", ", unknown.Take(5))}");
        }
    }
}
