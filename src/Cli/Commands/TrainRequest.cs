using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Cli.Signals;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>What <c>lcnn train</c> was asked for, beyond doubt.</summary>
internal sealed record TrainRequest(RunSpec Spec, bool Overwrite, RunPlace Place, bool Detach)
{
    /// <summary>The run's id, where the caller chose it: the run is the caller's to find again and outlives this command; null for a new one.</summary>
    public string? RunId { get; init; }

    /// <summary>Where else it is recorded.</summary>
    public RecordingRequest Recording { get; init; } = new();

    /// <summary>The folder on the silos that decides about the rest; null when nothing is open.</summary>
    public string? Open { get; init; }

    /// <summary>The request with what is in that folder.</summary>
    public Func<RunFolderContent, (TrainRequest? Request, IReadOnlyList<ArgumentProblem> Problems)>? Close { get; init; }

    /// <summary>The request with nothing open: asks the silos.</summary>
    /// <exception cref="ArgumentsRefusedException">What they found does not go with the arguments.</exception>
    public async Task<TrainRequest> CloseAsync(IRunLauncher launcher, CancellationToken cancellationToken)
    {
        if (Open is null)
        {
            return this;
        }

        var content = await FindStartedAsync(launcher, cancellationToken) is { } started
            ? new RunFolderContent { HasEntries = true, Snapshot = Open, Spec = ResumedSpecs.Inherit(started) }
            : await launcher.ReadFolderAsync(Open, cancellationToken);
        var (request, problems) = Close!(content);
        return request ?? throw new ArgumentsRefusedException(problems);
    }

    /// <summary>Starts the run, or finds the one that was started under its id.</summary>
    /// <exception cref="InvalidSpecException">The spec cannot run.</exception>
    /// <exception cref="ArgumentsRefusedException">The id is taken by another spec.</exception>
    public async Task<IRunHandle> StartAsync(IRunLauncher launcher, CancellationToken cancellationToken)
    {
        try
        {
            return await (RunId is null ? launcher.StartAsync(Spec, cancellationToken) : launcher.StartAsync(Spec, RunId, cancellationToken));
        }
        catch (RunExistsException exception)
        {
            throw new ArgumentsRefusedException([new ArgumentProblem(TrainOptions.RunIdName, exception.Message)]);
        }
    }

    // What is in the folder by now is the run's own: whoever starts it again goes by what it was started with.
    private async Task<RunSpec?> FindStartedAsync(IRunLauncher launcher, CancellationToken cancellationToken)
    {
        try
        {
            return RunId is null ? null : await launcher.Find(RunId).GetSpecAsync(cancellationToken);
        }
        catch (RunNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Whether the run goes on when this command is told to end: only Ctrl-C is a person's wish to stop a run that has an id to be found by.</summary>
    public bool OutlivesSignal(StopSignal? signal) => RunId is not null && signal is StopSignal.Terminate or StopSignal.HangUp;

    /// <summary>The report of the run, if there is nothing left to train.</summary>
    public RunCompleted? Finished { get; init; }

    /// <summary>What the user should know beforehand.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>Whether the spec's folder is the wish for a fresh one: its name gets a number if another run has it.</summary>
    public bool HasFreshFolder { get; init; }
}
