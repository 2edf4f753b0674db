using System.Diagnostics;
using System.Text.Json;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Benchmarks;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>What a process of the benchmark is to do.</summary>
internal sealed record AllReduceTask(WorkerPeers Peers, IReadOnlyList<double> Megabytes, int Rounds);

/// <summary>Another process of this program that is one rank of the benchmark.</summary>
internal sealed class AllReduceChild : IDisposable
{
    private readonly Process _process;

    public AllReduceChild()
    {
        // Started as "dotnet lcnn.dll", the program is the first argument of its host.
        var program = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        _process = Process.Start(new ProcessStartInfo(
            program, [.. isHost ? [Environment.GetCommandLineArgs()[0]] : Array.Empty<string>(), "bench", IAllReduceBenchmark.ServeName])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    public static T Read<T>(string? line) => line is null
        ? throw new InvalidOperationException("a process of the benchmark ended early")
        : JsonSerializer.Deserialize<T>(line)!;

    public async Task<PeerAddress> JoinAsync(int rank, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(rank));
        return Read<PeerAddress>(await _process.StandardOutput.ReadLineAsync(cancellationToken));
    }

    public async Task<IReadOnlyList<AllReduceTiming>> RunAsync(AllReduceTask task, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(task));
        return Read<IReadOnlyList<AllReduceTiming>>(await _process.StandardOutput.ReadLineAsync(cancellationToken));
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
