using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>What <c>lcnn train</c> was asked for, beyond doubt.</summary>
internal sealed record TrainRequest(RunSpec Spec, bool Overwrite, RunPlace Place, bool Detach)
{
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

        var (request, problems) = Close!(await launcher.ReadFolderAsync(Open, cancellationToken));
        return request ?? throw new ArgumentsRefusedException(problems);
    }

    /// <summary>The report of the run, if there is nothing left to train.</summary>
    public RunCompleted? Finished { get; init; }

    /// <summary>What the user should know beforehand.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>Whether the spec's folder is the wish for a fresh one: its name gets a number if another run has it.</summary>
    public bool HasFreshFolder { get; init; }
}
