using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Microsoft.AspNetCore.Http;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>The list of runs, as somebody wants to see it.</summary>
internal sealed class RunList
{
    /// <summary>Most runs of one page: as many as a cluster remembers.</summary>
    public const int Most = 1000;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3); // a list that waits for one run tells of none

    private static readonly EpochQuery _newest = new() { Most = 1 };

    private readonly RunPhase[]? _phases;
    private readonly string? _dataset;
    private readonly string? _sweep;
    private readonly string? _search;
    private readonly string[] _tags;

    /// <param name="phase">Phases between commas; null for all.</param>
    /// <param name="dataset">Null for all.</param>
    /// <param name="sweep">Id of a sweep, or "none" for runs of no sweep; null for all.</param>
    /// <param name="search">Part of an id, a network, a data set or a folder; null for all.</param>
    /// <param name="tags">The run has all of them.</param>
    public RunList(string? phase, string? dataset, string? sweep, string? search, string[] tags)
    {
        _phases = phase is null ? null : [.. phase.Split(',').Select(Parse)];
        (_dataset, _sweep, _search, _tags) = (dataset, sweep, search, tags);
    }

    /// <summary>A page.</summary>
    /// <param name="after">Id of the run behind which it begins; null for the newest.</param>
    /// <exception cref="BadHttpRequestException">There is no such run.</exception>
    public async Task<RunsAnswer> ReadAsync(IRunLauncher cluster, TimeProvider clock, string? after, int limit, CancellationToken cancellationToken)
    {
        var all = (await cluster.ListRunsAsync(Most, cancellationToken)).Where(IsWanted).ToList();
        var first = after is null ? 0 : all.FindIndex(entry => entry.RunId == after) + 1;
        if (after is not null && first == 0)
        {
            throw new BadHttpRequestException($"after: there is no run '{(after.Length > RunIds.MaxLength ? after[..RunIds.MaxLength] : after)}' among those listed; begin again without it");
        }

        var page = all.Skip(first).Take(limit).ToList();
        using var patience = new CancellationTokenSource(_patience, clock);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var items = await Task.WhenAll(page.Select(entry => ItemAsync(cluster, entry, waiting.Token)));
        cancellationToken.ThrowIfCancellationRequested();
        return new RunsAnswer(items, all.Count, first + page.Count < all.Count ? page[^1].RunId : null);
    }

    private static RunPhase Parse(string name) => Enum.TryParse<RunPhase>(name.Trim(), ignoreCase: true, out var phase) && Enum.IsDefined(phase) && !int.TryParse(name, out _)
        ? phase
        : throw new BadHttpRequestException($"phase: expected some of {string.Join(", ", Enum.GetNames<RunPhase>()).ToLowerInvariant()}");

    private bool IsWanted(RunEntry entry) => _phases?.Contains(entry.Phase) != false && (_dataset is null || entry.Dataset == _dataset)
        && (_sweep is null || (_sweep == "none" ? entry.SweepId is null : entry.SweepId == _sweep))
        && Array.TrueForAll(_tags, tag => entry.Tags?.Contains(tag) == true)
        && (_search is null || new[] { entry.RunId, entry.Dataset, entry.Architecture, entry.OutputDirectory }.Any(text => text.Contains(_search, StringComparison.OrdinalIgnoreCase)));

    // Those that have ended say so in the list; the others are asked. One that does not answer is listed as it was.
    private static async Task<RunItem> ItemAsync(IRunLauncher cluster, RunEntry entry, CancellationToken cancellationToken)
    {
        if (entry.IsFinished())
        {
            return new RunItem(entry, null, null);
        }

        var run = cluster.Find(entry.RunId);
        var (asked, newest) = (run.GetStatusAsync(cancellationToken), run.GetMetricsAsync(_newest, cancellationToken));
        await Task.WhenAll(asked, newest).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var status = asked.IsCompletedSuccessfully && await asked is { Phase: not RunPhase.Unknown } known ? known : null;
        return new RunItem(
            status is null ? entry : entry with { Phase = status.Phase }, status, newest.IsCompletedSuccessfully && (await newest).Epochs is [var epoch] ? epoch : null);
    }
}

/// <summary>A page of runs.</summary>
/// <param name="Runs">Newest first.</param>
/// <param name="Total">Of all pages.</param>
/// <param name="Next">What the next page comes after; null for the last.</param>
internal sealed record RunsAnswer(IReadOnlyList<RunItem> Runs, int Total, string? Next);

/// <summary>A run in the list.</summary>
/// <param name="Run">What the list knows of it.</param>
/// <param name="Status">Where it stands; null once it has ended, and where it does not answer.</param>
/// <param name="Newest">Its newest epoch; null without one, and like its status.</param>
internal sealed record RunItem(RunEntry Run, RunStatus? Status, EpochCompleted? Newest);
