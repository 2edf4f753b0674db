namespace Lcnn.Distributed.Cli.Services;

/// <summary>Times small calls between silos that train.</summary>
internal interface IPingBenchmark
{
    Task<PingReport> MeasureAsync(PingRequest request, Action<string> progress, CancellationToken cancellationToken);
}

/// <summary>Pings between silos while a run trains.</summary>
/// <param name="Dataset">Name of the data set.</param>
/// <param name="Architecture">Name of the network.</param>
/// <param name="SamplesPerWorker">Samples of a step and worker.</param>
/// <param name="Pings">Calls of every variant.</param>
internal sealed record PingRequest(string Dataset, string Architecture, int SamplesPerWorker, int Pings);

/// <summary>Round trips by variant, in milliseconds.</summary>
internal sealed record PingReport(PingRequest Request, IReadOnlyList<PingRow> Rows) : Report
{
    protected override string Kind => "bench";
}

/// <summary>Round trips under one kind of load.</summary>
/// <param name="Variant">"idle", "independent" (two runs that exchange nothing), "stream" or "grain" (one run over both silos).</param>
/// <param name="P50">Median, milliseconds.</param>
/// <param name="P99">The slowest hundredth takes longer, milliseconds.</param>
/// <param name="Longest">Milliseconds.</param>
/// <param name="BytesSent">Between the ranks meanwhile, for each second.</param>
internal sealed record PingRow(string Variant, double P50, double P99, double Longest, double BytesSent);
