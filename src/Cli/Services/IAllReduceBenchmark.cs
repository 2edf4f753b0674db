namespace Lcnn.Distributed.Cli.Services;

/// <summary>Times sums over ranks, through the transports that training uses.</summary>
internal interface IAllReduceBenchmark
{
    /// <summary>The hidden command of the processes that the benchmark starts.</summary>
    const string ServeName = "allreduce-rank";

    Task<AllReduceReport> MeasureAsync(AllReduceRequest request, CancellationToken cancellationToken);

    /// <summary>The part of a process that the benchmark started: requests come in and results go out as lines of JSON.</summary>
    Task ServeAsync(TextReader input, TextWriter output, CancellationToken cancellationToken);
}

/// <summary>All-reduces of each size, over each transport.</summary>
internal sealed record AllReduceRequest(int Ranks, IReadOnlyList<double> Megabytes, IReadOnlyList<string> Transports, int Rounds);

/// <summary>Milliseconds by size and transport.</summary>
internal sealed record AllReduceReport(IReadOnlyList<AllReduceRow> Rows) : Report
{
    protected override string Kind => "bench";
}

/// <summary>One transport and size: median and best time of the slowest rank, payload over the median, managed bytes of a process a round.</summary>
internal sealed record AllReduceRow(
    string Transport, int Ranks, double Megabytes, double Milliseconds, double BestMilliseconds, double GigabytesPerSecond, long AllocatedBytes);
