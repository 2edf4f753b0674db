namespace Lcnn.Distributed.Cli.Output;

/// <summary>Whether what goes to standard output still arrives, and what follows if not.</summary>
#pragma warning disable CA1001 // lives as long as the process
internal sealed class OutputHealth
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _readerGone = new();
    private string? _loss;

    /// <summary>Cancelled when nobody is left to read standard output: the work of commands that only show something is done.</summary>
    public CancellationToken ReaderGone => _readerGone.Token;

    /// <summary>Why something written to standard output was lost; null while all of it arrived.</summary>
    public string? Loss => Volatile.Read(ref _loss);

    /// <summary>Whether the command does its work to the end, also unseen.</summary>
    public bool WorksUnseen { get; private set; }

    /// <summary>Whether standard output holds events for programs.</summary>
    public bool IsJson { get; private set; }

    /// <summary>Says that the command trains, whoever looks on.</summary>
    public void WorkUnseen(bool isJson) => (WorksUnseen, IsJson) = (true, isJson);

    /// <summary>Something was lost.</summary>
    /// <returns>Whether it is the first that was.</returns>
    public bool Lose(string reason) => Interlocked.CompareExchange(ref _loss, reason, null) is null;

    /// <summary>The reader is gone.</summary>
    public void LoseReader() => _readerGone.Cancel();
}
