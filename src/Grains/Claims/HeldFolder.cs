using Lcnn.Distributed.Data.Claims;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Claims;

/// <summary>The folder of a run or sweep, as its coordinator holds it: no other writes there until it is given back.</summary>
/// <remarks>Every look at the folder is a thread pool's: a mount that hangs holds up no grain.</remarks>
/// <param name="folder">The folder.</param>
/// <param name="claimant">The run or sweep.</param>
/// <param name="place">From where it is claimed.</param>
/// <param name="clock">Paces signs of life, and measures others' silence.</param>
/// <param name="logger">For trouble.</param>
/// <param name="leaving">Lets go of the folder, without giving it back: another coordinator of the same run goes on with the claim.</param>
internal sealed partial class HeldFolder(
    string folder, Claimant claimant, ClaimPlace place, TimeProvider clock, ILogger logger, CancellationToken leaving)
{
    private static readonly TimeSpan _notice = TimeSpan.FromSeconds(7); // a holder that lives shows it sooner

    private FolderClaim? _held;

    /// <summary>Who took the folder from a holder that was stopped for too long; null while it is the claimant's.</summary>
    public string? TakenBy => _held is { Taken: { IsCompletedSuccessfully: true } taken } ? taken.Result : null;

    /// <summary>Whether the folder is the claimant's, as far as this coordinator can know.</summary>
    public bool IsHeld => _held is not null && TakenBy is null;

    /// <summary>Claims the folder. One whose holder may be dead is waited for.</summary>
    /// <param name="tellWaiting">Hears once why it takes so long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FolderInUseException">It is another's, or cannot be written.</exception>
    public async Task EnterAsync(Func<string, Task> tellWaiting, CancellationToken cancellationToken)
    {
        var contest = new ClaimContest(folder, claimant, place, clock);
        var (since, isTold) = (clock.GetTimestamp(), false);
        while (true)
        {
            switch (await Task.Run(() => Try(contest), cancellationToken))
            {
                case ClaimOutcome.Held held:
                    Hold(held.Claim);
                    return;
                case ClaimOutcome.Refused refused:
                    throw new FolderInUseException(refused.Reason);
                case ClaimOutcome.Undecided undecided when !isTold && clock.GetElapsedTime(since) >= _notice:
                    isTold = true;
                    await tellWaiting(undecided.Reason);
                    break;
                default:
                    break;
            }

            await Task.Delay(ClaimContest.Pause, clock, cancellationToken);
        }
    }

    /// <summary>Goes on with a claim of an earlier coordinator. One that does not see the folder leaves it to the worker that writes there.</summary>
    /// <param name="tellWaiting">Hears once why it takes so long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Who has the folder now, if it is another.</returns>
    public async Task<string?> ReenterAsync(Func<string, Task> tellWaiting, CancellationToken cancellationToken)
    {
        if (_held is null && await Task.Run(() => FolderClaim.IsOwn(folder, claimant), cancellationToken))
        {
            await EnterAsync(tellWaiting, cancellationToken);
        }

        return _held is null ? await FindOtherAsync(cancellationToken) : null;
    }

    /// <summary>Who has the folder, if it is another.</summary>
    public Task<string?> FindOtherAsync(CancellationToken cancellationToken) => Task.Run(() => FolderClaim.FindOther(folder, claimant), cancellationToken);

    /// <summary>Gives the folder back, if it is still the claimant's.</summary>
    public async Task ReleaseAsync()
    {
        try
        {
            await Task.Run(() =>
            {
                if (_held is { } held)
                {
                    held.Release();
                }
                else
                {
                    FolderClaim.Release(folder, claimant);
                }
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotReleased(exception, folder); // nobody shows signs of life there any more, and others notice
        }
    }

    private void Hold(FolderClaim claim)
    {
        _held = claim;
        leaving.UnsafeRegister(static held => ((FolderClaim)held!).Dispose(), claim);
    }

    private ClaimOutcome Try(ClaimContest contest)
    {
        try
        {
            return contest.Try();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FolderInUseException(
                $"{Path.GetFullPath(folder)} cannot be written: {exception.Message}. The folder must be shared between silos, and writable: mount it there, or choose another --out");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The claim on {Folder} could not be given back")]
    private partial void LogNotReleased(Exception exception, string folder);
}
