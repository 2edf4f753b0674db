using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Native;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Runs the scaling benchmark: real runs on silo processes of this machine, each stopped after its steps.</summary>
internal sealed class ScalingBenchmarkRunner(bool isDebugging) : IScalingBenchmark
{
    private const string OverTls = "stream, TLS";

    private static readonly string[] _variants = ["single", "independent", "memory", "stream", OverTls];

    public async Task<ScalingReport> MeasureAsync(ScalingRequest request, Action<string> progress, CancellationToken cancellationToken)
    {
        NativeLibrary.Check();
        var folder = Directory.CreateTempSubdirectory("lcnn-bench-");
        try
        {
            var rows = new List<ScalingRow>();
            foreach (var processes in request.Processes)
            {
                var turns = _variants.ToDictionary(variant => variant, _ => new List<ScalingTurn>());
                await using var places = new ScalingPlaces(request.Workers, processes == "fresh", isDebugging);
                for (var round = 0; round < request.Rounds; round++)
                {
                    foreach (var variant in _variants)
                    {
                        var turn = await MakeTurnAsync(request, variant, places, Path.Combine(folder.FullName, $"{processes}-{round}"), cancellationToken);
                        turns[variant].Add(turn);
                        progress($"{processes} {round + 1}/{request.Rounds} {variant}: {turn.SamplesPerSecond:0} samples/s");
                    }
                }

                rows.AddRange(_variants.Select(variant => RowOf(processes, variant, turns[variant], turns["independent"])));
            }

            return new ScalingReport(request, rows);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<ScalingTurn> MakeTurnAsync(
        ScalingRequest request, string variant, ScalingPlaces places, string folder, CancellationToken cancellationToken)
    {
        // Independent runs are processes of their own, as the ranks of a stream are.
        var host = await places.OpenAsync(oneProcess: variant is "single" or "memory", overTls: variant == OverTls, cancellationToken);
        try
        {
            var transport = variant == OverTls ? "stream" : variant is "memory" or "stream" ? variant : null;
            var specs = Enumerable.Range(0, variant == "independent" ? request.Workers : 1)
                .Select(index => SpecOf(request, transport, Path.Combine(folder, $"{variant}-{index}")));
            return await ScalingTurn.MakeAsync(host.Launcher, specs, request.Steps, cancellationToken);
        }
        finally
        {
            await places.EndTurnAsync();
        }
    }

    private static RunSpec SpecOf(ScalingRequest request, string? transport, string folder)
    {
        var workers = transport is null ? 1 : request.Workers;
        return Recipes.Default(request.Dataset, request.Architecture) with
        {
            Loss = request.Loss,
            BatchNorm = request.BatchNorm,
            Workers = workers,
            ThreadsPerWorker = 1,
            LogicalShards = request.Shards / (request.Workers / workers),
            BatchSize = request.SamplesPerWorker * workers,
            Transport = transport ?? "auto",
            SnapshotEvery = int.MaxValue, // only the one that a stopped run keeps
            CurvatureSamples = 0,
            OutputDirectory = folder,
        };
    }

    private static ScalingRow RowOf(string processes, string variant, List<ScalingTurn> turns, List<ScalingTurn> independent) => new(
        processes, variant,
        Median(turns.Select(turn => turn.SamplesPerSecond)),
        turns.Min(turn => turn.SamplesPerSecond), turns.Max(turn => turn.SamplesPerSecond),
        variant is not ("single" or "independent") ? Median(turns.Zip(independent, (turn, beside) => turn.SamplesPerSecond / beside.SamplesPerSecond)) : null,
        new StepPhases(
            Median(turns.Select(turn => turn.Phases.Data)),
            Median(turns.Select(turn => turn.Phases.Forward)), Median(turns.Select(turn => turn.Phases.Backward)),
            Median(turns.Select(turn => turn.Phases.Exchange)), Median(turns.Select(turn => turn.Phases.Owner)),
            Median(turns.Select(turn => turn.Phases.BytesSent))));

    private static double Median(IEnumerable<double> values)
    {
        var ordered = values.Order().ToList();
        return (ordered[(ordered.Count - 1) / 2] + ordered[ordered.Count / 2]) / 2;
    }
}
