namespace Lcnn.Distributed.Contracts.Workers;

/// <summary>A report of a generation that is over: the worker that sent it has to leave.</summary>
[GenerateSerializer, Alias("lcnn.StaleGenerationException")]
public sealed class StaleGenerationException : Exception
{
    /// <summary>Tells a worker of <paramref name="generation"/> that its run is at <paramref name="current"/>.</summary>
    public StaleGenerationException(string runId, int generation, int current)
        : base($"run {runId} is at generation {current}; generation {generation} is over and its workers leave") =>
        (Generation, Current) = (generation, current);

    /// <summary>The generation that is over.</summary>
    [Id(0)] public int Generation { get; }

    /// <summary>The run's generation.</summary>
    [Id(1)] public int Current { get; }
}
