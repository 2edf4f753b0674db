using System.Text.Json;
using Lcnn.Distributed.Cli.Hosting;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class ReportCommandTests
{
    [Fact]
    public async Task Eval_ASnapshot_ReportsItAsTableAndAsJson()
    {
        using var cli = new CliHarness();
        var folder = cli.FolderWithFile("a");
        var fake = new FakeWork();
        cli.Services = cli.Services with { Evaluator = fake };

        Assert.Equal(0, await cli.RunLineAsync("eval a"));
        Assert.Equal(0, await cli.RunLineAsync("eval a --json --test-limit 90 --curvature-samples 0 --threads 2 --batch-size 7"));

        Assert.Contains("97.50 % (loss 0.1)", cli.Console.Output, StringComparison.Ordinal);
        Assert.Equal(new EvaluationRequest(folder, null, null, null, 256, 8), fake.Evaluations[0]);
        Assert.Equal(new EvaluationRequest(folder, null, 90, 0, 7, 2), fake.Evaluations[1]);
        using var json = JsonDocument.Parse(Assert.Single(cli.OutputLines));
        Assert.Equal("evaluation", json.RootElement.GetProperty("event").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("schema").GetInt32());
        Assert.Equal(0.975, json.RootElement.GetProperty("testAccuracy").GetDouble());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("curvature").ValueKind);
    }

    [Fact]
    public async Task Eval_ThatTakesSeconds_SaysHowFarItIs()
    {
        using var cli = new CliHarness();
        cli.FolderWithFile("a");
        var fake = new FakeWork
        {
            OnEvaluate = progress =>
            {
                progress.Report(new EvaluationProgress(EvaluationPhase.Score, 0.0064, 10_000)); // too soon
                cli.Clock.Advance(TimeSpan.FromSeconds(5));
                progress.Report(new EvaluationProgress(EvaluationPhase.Score, 0.064, 10_000));
                progress.Report(new EvaluationProgress(EvaluationPhase.Score, 0.0704, 10_000));
                cli.Clock.Advance(TimeSpan.FromSeconds(5));
                progress.Report(new EvaluationProgress(EvaluationPhase.Attacks, 0.25, 100));
                cli.Clock.Advance(TimeSpan.FromSeconds(100));
                progress.Report(new EvaluationProgress(EvaluationPhase.Attacks, 0.5, 100));
            },
        };
        cli.Services = cli.Services with { Evaluator = fake };

        Assert.Equal(0, await cli.RunLineAsync("eval a --json"));

        Assert.Equal(["evaluated 640/10000 test samples, about 1:21 left", "attacks on 25/100 test samples", "attacks on 50/100 test samples, about 3:20 left"], cli.ErrorLines);
        Assert.Single(cli.OutputLines);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task Doctor_FindingsFineOrNot_DecideTheExitCode(bool isFine, int expected)
    {
        using var cli = new CliHarness();
        cli.Services = cli.Services with { Diagnostics = new FakeWork { IsFine = isFine } };

        Assert.Equal(expected, await cli.RunLineAsync("doctor"));
        Assert.Equal(expected, await cli.RunLineAsync("doctor --json"));

        Assert.Contains("libtorch", cli.Console.Output, StringComparison.Ordinal);
        Assert.Contains($"\"isHealthy\":{(isFine ? "true" : "false")}", Assert.Single(cli.OutputLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Datasets_FoundAndMissing_AreListedOneALine()
    {
        using var cli = new CliHarness();
        cli.Services = cli.Services with { Datasets = new FakeWork() };

        Assert.Equal(0, await cli.RunLineAsync("datasets"));
        Assert.Equal(0, await cli.RunLineAsync("datasets --json"));

        Assert.Contains("1x8x8", cli.Console.Output, StringComparison.Ordinal);
        Assert.Contains("not found: apt install dataset-fashion-mnist", cli.Console.Output, StringComparison.Ordinal);
        Assert.Equal([true, false], cli.OutputLines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("isFound").GetBoolean()));
    }

    [Fact]
    public async Task BenchStep_Rounds_ShowsEveryVariantWithItsRatio()
    {
        using var cli = new CliHarness();
        cli.Services = cli.Services with { StepBenchmark = new FakeWork() };

        Assert.Equal(0, await cli.RunLineAsync("bench step --rounds 5"));

        Assert.Contains("stock ReLU", cli.Console.Output, StringComparison.Ordinal);
        Assert.Contains("1.5", cli.Console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BenchNetwork_TwoNumbersOfWorkers_ComputesARowForEach()
    {
        using var cli = new CliHarness();
        cli.Services = cli.Services with { NetworkBenchmark = new NetworkBenchmarkRunner() };

        Assert.Equal(0, await cli.RunLineAsync("bench network --arch resnet8-lcnn --workers 2,4 --workers-per-silo 2 --bandwidth 10 --json"));

        using var json = JsonDocument.Parse(Assert.Single(cli.OutputLines));
        var rows = json.RootElement.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal([2, 4], rows.Select(row => row.GetProperty("workers").GetInt32()));
        Assert.Equal(0, rows[0].GetProperty("parcels").GetInt64());
        Assert.True(rows[1].GetProperty("parcels").GetInt64() > 0);
    }

    [Theory]
    [InlineData("--workers 3 --workers-per-silo 2", "--workers: expected multiples of the 2 workers of a silo, got 3")]
    [InlineData("--workers 2,x", "--workers: expected whole numbers from 1 to 1024 such as 2,4,8, got '2,x'")]
    [InlineData("--workers 4 --shards 2", "--shards: expected a power of two, at least the 4 workers, got 2")]
    [InlineData("--bandwidth 0", "--bandwidth: expected a number above 0 to 1000000, got 0")]
    [InlineData("--owner-ms -1", "--owner-ms: expected a number from 0 to 1000000, got -1")]
    public async Task BenchNetwork_ImpossibleCluster_IsRefusedByName(string arguments, string problem)
    {
        using var cli = new CliHarness();

        Assert.Equal(2, await cli.RunLineAsync($"bench network {arguments}"));

        Assert.Contains(problem, cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnyCommand_DataThatCannotBeRead_IsBadInputInOneLine()
    {
        using var cli = new CliHarness();

        Assert.Equal(2, await cli.RunLineAsync("doctor"));

        Assert.Equal("error: diagnostics cannot be had", Assert.Single(cli.ErrorLines));
    }

    [Theory]
    [InlineData("eval a --json", "evaluation")]
    [InlineData("doctor --json", "diagnostics")]
    public async Task AnyCommand_DataThatCannotBeReadWithJson_IsOneFailedEventToo(string line, string what)
    {
        using var cli = new CliHarness();
        cli.FolderWithFile("a");

        Assert.Equal(2, await cli.RunLineAsync(line));

        var failed = Assert.IsType<RunFailed>(JsonSerializer.Deserialize<RunEvent>(Assert.Single(cli.OutputLines), RunEventJson.Options));
        Assert.Equal((true, $"{what} cannot be had", cli.Clock.GetUtcNow()), (failed.BadInput, failed.Error, failed.Time));
        Assert.Equal($"error: {what} cannot be had", Assert.Single(cli.ErrorLines));
    }

    [Fact]
    public async Task AnyCommand_UnforeseenErrorWithJson_IsAFailedEventThatBlamesNoInput()
    {
        using var cli = new CliHarness();
        cli.FolderWithFile("a");
        cli.Services = cli.Services with { Evaluator = new FakeWork { Failure = new InvalidOperationException("broken") } };

        Assert.Equal(1, await cli.RunLineAsync("eval a --json"));

        var failed = Assert.IsType<RunFailed>(JsonSerializer.Deserialize<RunEvent>(Assert.Single(cli.OutputLines), RunEventJson.Options));
        Assert.False(failed.BadInput);
        Assert.StartsWith("broken (InvalidOperationException", failed.Error, StringComparison.Ordinal);
    }

    private sealed class FakeWork : IEvaluator, IDiagnostics, IDatasetLocator, IStepBenchmark
    {
        public bool IsFine { get; init; } = true;

        public Exception? Failure { get; init; }

        public List<EvaluationRequest> Evaluations { get; } = [];

        public Action<IProgress<EvaluationProgress>> OnEvaluate { get; init; } = _ => { };

        public Task<EvaluationReport> EvaluateAsync(EvaluationRequest request, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
        {
            Evaluations.Add(request);
            OnEvaluate(progress);
            if (Failure is not null)
            {
                throw Failure;
            }

            return Task.FromResult(new EvaluationReport
            {
                Snapshot = request.Snapshot,
                Dataset = "digits",
                Architecture = "resnet8",
                TestAccuracy = 0.975,
                TestLoss = 0.1,
            });
        }

        public Task<DiagnosticReport> InspectAsync(CancellationToken cancellationToken) =>
            Task.FromResult(new DiagnosticReport([new Finding("libtorch", "2.10.0", IsFine, IsFine ? null : "install it")]));

        public IReadOnlyList<DatasetEntry> List(string? dataDirectory) =>
        [
            new("digits") { Directory = "/data", TrainSamples = 1437, TestSamples = 360, Classes = 10, Shape = [1, 8, 8] },
            new("fashion-mnist") { Shape = [1, 28, 28], Hint = "apt install dataset-fashion-mnist" },
        ];

        public Task<StepBenchmarkReport> MeasureAsync(StepBenchmarkRequest request, CancellationToken cancellationToken) =>
            Task.FromResult(new StepBenchmarkReport("a processor",
            [
                new StepTiming("stock ReLU", 10, request.BatchSize * 100, 1),
                new StepTiming("resnet8-lcnn", 15, request.BatchSize / 0.015, 1.5),
            ]));
    }
}
