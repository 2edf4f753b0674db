using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Cli.Signals;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Claims;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Follows one run to its final event, from which the exit code follows.</summary>
/// <remarks>
/// Whatever ends a run of ours, the display gets exactly one final event: if the run itself cannot tell its end any more, this class does.
/// A run whose id the caller chose is left alone by the signals that end its launcher's host, such as a pod that is evicted: whoever starts it again finds it.
/// </remarks>
internal sealed class RunSession(CliServices services, IRunDisplay display)
{
    private string _runId = "";
    private long _lastSequence;

    /// <summary>Runs, and returns the exit code.</summary>
    public async Task<int> TrainAsync(TrainRequest request)
    {
        using var stop = new StopRequest(services.Signals, services.ExitNow);
        RunEvent final;
        try
        {
            final = await PrepareAndFollowAsync(request, stop);
        }
        catch (OperationCanceledException) when (_runId.Length > 0 && request.OutlivesSignal(stop.First))
        {
            return Leave(_runId, stop.First!.Value);
        }
        catch (OperationCanceledException) when (stop.First is not null)
        {
            final = Show(new RunCancelled { Reason = stop.Reason });
        }
        catch (ArgumentsRefusedException exception)
        {
            final = Show(new RunFailed { BadInput = true, Error = string.Join('\n', exception.Problems) });
        }
        catch (InvalidSpecException exception)
        {
            var problems = exception.Problems.Select(ArgumentProblem.Of);
            final = Show(new RunFailed { BadInput = true, Error = string.Join('\n', problems) });
        }
        catch (Exception exception) when (!services.IsDebugging)
        {
            final = Show(new RunFailed { BadInput = exception is BadInputException, Error = ErrorText.Describe(exception) });
        }

        return ExitCode.Of(final, stop.First);
    }

    /// <summary>Shows a run of somebody else, and returns the exit code that its own command had; a signal ends the watching alone.</summary>
    public async Task<int> WatchAsync(string runId, RunPlace place)
    {
        using var stop = new StopRequest(services.Signals, services.ExitNow);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, services.Output.ReaderGone);
        try
        {
            await using var host = await services.OpenHost(place, leaving.Token);
            var run = await host.Launcher.FindAsync(runId, leaving.Token);
            return ExitCode.Of(await ShowAsync(run, leaving.Token));
        }
        catch (OperationCanceledException) when (stop.First is { } signal)
        {
            return Leave(runId, signal);
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            return ExitCode.ReaderGone;
        }
    }

    private async Task<RunEvent> PrepareAndFollowAsync(TrainRequest request, StopRequest stop)
    {
        if (request.Finished is { } done)
        {
            return ShowFinished(done);
        }

        var fresh = await PrepareAsync(request, stop.Token);
        try
        {
            return await FollowAsync(fresh is null ? request : request with { Spec = request.Spec with { OutputDirectory = fresh } }, stop);
        }
        finally
        {
            if (fresh is not null)
            {
                FreshFolder.RemoveIfEmpty(fresh); // a run that was refused leaves nothing
            }
        }
    }

    private async Task<RunEvent> FollowAsync(TrainRequest request, StopRequest stop)
    {
        await using var host = await services.OpenHost(request.Place, stop.Token);
        stop.Token.ThrowIfCancellationRequested();
        request = await request.CloseAsync(host.Launcher, stop.Token);
        if (request.Finished is { } report)
        {
            return ShowFinished(report);
        }

        request.Notices.ToList().ForEach(display.Notice);
        _runId = request.RunId ?? "";
        var run = await request.StartAsync(host.Launcher, stop.Token);
        _runId = run.Id;

        var cancelling = Task.CompletedTask;
        using var leaving = new CancellationTokenSource();
        using var registration = stop.Token.Register(() => cancelling = request.OutlivesSignal(stop.First) ? leaving.CancelAsync() : CancelAsync(run, stop));
        var final = await ShowAsync(run, host, leaving.Token);
        await cancelling;
        if (final is RunCompleted { Spec: { EvalOnly: false, OutputDirectory: var folder } } && request.Place is not RunPlace.Cluster)
        {
            await WritePageAsync(folder, stop.Token);
        }

        return final;
    }

    // What was trained is there, whether it can be drawn or not.
    private async Task WritePageAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            var path = Path.Combine(folder, RunReports.FileName);
            if (RunReports.CanDraw(folder))
            {
                await new RunReports(services).WriteAsync([folder], path, cancellationToken);
                display.Written(path);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            display.Notice($"there is no {RunReports.FileName}: {ErrorText.Describe(exception)}");
        }
        catch (OperationCanceledException)
        {
            display.Notice($"there is no {RunReports.FileName}: stopped; 'lcnn report {folder}' makes it");
        }
    }

    private async Task<RunEvent> ShowAsync(IRunHandle run, IRunHost host, CancellationToken leaving)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(leaving);
        var showing = ShowAsync(run, lost.Token);
        if (await Task.WhenAny(showing, host.Lost) == showing)
        {
            return await showing;
        }

        await lost.CancelAsync();
        await showing.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        throw new ClusterUnreachableException(await host.Lost);
    }

    // The folder that was made for the run; null where it has one already, or makes it itself.
    private async Task<string?> PrepareAsync(TrainRequest request, CancellationToken cancellationToken)
    {
        if (request.Place is RunPlace.LocalSilos { Redis: null })
        {
            display.Notice("without Redis, losing the first silo ends the run and losing another may; its snapshots stay");
        }

        if (request.Place is RunPlace.Cluster)
        {
            return null; // its folders are elsewhere
        }

        try
        {
            if (request.HasFreshFolder)
            {
                return FreshFolder.Make(request.Spec.OutputDirectory);
            }

            if (request.Overwrite)
            {
                await OutputFolder.OverwriteAsync(request.Spec.OutputDirectory, services.Clock, cancellationToken);
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--out: {exception.Message}", exception);
        }
    }

    private async Task<RunEvent> ShowAsync(IRunHandle run, CancellationToken cancellationToken)
    {
        await foreach (var runEvent in run.WatchAsync(0, cancellationToken))
        {
            _lastSequence = runEvent.Sequence;
            display.Show(runEvent);
            if (runEvent.IsFinal)
            {
                return runEvent;
            }
        }

        throw new InvalidOperationException($"the events of run {run.Id} ended after number {_lastSequence} without a result");
    }

    private RunCompleted ShowFinished(RunCompleted report)
    {
        display.Notice($"'{report.Spec.OutputDirectory}' holds the run as it was asked for, finished: nothing is left to train");
        display.Show(report);
        return report;
    }

    private async Task CancelAsync(IRunHandle run, StopRequest stop)
    {
        display.Notice($"{stop.Reason}: stopping after this step and writing a snapshot; Ctrl-C again exits at once");
        try
        {
            await run.CancelAsync(stop.Reason);
        }
        catch (Exception exception)
        {
            display.Notice($"the run could not be told to stop: {ErrorText.Describe(exception)}");
        }
    }

    private int Leave(string runId, StopSignal signal)
    {
        display.Notice($"{runId} goes on; see it again with 'lcnn watch {runId}', stop it with 'lcnn cancel {runId}'");
        return (int)signal;
    }

    private RunEvent Show(RunEvent final)
    {
        final = final with { RunId = _runId, Sequence = _lastSequence + 1, Time = services.Clock.GetUtcNow() };
        display.Show(final);
        return final;
    }
}
