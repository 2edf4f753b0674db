using Lcnn.Distributed.Contracts.Cluster;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Finds out before workers join whether all their silos see the folder that the run's snapshots go to.</summary>
/// <remarks>
/// The silo of the leading rank, which writes snapshots, leaves a probe that all others read, and the coordinator's silo, which writes the
/// report. A silo that has other storage is refused: that ends a run that has not trained yet, since nothing is lost; a later generation goes
/// on without that silo. Nor does a run begin in a folder with snapshots of which it goes on from none: it would take them for its own and prune them.
/// </remarks>
/// <param name="coordinator">Silo of the run's coordinator.</param>
/// <param name="isLaterSegment">Whether an earlier run of the same trial had the folder before.</param>
/// <param name="grains">Finds the silos' folders.</param>
/// <param name="logger">Hears of silos that do not answer.</param>
internal sealed partial class SharedStorage(string coordinator, bool isLaterSegment, IGrainFactory grains, ILogger logger)
{
    /// <summary>Checks it; what is wrong goes to the generation.</summary>
    /// <param name="generation">Whose silos are asked.</param>
    /// <param name="resumeFrom">The snapshot that its workers will load, or null.</param>
    /// <param name="warn">Takes what does not hold up the run.</param>
    public async Task CheckAsync(RunGeneration generation, string folder, string? resumeFrom, Action<string> warn, CancellationToken cancellationToken)
    {
        var ranks = generation.Members.DistinctBy(member => member.Silo).ToList();
        if (generation.Number == 1 || ranks.Count > 1 || ranks[0].Silo != coordinator)
        {
            await Task.WhenAny(ProbeAsync(generation, ranks, folder, resumeFrom, warn, cancellationToken), generation.End);
        }
    }

    /// <summary>Whether a silo of the generation can read a snapshot that the coordinator's cannot.</summary>
    public async Task<bool> IsUsableAsync(RunGeneration generation, string snapshot, CancellationToken cancellationToken)
    {
        foreach (var silo in generation.Members.Select(member => member.Silo).Distinct().Where(silo => silo != coordinator))
        {
            try
            {
                if (await Of(silo).CheckSnapshotAsync(snapshot, cancellationToken) is null)
                {
                    return true;
                }
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotAsked(exception, silo);
            }
        }

        return false;
    }

    /// <summary>Before the run's first step: takes its folder back to the snapshot that it goes on from, should that be older than others.</summary>
    /// <returns>What was set aside; null if nothing was. What is wrong goes to the generation.</returns>
    public async Task<FolderRewind?> RewindAsync(RunGeneration generation, string folder, string? resumeFrom, CancellationToken cancellationToken)
    {
        if (resumeFrom is null ? !isLaterSegment : !RunSnapshots.IsIn(folder, resumeFrom))
        {
            return null;
        }

        var writer = generation.Members[0];
        var target = Path.GetFileName(resumeFrom);
        var rewind = await AskAsync(generation, writer, silo => silo.RewindAsync(folder, target, cancellationToken));
        if (rewind?.Problem is { } problem)
        {
            generation.Refuse(writer.Rank, $"silo {writer.Silo} cannot set aside the snapshots that are newer than {target}: {problem}");
        }

        return rewind is { SetAside.Count: > 0 } ? rewind : null;
    }

    private async Task ProbeAsync(
        RunGeneration generation, List<MemberRecord> ranks, string folder, string? resumeFrom, Action<string> warn, CancellationToken cancellationToken)
    {
        var writer = ranks[0];
        if (generation.Number == 1 && (resumeFrom is null || !RunSnapshots.IsIn(folder, resumeFrom)) && !isLaterSegment
            && await AskAsync(generation, writer, async silo => await silo.FindSnapshotAsync(folder, cancellationToken) ?? "") is { Length: > 0 } earlier)
        {
            var wrong = resumeFrom is null ? "expected none. Go on from it" : $"{resumeFrom} is none of its snapshots. Go on from one of them";
            generation.Refuse(writer.Rank, $"silo {writer.Silo}: {folder} already holds a run, whose newest snapshot is {earlier}; {wrong} " +
                "with --resume, or choose another --out");
            return;
        }

        var left = await AskAsync(generation, writer, silo => silo.LeaveProbeAsync(folder, generation.Number, resumeFrom, cancellationToken));
        if (left is null or { Probe: null })
        {
            TakeFailure(generation, writer, left, warn);
            return;
        }

        await Task.WhenAll(ranks.Skip(1).Select(async reader =>
        {
            if (await AskAsync(generation, reader, async silo => (await silo.ReadProbeAsync(folder, left.Probe, cancellationToken)) ?? "") is { Length: > 0 } problem)
            {
                generation.Refuse(reader.Rank, $"silo {reader.Silo} does not see the snapshots that silo {writer.Silo} writes: {problem}");
            }
        }));
        if (ranks.TrueForAll(member => member.Silo != coordinator) && await Of(coordinator).ReadProbeAsync(folder, left.Probe, cancellationToken) is { } unseen)
        {
            TakeBlindness(generation, $"silo {coordinator}, which coordinates the run, does not see the snapshots that silo {writer.Silo} writes: {unseen}", warn);
        }

        await TidyAsync(writer, folder, left.Probe, cancellationToken);
    }

    // A coordinator cannot be chosen as workers are: later it makes do with what the others see.
    private static void TakeBlindness(RunGeneration generation, string problem, Action<string> warn)
    {
        if (generation.Number == 1)
        {
            generation.Refuse(generation.Members[0].Rank, problem);
        }
        else
        {
            warn($"{problem} The run's report will not be with them");
        }
    }

    // A disk that is full later does not end a run, and says nothing of what the others see.
    private static void TakeFailure(RunGeneration generation, MemberRecord writer, FolderProbe? left, Action<string> warn)
    {
        if (left is { LacksSnapshot: true } || (left is not null && generation.Number == 1))
        {
            generation.Refuse(writer.Rank, $"silo {writer.Silo} cannot write the run's snapshots: {left.Problem}. " +
                "The snapshot folder must be shared between silos, and writable: mount it there, or choose another --out");
        }
        else if (left is not null)
        {
            warn($"silo {writer.Silo}: {left.Problem}; it is not known whether all silos see the snapshot folder");
        }
    }

    // Null when the silo did not answer: then its rank is lost.
    private async Task<T?> AskAsync<T>(RunGeneration generation, MemberRecord member, Func<ISiloStorageGrain, Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask(Of(member.Silo));
        }
        catch (Exception exception)
        {
            LogNotAsked(exception, member.Silo);
            generation.Lose(member.Rank, $"its silo does not answer: {exception.Message}");
            return null;
        }
    }

    // What stays behind, the next snapshot's pruning takes away.
    private async Task TidyAsync(MemberRecord writer, string folder, string probe, CancellationToken cancellationToken)
    {
        try
        {
            await Of(writer.Silo).RemoveProbeAsync(folder, probe, cancellationToken);
        }
        catch (Exception exception)
        {
            LogNotAsked(exception, writer.Silo);
        }
    }

    private ISiloStorageGrain Of(string silo) => grains.GetGrain<ISiloStorageGrain>(GrainKeys.SiloStorage(silo));

    [LoggerMessage(Level = LogLevel.Debug, Message = "Silo {Silo} could not be asked about its folders")]
    private partial void LogNotAsked(Exception exception, string silo);
}
