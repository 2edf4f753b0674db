using System.Text.Json;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Benchmarks;
using Lcnn.Distributed.Model.Native;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Runs the all-reduce benchmark: ranks are threads with memory, processes with streams, silos with grains.</summary>
internal sealed class AllReduceBenchmarkRunner : IAllReduceBenchmark
{
    public async Task<AllReduceReport> MeasureAsync(AllReduceRequest request, CancellationToken cancellationToken)
    {
        NativeLibrary.Check();
        var rows = new List<AllReduceRow>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        foreach (var transport in request.Transports)
        {
            var ranks = transport switch
            {
                "memory" => await RunThreadsAsync(request, stop),
                "stream" => await RunProcessesAsync(request, stop),
                _ => await RunSilosAsync(request, stop),
            };
            rows.AddRange(request.Megabytes.Select((size, index) => RowOf(transport, request.Ranks, size, [.. ranks.Select(rank => rank[index])])));
        }

        return new AllReduceReport(rows);
    }

    public async Task ServeAsync(TextReader input, TextWriter output, CancellationToken cancellationToken)
    {
        NativeLibrary.Check();
        using var process = new AllReduceProcess(NullLoggerFactory.Instance);
        var rank = AllReduceChild.Read<int>(await input.ReadLineAsync(cancellationToken));
        process.Join(rank);
        await output.WriteLineAsync(JsonSerializer.Serialize(process.Address));
        var task = AllReduceChild.Read<AllReduceTask>(await input.ReadLineAsync(cancellationToken));
        var timings = await process.RunAsync(rank, "stream", task.Peers, NoRelay, task.Megabytes, task.Rounds, cancellationToken);
        await output.WriteLineAsync(JsonSerializer.Serialize(timings));
        process.Leave(rank);
        await input.ReadLineAsync(cancellationToken); // until all are done, so that none sees another go
    }

    private static AllReduceRow RowOf(string transport, int ranks, double megabytes, AllReduceTiming[] timings)
    {
        if (!timings.All(timing => timing.IsCorrect))
        {
            throw new InvalidOperationException($"{transport}: a sum of {megabytes} MB over {ranks} ranks is wrong");
        }

        // A round takes as long as its slowest rank.
        var times = Enumerable.Range(0, timings[0].Milliseconds.Count).Select(round => timings.Max(timing => timing.Milliseconds[round])).Order().ToList();
        var median = times[times.Count / 2];
        return new AllReduceRow(transport, ranks, megabytes, median, times[0], megabytes / median, timings.Max(timing => timing.AllocatedBytes));
    }

    private static async Task<IReadOnlyList<AllReduceTiming>[]> RunThreadsAsync(AllReduceRequest request, CancellationTokenSource stop)
    {
        using var process = new AllReduceProcess(NullLoggerFactory.Instance);
        var peers = new WorkerPeers([], [.. Enumerable.Repeat(process.Address, request.Ranks)]);
        Parallel.For(0, request.Ranks, process.Join);
        return await AllAsync(stop, Enumerable.Range(0, request.Ranks).Select(
            rank => process.RunAsync(rank, "memory", peers, NoRelay, request.Megabytes, request.Rounds, stop.Token)));
    }

    private static async Task<IReadOnlyList<AllReduceTiming>[]> RunProcessesAsync(AllReduceRequest request, CancellationTokenSource stop)
    {
        var children = Enumerable.Range(0, request.Ranks).Select(_ => new AllReduceChild()).ToList();
        try
        {
            var addresses = await Task.WhenAll(children.Select((child, rank) => child.JoinAsync(rank, stop.Token)));
            var task = new AllReduceTask(new WorkerPeers(AllReduceProcess.NewToken(), addresses), request.Megabytes, request.Rounds);
            return await AllAsync(stop, children.Select(child => child.RunAsync(task, stop.Token)));
        }
        finally
        {
            children.ForEach(child => child.Dispose());
        }
    }

    private static async Task<IReadOnlyList<AllReduceTiming>[]> RunSilosAsync(AllReduceRequest request, CancellationTokenSource stop)
    {
        var silos = new List<IHost>();
        try
        {
            silos.AddRange(await LocalCluster.StartSilosAsync(request.Ranks, stop.Token));
            var processes = silos.ConvertAll(silo => new AllReduceProcess(silo.Services));
            for (var rank = 0; rank < request.Ranks; rank++)
            {
                processes[rank].Join(rank);
                await processes[rank].WakeRelayAsync(RelayOf(silos, rank, rank), stop.Token);
            }

            var peers = new WorkerPeers([], [.. processes.Select(process => process.Address)]);
            return await AllAsync(stop, processes.Select((process, rank) => process.RunAsync(
                rank, "grain", peers, to => RelayOf(silos, rank, to), request.Megabytes, request.Rounds, stop.Token)));
        }
        finally
        {
            await LocalCluster.StopAsync(silos);
        }
    }

    // Ranks wait for each other: the first that fails ends all.
    private static async Task<T[]> AllAsync<T>(CancellationTokenSource stop, IEnumerable<Task<T>> ranks)
    {
        var running = ranks.ToList();
        await foreach (var rank in Task.WhenEach(running))
        {
            if (!rank.IsCompletedSuccessfully)
            {
                await stop.CancelAsync();
                await rank;
            }
        }

        return await Task.WhenAll(running);
    }

    private static IParcelRelay RelayOf(List<IHost> silos, int from, int to) => AllReduceProcess.RelayOf(
        silos[from].Services.GetRequiredService<IGrainFactory>(), to, silos[to].Services.GetRequiredService<ILocalSiloDetails>().SiloAddress);

    private static IParcelRelay NoRelay(int rank) => throw new NotSupportedException($"rank {rank} has no grain here");
}
