using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client;

/// <summary>What follows from the calls of a launcher.</summary>
public static class RunLauncherExtensions
{
    /// <summary>Goes on with the training in a folder under the whole spec of its newest snapshot.</summary>
    /// <param name="launcher">Where.</param>
    /// <param name="folder">The folder of the run on the silos, in which it goes on.</param>
    /// <param name="change">What is to be other than it was, such as <c>spec => spec with { Epochs = 20 }</c>; null for nothing.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="InvalidSpecException">There is nothing to go on from, or the changed spec cannot run.</exception>
    public static async Task<IRunHandle> ResumeAsync(
        this IRunLauncher launcher, string folder, Func<RunSpec, RunSpec>? change = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        var content = await launcher.ReadFolderAsync(folder, cancellationToken);
        if (content is not { Snapshot: not null, Spec: { } spec })
        {
            throw new InvalidSpecException([new SpecProblem(nameof(RunSpec.ResumeFrom), content.Problem ?? $"no silo sees a snapshot to go on from in '{folder}'")]);
        }

        spec = spec with { OutputDirectory = folder };
        return await launcher.StartAsync((change?.Invoke(spec) ?? spec) with { ResumeFrom = folder }, cancellationToken);
    }
}
