using System.Text;
using Lcnn.Distributed.Client.Recording.Mlflow;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.UnitTests.Cli;

namespace Lcnn.Distributed.UnitTests.Client.Recording;

public sealed class MlflowLogTests
{
    private readonly List<string> _warnings = [];

    [Fact]
    public async Task Record_ARun_IsThereWithParametersMetricsAndItsEnd()
    {
        await using var server = new MlflowStub();

        await RecordAsync(Options(server) with { Experiment = "lcnn/digits" }, Sample.Started(), Sample.Step(1), Sample.Step(2) with { Loss = double.PositiveInfinity }, Sample.Epoch(1), Sample.Completed());

        var run = Assert.Single(server.Runs.Values);
        Assert.Equal("run-1", run.Name);
        Assert.Equal("FINISHED", run.Status);
        Assert.Equal("2", run.Parameters["epochs"]);
        Assert.Equal("resnet8-lcnn", run.Parameters["arch"]);
        Assert.Contains(run.Metrics, metric => metric is { Key: "train/loss", Step: 1, Value: 2.25 });
        Assert.Contains(run.Metrics, metric => metric is { Key: "train/loss", Step: 2, Value: double.PositiveInfinity });
        Assert.Contains(run.Metrics, metric => metric is { Key: "test/accuracy", Step: 23, Value: 0.8125 });
        Assert.DoesNotContain(run.Metrics, metric => metric.Key == "train/gradientNorm");
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData(false, "FAILED")]
    [InlineData(true, "KILLED")]
    public async Task Record_ARunThatDoesNotComplete_EndsAsMlflowCallsIt(bool isCancelled, string expected)
    {
        await using var server = new MlflowStub();

        await RecordAsync(Options(server), Sample.Started(), isCancelled ? Sample.Cancelled() : Sample.Failed(badInput: false));

        Assert.Equal(expected, Assert.Single(server.Runs.Values).Status);
    }

    [Fact]
    public async Task Record_ARunThatWasRefused_AsksTheServerForNothing()
    {
        await using var server = new MlflowStub();

        await RecordAsync(Options(server), Sample.Failed(badInput: true) with { RunId = "" });

        Assert.Empty(server.Logins);
    }

    [Fact]
    public async Task Record_TheSameRunAgain_AddsNothing()
    {
        await using var server = new MlflowStub();
        RunEvent[] events = [Sample.Started(), Sample.Step(1), Sample.Epoch(1), Sample.Completed()];

        await RecordAsync(Options(server), events);
        var metrics = Assert.Single(server.Runs.Values).Metrics.Count;
        await RecordAsync(Options(server), events);

        Assert.Equal(metrics, Assert.Single(server.Runs.Values).Metrics.Count);
    }

    [Fact]
    public async Task Record_ManySteps_GoInBatchesThatTheServerTakes()
    {
        await using var server = new MlflowStub();

        await RecordAsync(Options(server), [Sample.Started(), .. Enumerable.Range(1, 2500).Select(step => Sample.Step(step)), Sample.Completed()]);

        Assert.Equal(2500, Assert.Single(server.Runs.Values).Metrics.Count(metric => metric.Key == "train/loss"));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task Record_TheServerIsOverloadedAtFirst_ComesToHaveAllOfIt()
    {
        var calls = 0;
        await using var server = new MlflowStub { Before = _ => Interlocked.Increment(ref calls) <= 2 ? 503 : null };

        await RecordAsync(Options(server), Sample.Started(), Sample.Step(1), Sample.Completed());

        Assert.Equal("FINISHED", Assert.Single(server.Runs.Values).Status);
        Assert.Contains("takes nothing: it answers with 503; it is tried again beside the run", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_TheServerRefuses_SaysSoOnceAndIsLeftAlone()
    {
        var calls = 0;
        await using var server = new MlflowStub
        {
            Before = _ =>
            {
                Interlocked.Increment(ref calls);
                return 403;
            },
        };

        await RecordAsync(Options(server), Sample.Started(), Sample.Step(1), Sample.Completed());

        Assert.Equal(1, calls);
        var warning = Assert.Single(_warnings);
        Assert.Contains("nothing more is sent to MLflow at http://127.0.0.1:", warning, StringComparison.Ordinal);
        Assert.Contains("experiments/get-by-name was answered with 403: ", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_TheServerIsSlowBeyondTheEnd_IsGivenUpAndTheRunIsNotHeldUp()
    {
        var release = new TaskCompletionSource();
        await using var server = new MlflowStub { Hold = release.Task };

        await RecordAsync(Options(server) with { LastWait = TimeSpan.FromMilliseconds(50) }, Sample.Started(), Sample.Step(1), Sample.Completed());
        release.SetResult();

        Assert.Contains("did not take all of the run within", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_NobodyListens_IsSaidAndGivenUp()
    {
        Uri address;
        await using (var server = new MlflowStub())
        {
            address = server.Address;
        }

        await RecordAsync(new MlflowOptions { Server = address, LastWait = TimeSpan.FromMilliseconds(300) }, Sample.Started(), Sample.Completed());

        Assert.Equal(2, _warnings.Count);
        Assert.Contains("it is tried again beside the run", _warnings[0], StringComparison.Ordinal);
        Assert.Contains("did not take all of the run", _warnings[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_NoMlflowServer_IsNamed()
    {
        await using var server = new MlflowStub { Before = call => call.StartsWith("experiments", StringComparison.Ordinal) ? 200 : null };

        await RecordAsync(Options(server), Sample.Started(), Sample.Completed());

        Assert.Contains("has no experiment.experiment_id", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Contains("is it an MLflow server?", _warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_FromAddressOrEnvironment_IsSentAndNeverSaid()
    {
        await using var server = new MlflowStub { Before = _ => 401 };
        var secret = new UriBuilder(server.Address) { UserName = "me", Password = "s%23cret" }.Uri;

        await RecordAsync(new MlflowOptions { Server = secret }, Sample.Started());
        await RecordAsync(MlflowOptions.FromEnvironment(server.Address, name => name == "MLFLOW_TRACKING_TOKEN" ? "token-1" : null), Sample.Started());

        Assert.Equal([$"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("me:s#cret"))}", "Bearer token-1"], server.Logins.Order());
        Assert.DoesNotContain(_warnings, warning => warning.Contains("cret", StringComparison.Ordinal));
    }

    private static MlflowOptions Options(MlflowStub server) => new() { Server = server.Address };

    private async Task RecordAsync(MlflowOptions options, params RunEvent[] events)
    {
        await using var log = new MlflowLog(options, _warnings.Add);
        foreach (var one in events)
        {
            log.Record(one);
        }
    }
}
