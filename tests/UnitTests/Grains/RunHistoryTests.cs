using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Runs;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Grains;

/// <summary>What a replay reports again is logged once.</summary>
public sealed class RunHistoryTests : IDisposable
{
    private readonly FaultyLogStore _store = new();
    private RunEventLog? _log;

    public void Dispose() => _log?.Dispose();

    [Fact]
    public async Task GoOnFrom_AStep_PassesOverWhatLiesBeforeItAndNeverGoesBack()
    {
        var history = await OpenAsync();

        history.GoOnFrom(5);
        history.GoOnFrom(3);
        history.Take([Step(4), Step(5), Step(6)]);

        Assert.Equal((6, 1), (history.Step, _log!.LastSequence));
    }

    [Fact]
    public async Task Take_TheSameAgain_IsLoggedOnce()
    {
        var history = await OpenAsync();

        for (var replay = 0; replay < 2; replay++)
        {
            history.Take([Step(1), Step(2)]);
            history.Take(new EpochCompleted { Epoch = 1 });
            history.Take(new SnapshotCommitted { Step = 2 });
            history.Take(new EvaluationProgressed { Step = 2, Samples = 10 });
            history.Take(new CurvatureProgressed { Samples = 10 });
        }

        Assert.Equal(6, _log!.LastSequence);
    }

    private static StepCompleted Step(long step) => new() { Step = step };

    private async Task<RunHistory> OpenAsync()
    {
        _log = await RunEventLog.OpenAsync("run", _store, TimeProvider.System, NullLogger.Instance, cancellationToken: TestContext.Current.CancellationToken);
        return new RunHistory(_log);
    }
}
