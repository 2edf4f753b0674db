namespace Lcnn.Distributed.Data.Claims;

/// <summary>A held claim: shows at intervals that its holder lives, and learns when another has taken the folder.</summary>
/// <remarks>
/// A claim whose file was deleted is made again. It is lost when its holder was stopped for longer than its lease, and another took it
/// for dead: whoever writes to the folder asks <see cref="FindOther"/> first.
/// </remarks>
public sealed class FolderClaim : IDisposable
{
    internal const int LeaseSeconds = 30;

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(LeaseSeconds / 6);

    private readonly TaskCompletionSource<string> _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _folder;
    private readonly Claimant _claimant;
    private readonly bool _isGuest;
    private readonly ITimer _timer;
    private readonly Lock _files = new();
    private Claim _claim;
    private volatile bool _isDisposed;

    internal FolderClaim(string folder, Claimant claimant, Claim claim, TimeProvider clock, bool isGuest = false)
    {
        (_folder, _claimant, _claim, _isGuest) = (folder, claimant, claim, isGuest);
        HeldClaims.Add(this, claim.Id);
        _timer = clock.CreateTimer(_ => Beat(), null, _interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Done when another has the folder: who.</summary>
    public Task<string> Taken => _taken.Task;

    /// <summary>Whether a path is that of a claim, which is nothing that a run left.</summary>
    public static bool IsFile(string path) => Path.GetFileName(path).StartsWith(ClaimChain.FileName, StringComparison.Ordinal);

    /// <summary>Takes part in a claim that was made elsewhere for the same run, so that it lives as long as this does; null if there is none.</summary>
    public static FolderClaim? Join(string folder, Claimant claimant, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(claimant);
        try
        {
            var root = Path.GetFullPath(folder);
            return ClaimChain.Read(root).Last?.Claim is { } claim && claim.IsOf(claimant) ? new FolderClaim(root, claimant, claim, clock, isGuest: true) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether a folder is the claimant's; not where nobody can tell.</summary>
    public static bool IsOwn(string folder, Claimant claimant)
    {
        ArgumentNullException.ThrowIfNull(claimant);
        try
        {
            return ClaimChain.Read(Path.GetFullPath(folder)).Last?.Claim?.IsOf(claimant) == true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Who else has a folder; null if nobody has, or nobody can tell.</summary>
    public static string? FindOther(string folder, Claimant claimant)
    {
        ArgumentNullException.ThrowIfNull(claimant);
        try
        {
            return ClaimChain.Read(Path.GetFullPath(folder)).Last?.Claim is { } claim && !claim.IsOf(claimant) ? claim.ToString() : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Gives a folder back, if it is the claimant's; one that nothing was written to goes.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public static void Release(string folder, Claimant claimant)
    {
        ArgumentNullException.ThrowIfNull(claimant);
        var root = Path.GetFullPath(folder);
        var chain = ClaimChain.Read(root);
        if (chain.Last?.Claim is { } claim && claim.IsOf(claimant))
        {
            chain.Remove();
            if (claim.MadeFolder)
            {
                FreshFolder.RemoveIfEmpty(root);
            }
        }
    }

    /// <summary>Gives the folder back.</summary>
    /// <inheritdoc cref="Release(string, Claimant)"/>
    public void Release()
    {
        Dispose();
        lock (_files)
        {
            Release(_folder, _claimant);
        }
    }

    /// <summary>Lets go without giving the folder back: it is free after its lease, unless the same run goes on with it.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _timer.Dispose();
        HeldClaims.Remove(this);
    }

    private void Beat()
    {
        try
        {
            lock (_files)
            {
                ShowLife();
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A disk that is away for a while takes nobody's claim.
        }

        if (!_isDisposed)
        {
            _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }
    }

    private void ShowLife()
    {
        var chain = ClaimChain.Read(_folder);
        if (_isDisposed)
        {
            return;
        }

        if (chain.Last is not { Claim: { } claim } last)
        {
            Renew(chain);
        }
        else if (claim.IsOf(_claimant))
        {
            ClaimFile.Beat(last.Path, _claimant);
        }
        else
        {
            _taken.TrySetResult(claim.ToString());
        }
    }

    // Somebody deleted or damaged the file; not the folder with it, or there is nothing to protect until a snapshot is written.
    private void Renew(ClaimChain chain)
    {
        var renewed = _claim with { Id = Claim.NewId() };
        if (!_isGuest && Directory.Exists(_folder) && chain.TryAppend(renewed, out _))
        {
            _claim = renewed;
            HeldClaims.Add(this, renewed.Id);
        }
    }
}
