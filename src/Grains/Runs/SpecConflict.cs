using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Whether a start under a taken id asks for the run that is there, or for another.</summary>
internal static class SpecConflict
{
    /// <summary>In what two specs differ, in the words of the command line; null where they are the same run.</summary>
    /// <remarks>A start repeated with <c>--resume</c> finds snapshots that the run itself has written since: to go on from its own folder is no difference.</remarks>
    public static string? Find(RunSpec made, RunSpec now)
    {
        if (WithoutOwnSnapshots(made) == WithoutOwnSnapshots(now))
        {
            return null;
        }

        (string Switch, string? Made, string? Now)[] folders = [("--out", made.OutputDirectory, now.OutputDirectory), ("--resume", made.ResumeFrom, now.ResumeFrom)];
        return string.Join("; ", ResumedSpecs.Differences(made, now).Select(difference => difference.Objection)
            .Concat(folders.Where(folder => folder.Made != folder.Now).Select(folder => $"{folder.Switch} was {folder.Made ?? "not given"}, now {folder.Now ?? "not given"}")));
    }

    private static RunSpec WithoutOwnSnapshots(RunSpec spec) => spec.ResumeFrom == spec.OutputDirectory ? spec with { ResumeFrom = null } : spec;
}
