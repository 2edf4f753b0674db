using System.CommandLine;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;
using Lcnn.Distributed.Silo.Storage;

namespace Lcnn.Distributed.Cli.Commands.Sweeps;

/// <summary>Whether a command starts a sweep or goes on with that of its folder.</summary>
/// <param name="differs">What to say of a sweep that was started with something else, by what differs.</param>
internal sealed class SweepResumption(
    ArgumentReader reader, Option<string> resume, Option<string> output, Func<StoredSweep, IReadOnlyList<string>, ArgumentProblem> differs)
{
    /// <summary>The sweep to go on with; null where one is to be started, or there is a problem.</summary>
    /// <param name="spec">The sweep that is asked for.</param>
    /// <param name="isHere">Whether it is to run in this process.</param>
    /// <param name="hasFolder">Whether its folder was named.</param>
    public StoredSweep? Find(SweepSpec spec, bool isHere, bool hasFolder)
    {
        var (isGiven, word) = (reader.IsGiven(resume), reader.OptionalText(resume));
        if (!isGiven)
        {
            return null;
        }

        if (word is not (null or IRunPaths.Auto))
        {
            reader.Add(resume, $"expected '{IRunPaths.Auto}' or no value, got '{word}'; the folder is said by --out");
        }
        else if (!isHere)
        {
            reader.Add(resume, "is for sweeps that run in this process; one on a cluster goes on by itself: see 'lcnn sweep list' and 'lcnn sweep watch'");
        }
        else if (!hasFolder)
        {
            reader.Add(resume, "needs --out with the folder of the sweep, or 'out' in the file");
        }
        else
        {
            return Find(spec, isAuto: word is not null);
        }

        return null;
    }

    private StoredSweep? Find(SweepSpec spec, bool isAuto)
    {
        var folder = spec.OutputDirectory;
        try
        {
            if (SweepRecords.Read(folder) is { } stored)
            {
                Compare(stored, spec);
                return stored;
            }

            if (isAuto)
            {
                SweepRecords.Clear(folder); // a process that ended before its sweep was accepted
            }
            else
            {
                reader.Add(resume, $"the folder '{folder}' holds no sweep to go on with; start one without --resume, or with --resume {IRunPaths.Auto}");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StoredStateException)
        {
            reader.Add(output, $"the sweep in '{folder}' cannot be gone on with: {exception.Message}");
        }

        return null;
    }

    private void Compare(StoredSweep stored, SweepSpec spec)
    {
        if (stored.Spec.OutputDirectory != spec.OutputDirectory)
        {
            reader.Add(output, $"the sweep in '{spec.OutputDirectory}' was started in '{stored.Spec.OutputDirectory}', where its trials look for their snapshots; move it back");
        }
        else if (SweepDifferences.Of(stored.Spec, spec) is { Count: > 0 } differences)
        {
            reader.Add(differs(stored, differences));
        }
    }
}
