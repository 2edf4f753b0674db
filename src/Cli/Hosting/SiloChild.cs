using System.Diagnostics;
using Lcnn.Distributed.Cli.Commands;
using Lcnn.Distributed.Cli.Signals;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>A silo in a child process, which stops when its standard input ends: with this process at the latest.</summary>
internal sealed class SiloChild : IAsyncDisposable
{
    private const string Ready = "silo ready:";
    private static readonly TimeSpan _startTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _stopTimeout = TimeSpan.FromSeconds(15);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;
    private readonly string _name;

    private SiloChild(Process process, string name) => (_process, _name) = (process, name);

    /// <summary>Starts <c>lcnn silo</c>; what it says on standard error goes to ours.</summary>
    /// <param name="cluster">Address of the cluster, handed over out of sight of other users.</param>
    public static SiloChild Start(string name, IEnumerable<string> arguments, string cluster)
    {
        var (program, first) = ThisProgram();
        var start = new ProcessStartInfo(program, [.. first, "silo", "--name", name, ParentSignals.Option, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["LCNN_CLUSTER"] = cluster;
        start.Environment.Remove(ClusterSwitches.TlsVariable); // of another cluster: this one stays on this machine
        var process = new Process { StartInfo = start };
        var child = new SiloChild(process, name);
        process.OutputDataReceived += (_, line) => child.OnLine(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        return child;
    }

    /// <summary>Returns when it has ended.</summary>
    public Task WaitForExitAsync() => _process.WaitForExitAsync();

    /// <summary>Returns when it takes part in its cluster.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _ready.Task.WaitAsync(_startTimeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"{_name} was not ready within {_startTimeout.TotalSeconds:0} seconds");
        }
    }

    /// <summary>Asks it to stop, and sees to it that it does.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(_stopTimeout);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException($"{_name} ended before it was ready; what it said is above"));
        }
        else if (line.StartsWith(Ready, StringComparison.Ordinal))
        {
            _ready.TrySetResult();
        }
    }

    // Run as 'dotnet lcnn.dll' or by its own executable.
    private static (string Program, string[] First) ThisProgram()
    {
        var path = Environment.ProcessPath ?? "dotnet";
        return Path.GetFileNameWithoutExtension(path) == "dotnet" ? (path, [Environment.GetCommandLineArgs()[0]]) : (path, []);
    }
}
