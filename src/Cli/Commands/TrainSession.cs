using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Hosting;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>
/// Follows one run to its final event. Whatever ends it, the display gets exactly one final event, and the exit code follows from that:
/// if the run itself cannot tell its end any more, this class does.
/// </summary>
internal sealed class TrainSession(CliServices services, IRunDisplay display)
{
    private string _runId = "";
    private long _lastSequence;

    /// <summary>Runs, and returns the exit code.</summary>
    public async Task<int> RunAsync(TrainRequest request)
    {
        using var stop = new StopRequest(services.Signals, services.ExitNow);
        RunEvent final;
        try
        {
            final = await FollowAsync(request, stop);
        }
        catch (OperationCanceledException) when (stop.First is not null)
        {
            final = Show(new RunCancelled { Reason = stop.Reason });
        }
        catch (InvalidSpecException exception)
        {
            var problems = exception.Problems.Select(ArgumentProblem.Of);
            final = Show(new RunFailed { BadInput = true, Error = string.Join('\n', problems) });
        }
        catch (Exception exception) when (!services.IsDebugging)
        {
            final = Show(new RunFailed { BadInput = exception is BadInputException, Error = CommandLine.Describe(exception) });
        }

        return ExitCode.Of(final, stop.First);
    }

    private async Task<RunEvent> FollowAsync(TrainRequest request, StopRequest stop)
    {
        try
        {
            RunFolder.Prepare(request.Spec.OutputDirectory, request.Overwrite);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--out: {exception.Message}", exception);
        }

        await using var host = await services.StartHost(stop.Token);
        stop.Token.ThrowIfCancellationRequested();
        var run = await host.Launcher.StartAsync(request.Spec, stop.Token);
        _runId = run.Id;

        var cancelling = Task.CompletedTask;
        using var registration = stop.Token.Register(() => cancelling = CancelAsync(run, stop));
        await foreach (var runEvent in run.WatchAsync())
        {
            _lastSequence = runEvent.Sequence;
            display.Show(runEvent);
            if (runEvent.IsFinal)
            {
                await cancelling;
                return runEvent;
            }
        }

        throw new InvalidOperationException($"the events of run {run.Id} ended after number {_lastSequence} without a result");
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
            display.Notice($"the run could not be told to stop: {CommandLine.Describe(exception)}");
        }
    }

    private RunEvent Show(RunEvent final)
    {
        final = final with { RunId = _runId, Sequence = _lastSequence + 1, Time = services.Clock.GetUtcNow() };
        display.Show(final);
        return final;
    }
}
