namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>A part of the history of a run: every step, or neighbours in buckets that hide no spike.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SeriesWindow")]
public sealed record SeriesWindow
{
    /// <summary>What is kept of every step, in the order of storage.</summary>
    public static IReadOnlyList<string> FieldNames { get; } =
        ["loss", "crossEntropy", "betaTerm", "gammaTerm", "gradientNorm", "learningRate", "samplesPerSecond", "trainAccuracy", "epoch"];

    /// <summary>The run.</summary>
    [Id(0)] public string RunId { get; init; } = "";

    /// <summary>Newest step of the run.</summary>
    [Id(1)] public long LastStep { get; init; }

    /// <summary>Steps of a bucket, a power of two; 1 where every step is told. Buckets begin at steps n * width + 1, whatever part is asked for.</summary>
    [Id(2)] public long Width { get; init; } = 1;

    /// <summary>First step of each bucket that has any.</summary>
    [Id(3)] public IReadOnlyList<long> Steps { get; init; } = [];

    /// <summary>When that was logged, in milliseconds since 1970.</summary>
    [Id(4)] public IReadOnlyList<long> Times { get; init; } = [];

    /// <summary>One for each name.</summary>
    [Id(5)] public IReadOnlyList<SeriesColumn> Columns { get; init; } = [];
}

/// <summary>A value over the buckets of a window; NaN where no step of a bucket has one.</summary>
/// <param name="Field">Its name.</param>
/// <param name="Minimum">The smallest of each bucket.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="Mean">The mean.</param>
[GenerateSerializer, Immutable, Alias("lcnn.SeriesColumn")]
public sealed record SeriesColumn(
    [property: Id(0)] string Field, [property: Id(1)] IReadOnlyList<double> Minimum, [property: Id(2)] IReadOnlyList<double> Maximum, [property: Id(3)] IReadOnlyList<double> Mean);
