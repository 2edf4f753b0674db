using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The run's hold on its folder, from before anything is written to it until nothing more is.</summary>
internal sealed partial class RunDriver
{
    // Whoever began this generation had the folder; before the first, it has to be won. A run that is to stop needs none.
    private async Task ClaimFolderAsync()
    {
        await WinFolderAsync();
        WaitsFor = null;
    }

    private async Task WinFolderAsync()
    {
        if (Record.Generation > 0)
        {
            if (await claim.ReenterAsync(TellFolderAsync, cancellationToken) is { } other)
            {
                await EndAsync(LostFolder(other));
            }

            return;
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var entering = Record.StopReason.Length > 0 ? Task.CompletedTask : claim.EnterAsync(TellFolderAsync, waiting.Token);
        if (await Task.WhenAny(entering, _stopAsked.Task) != entering)
        {
            await waiting.CancelAsync();
        }

        try
        {
            await entering;
        }
        catch (OperationCanceledException) when (_stopAsked.Task.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            // The loop finds the wish to stop.
        }
    }

    private Task TellFolderAsync(string reason)
    {
        WaitsFor = reason;
        log.Append(new RunWaiting { Reason = reason });
        return log.FlushAsync(cancellationToken);
    }

    private RunFailed LostFolder(string other) => new()
    {
        Error = $"the folder '{Spec.OutputDirectory}' was taken over by {other}, as this run had shown no sign of life for too long; it writes there no more. " +
            "Go on from a snapshot with --resume and another --out",
    };
}
