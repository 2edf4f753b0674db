namespace Lcnn.Distributed.Data.Claims;

/// <summary>One claimant's way to a folder: it is free, or its own, or another's, who lives, or is found dead and followed by one claimant alone.</summary>
/// <param name="folder">The folder, made if need be.</param>
/// <param name="claimant">Who wants it.</param>
/// <param name="place">From where.</param>
/// <param name="clock">Measures others' silence.</param>
public sealed class ClaimContest(string folder, Claimant claimant, ClaimPlace place, TimeProvider clock)
{
    private const int Attempts = 100;

    private readonly string _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
    private readonly ClaimWatch _watch = new(clock);
    private readonly ClaimWatch _sweepWatch = new(clock);
    private bool _madeFolder;

    /// <summary>How often to try while it is undecided.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromSeconds(0.25);

    /// <summary>Tries once; a folder of nobody's is the claimant's after it.</summary>
    /// <exception cref="IOException">The folder cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be read or written.</exception>
    public ClaimOutcome Try()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (FindSweep() is { } sweep && Judge(_sweepWatch, sweep, Path.GetDirectoryName(_folder)!) is { } kept)
            {
                return kept;
            }

            var chain = ClaimChain.Read(_folder);
            if (chain.Last is { } last)
            {
                if (last.Claim is { } own && own.IsOf(claimant) && own.LivesWith == place.LivesWith)
                {
                    return new ClaimOutcome.Held(new FolderClaim(_folder, claimant, own, clock));
                }

                if (!IsFollowed(last) && Judge(_watch, last, _folder) is { } taken)
                {
                    return taken;
                }
            }

            if (TryFollow(chain) is { } claim)
            {
                return new ClaimOutcome.Held(claim);
            }
        }

        throw new IOException($"{_folder}: its claims changed {Attempts} times in a row while this one was made");
    }

    // A sweep has one run after the other in a trial's folder: the one before has ended, unless it was left by a process that still lives.
    private bool IsFollowed(ClaimFile last) =>
        claimant.Sweep is { } sweep && last.Claim is { } claim && claim.Sweep == sweep && claim.LivesWith == place.LivesWith;

    // The folder of a trial is its sweep's: it may go on with it later.
    private ClaimFile? FindSweep() =>
        claimant.Kind == Claimant.RunKind && Path.GetDirectoryName(_folder) is { } parent
        && ClaimChain.Read(parent).Last is { Claim: { Kind: Claimant.SweepKind } claim } file && claim.Holder != claimant.Sweep ? file : null;

    // Null when it is in nobody's way.
    private static ClaimOutcome? Judge(ClaimWatch watch, ClaimFile file, string where)
    {
        var who = file.Claim?.ToString() ?? $"somebody whose file {Path.GetFileName(file.Path)} cannot be read";
        return watch.IsAlive(file) switch
        {
            true => new ClaimOutcome.Refused(
                $"the folder '{where}' is in use by {who}. Wait until that has ended, stop it, or choose another --out"),
            null => new ClaimOutcome.Undecided(
                $"the folder '{where}' is claimed by {who}; it is taken over if there is no sign of life within {FolderClaim.LeaseSeconds} s"),
            false => null,
        };
    }

    // Another may be faster, and another's end may have taken the chain away under this one.
    private FolderClaim? TryFollow(ClaimChain chain)
    {
        MakeFolder();
        var claim = new Claim
        {
            Id = Claim.NewId(),
            Holder = claimant.Id,
            Kind = claimant.Kind,
            Sweep = claimant.Sweep,
            Where = place.Where,
            Since = clock.GetUtcNow(),
            LivesWith = place.LivesWith,
            LeaseSeconds = FolderClaim.LeaseSeconds,
            MadeFolder = _madeFolder,
        };
        string path;
        try
        {
            if (!chain.TryAppend(claim, out path))
            {
                return null;
            }
        }
        catch (DirectoryNotFoundException)
        {
            return null; // who gave it back found it empty
        }

        var now = ClaimChain.Read(_folder);
        if (now.Last?.Path == path)
        {
            return new FolderClaim(_folder, claimant, claim, clock);
        }

        if (!now.Holds(path))
        {
            File.Delete(path);
        }

        return null;
    }

    private void MakeFolder()
    {
        if (!Directory.Exists(_folder))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder) ?? _folder);
            _madeFolder |= FreshFolder.TryMake(_folder);
            if (File.Exists(_folder))
            {
                throw new IOException($"'{_folder}' is a file, expected a folder");
            }
        }
    }
}
