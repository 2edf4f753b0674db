using Lcnn.Distributed.Contracts.Cluster;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Finds out before workers join whether all their silos see the folder that the run's snapshots go to.</summary>
/// <remarks>
/// The silo of the leading rank, which writes snapshots, leaves a probe that all others read. A silo that has other storage is refused: that
/// ends a run that has not trained yet, since nothing is lost; a later generation goes on without that silo.
/// </remarks>
internal sealed partial class SharedFolder(IGrainFactory grains, ILogger logger)
{
    /// <summary>Checks it; what is wrong goes to the generation.</summary>
    /// <param name="generation">Whose silos are asked.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="resumeFrom">The snapshot that its workers will load, or null.</param>
    /// <param name="warn">Takes what does not hold up the run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task CheckAsync(RunGeneration generation, string folder, string? resumeFrom, Action<string> warn, CancellationToken cancellationToken)
    {
        var ranks = generation.Members.DistinctBy(member => member.Silo).ToList();
        if (ranks.Count > 1)
        {
            await Task.WhenAny(ProbeAsync(generation, ranks, folder, resumeFrom, warn, cancellationToken), generation.End);
        }
    }

    private async Task ProbeAsync(
        RunGeneration generation, List<MemberRecord> ranks, string folder, string? resumeFrom, Action<string> warn, CancellationToken cancellationToken)
    {
        var writer = ranks[0];
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
        await TidyAsync(writer, folder, left.Probe, cancellationToken);
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
    private async Task<T?> AskAsync<T>(RunGeneration generation, MemberRecord member, Func<ISiloFoldersGrain, Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask(Of(member));
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
            await Of(writer).RemoveProbeAsync(folder, probe, cancellationToken);
        }
        catch (Exception exception)
        {
            LogNotAsked(exception, writer.Silo);
        }
    }

    private ISiloFoldersGrain Of(MemberRecord member) => grains.GetGrain<ISiloFoldersGrain>(GrainKeys.SiloFolders(member.Silo));

    [LoggerMessage(Level = LogLevel.Debug, Message = "Silo {Silo} could not be asked about its folders")]
    private partial void LogNotAsked(Exception exception, string silo);
}
