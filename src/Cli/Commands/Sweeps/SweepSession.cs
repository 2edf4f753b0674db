using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Cli.Signals;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Commands.Sweeps;

/// <summary>Follows one sweep to its final event, from which the exit code follows.</summary>
internal sealed class SweepSession(CliServices services, ISweepDisplay display)
{
    private static readonly TimeSpan _statusInterval = TimeSpan.FromSeconds(2);

    private string _sweepId = "";
    private long _lastSequence;
    private volatile bool _isPausing;

    /// <summary>Called once the sweep is completed, while its place is still there.</summary>
    public Func<ISweepHandle, IRunLauncher, Task> AtEnd { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Starts a sweep, or goes on with one, and follows it.</summary>
    /// <remarks>A signal pauses a sweep that its folder keeps, stops another one of this command, and ends the watching of a cluster's.</remarks>
    public Task<int> StartAsync(SweepSpec spec, string? id, RunPlace place, string? resumedId) => RunAsync(async stop =>
    {
        if (place is RunPlace.LocalSilos { Redis: null })
        {
            display.Notice("without Redis, losing the first silo ends the sweep; the snapshots of its trials stay");
        }

        await using var host = await services.OpenHost(place, stop.Token);
        var sweep = resumedId is null ? await StartAsync(host.Launcher, spec, id, stop.Token) : await GoOnAsync(host, resumedId, stop.Token);
        if (place is RunPlace.Cluster)
        {
            return await FollowAsync(sweep, host, stop, isOurs: false);
        }

        var isKept = place is RunPlace.ThisProcess { SweepMark: not null };
        var stopping = Task.CompletedTask;
        using var registration = stop.Token.Register(() => stopping = StopAsync(sweep, stop, isKept));
        var code = await FollowAsync(sweep, host, stop, isOurs: true);
        await stopping;
        return stop.First is { } signal ? (int)signal : code;
    });

    /// <summary>Starts a sweep under a new id, or under one of the caller's, where it may have been started before.</summary>
    public static Task<ISweepHandle> StartAsync(IRunLauncher launcher, SweepSpec spec, string? id, CancellationToken cancellationToken) =>
        id is null ? launcher.StartSweepAsync(spec, cancellationToken) : launcher.StartSweepAsync(spec, id, cancellationToken);

    /// <summary>Follows a sweep of somebody else; a signal ends the watching alone.</summary>
    public Task<int> WatchAsync(string sweepId, RunPlace place) => RunAsync(async stop =>
    {
        await using var host = await services.OpenHost(place, stop.Token);
        return await FollowAsync(await host.Launcher.FindSweepAsync(sweepId, stop.Token), host, stop, isOurs: false);
    });

    // If the sweep cannot tell its end any more, the display hears it from here.
    private async Task<int> RunAsync(Func<StopRequest, Task<int>> follow)
    {
        using var stop = new StopRequest(services.Signals, services.ExitNow);
        try
        {
            return await follow(stop);
        }
        catch (OperationCanceledException) when (stop.First is { } signal)
        {
            return (int)signal;
        }
        catch (OperationCanceledException) when (services.Output.ReaderGone.IsCancellationRequested)
        {
            return ExitCode.ReaderGone;
        }
        catch (Exception exception) when (!services.IsDebugging)
        {
            var badInput = ErrorText.IsBadInput(exception);
            var failed = new SweepFailed
            {
                SweepId = _sweepId,
                Sequence = _lastSequence + 1,
                Time = services.Clock.GetUtcNow(),
                Error = badInput ? exception.Message : ErrorText.Describe(exception),
                BadInput = badInput,
            };
            display.Show(failed);
            return CodeOf(failed);
        }
    }

    private async Task<int> FollowAsync(ISweepHandle sweep, IRunHost host, StopRequest stop, bool isOurs)
    {
        using var ending = isOurs ? new CancellationTokenSource() : CancellationTokenSource.CreateLinkedTokenSource(stop.Token, services.Output.ReaderGone);
        var following = FollowAsync(sweep, host.Launcher, ending.Token);
        var asking = display.WantsStatus ? AskAsync(sweep, ending.Token) : Task.CompletedTask;
        try
        {
            return await Task.WhenAny(following, host.Lost) == following ? await following : throw new ClusterUnreachableException(await host.Lost);
        }
        catch (OperationCanceledException) when (!isOurs && stop.First is not null)
        {
            display.Notice($"{sweep.Id} goes on; see it again with 'lcnn sweep watch {sweep.Id}', stop it with 'lcnn sweep stop {sweep.Id}'");
            throw;
        }
        finally
        {
            await ending.CancelAsync();
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<int> FollowAsync(ISweepHandle sweep, IRunLauncher launcher, CancellationToken cancellationToken)
    {
        _sweepId = sweep.Id;
        await foreach (var next in sweep.WatchAsync(0, cancellationToken))
        {
            _lastSequence = next.Sequence;
            if (next is SweepCompleted)
            {
                await AtEnd(sweep, launcher);
            }

            display.Show(next);
            if (next.IsFinal)
            {
                return CodeOf(next);
            }

            if (next is SweepPaused && _isPausing)
            {
                display.Notice($"{sweep.Id} is paused; go on with it by the same command and --resume");
                return ExitCode.Failed;
            }
        }

        throw new InvalidOperationException($"the events of sweep {sweep.Id} ended without a result");
    }

    private async Task AskAsync(ISweepHandle sweep, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            display.Show(await sweep.GetStatusAsync(cancellationToken));
            await Task.Delay(_statusInterval, services.Clock, cancellationToken);
        }
    }

    private static async Task<ISweepHandle> GoOnAsync(IRunHost host, string sweepId, CancellationToken cancellationToken)
    {
        var sweep = await host.Launcher.FindSweepAsync(sweepId, cancellationToken);
        await sweep.ResumeAsync(cancellationToken); // nothing unless it was paused
        return sweep;
    }

    private async Task StopAsync(ISweepHandle sweep, StopRequest stop, bool isKept)
    {
        _isPausing = isKept;
        display.Notice($"{stop.Reason}: {(isKept ? "pausing" : "stopping")} every trial with a snapshot; Ctrl-C again exits at once");
        try
        {
            await (isKept ? sweep.PauseAsync() : sweep.StopAsync(stop.Reason));
        }
        catch (Exception exception)
        {
            display.Notice($"the sweep could not be told to stop: {ErrorText.Describe(exception)}");
        }
    }

    // A sweep of which nothing came is a failure to whoever waits for its best trial.
    private static int CodeOf(SweepEvent final) => final switch
    {
        SweepCompleted completed when completed.Trials.Any(trial => trial.State == TrialState.Completed) => ExitCode.Done,
        SweepFailed { BadInput: true } => ExitCode.BadInput,
        _ => ExitCode.Failed,
    };
}
