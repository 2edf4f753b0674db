using System.CommandLine;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.Grains.Folders;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>The folder of a run, before anything runs in it.</summary>
internal static class OutputFolder
{
    /// <summary>Where fresh folders go.</summary>
    public const string Root = "runs";

    /// <summary>Whether the folder exists with something in it that people see.</summary>
    public static bool HasEntries(string path)
    {
        try
        {
            return RunFolderReader.HasEntries(path);
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>The full path of the folder that an option names, which can be written or made; null when none is given.</summary>
    public static string? Read(ArgumentReader reader, Option<string> option, CliServices services)
    {
        if (reader.Text(option) is not { } text)
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            reader.Add(option, "expected the name of a folder");
            return null;
        }

        var path = Path.GetFullPath(text, services.WorkingDirectory);
        if (WhyNotWritable(path) is { } problem)
        {
            reader.Add(option, problem);
        }

        return path;
    }

    /// <summary>Whether a run in this folder that goes on from that snapshot, or run, goes on in its own folder.</summary>
    public static bool IsOwn(string folder, string source)
    {
        var root = RealPath.Of(folder);
        return new[] { RealPath.Of(source), RealPath.OfEntry(source) }.Any(way => way == root || Path.GetDirectoryName(way) == root);
    }

    /// <summary>Why a folder cannot be written or made; null if it can. Leaves no trace.</summary>
    public static string? WhyNotWritable(string path)
    {
        var existing = path;
        while (!Path.Exists(existing) && Path.GetDirectoryName(existing) is { Length: > 0 } parent)
        {
            existing = parent;
        }

        if (File.Exists(existing))
        {
            return $"expected a folder, '{existing}' is a file";
        }

        try
        {
            var probe = Path.Combine(existing, $".lcnn-{Guid.NewGuid():n}");
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"cannot write to '{path}': {exception.Message}";
        }
    }

    /// <summary>Takes an earlier run out of its folder, which must be nobody's: one that may be somebody's is waited for.</summary>
    /// <exception cref="BadInputException">Somebody has it.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static async Task OverwriteAsync(string path, TimeProvider clock, CancellationToken cancellationToken)
    {
        var contest = new ClaimContest(path, Claimant.Run($"replacing-{Guid.NewGuid():n}"), ClaimPlace.ThisProcess, clock);
        ClaimOutcome outcome;
        while ((outcome = contest.Try()) is ClaimOutcome.Undecided)
        {
            await Task.Delay(ClaimContest.Pause, clock, cancellationToken);
        }

        if (outcome is ClaimOutcome.Refused refused)
        {
            throw new BadInputException($"--out: {refused.Reason}");
        }

        var claim = ((ClaimOutcome.Held)outcome).Claim;
        try
        {
            RunRemoval.Remove(path);
        }
        finally
        {
            claim.Release();
        }
    }
}
