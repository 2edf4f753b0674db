using System.Text.Json;
using System.Text.Json.Serialization;
using Lcnn.Distributed.Contracts;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>What one write of a sweep's record changed in its trials: an entry of the sweep's journal.</summary>
public sealed record SweepChange : INumberedEvent
{
    /// <summary>Position in the journal, from 1, without gaps.</summary>
    public long Sequence { get; init; }

    /// <summary>The trials that changed, by number.</summary>
    public IReadOnlyList<TrialChange> Trials { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore] public bool IsFinal => false;

    /// <summary>As the record and the journal hold it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, RunEventJson.Options);

    /// <summary>Reads <see cref="ToJson"/>.</summary>
    public static SweepChange Parse(string json) => JsonSerializer.Deserialize<SweepChange>(json, RunEventJson.Options)!;
}

/// <summary>A trial after a change, without what was stored before and stays: its parameters and its earlier reports.</summary>
public sealed record TrialChange
{
    /// <summary>The trial without reports, and without parameters unless it is new. Metrics that are those of the newest report are left out.</summary>
    public TrialRecord Trial { get; init; } = new();

    /// <summary>Reports that it has from earlier changes.</summary>
    public int Known { get; init; }

    /// <summary>The reports after those.</summary>
    public IReadOnlyList<TrialReport> Reports { get; init; } = [];

    /// <summary>What has to be stored of a trial.</summary>
    /// <param name="trial">The trial as it is.</param>
    /// <param name="known">Reports of it that are stored; null when nothing of it is.</param>
    public static TrialChange Of(TrialRecord trial, int? known)
    {
        ArgumentNullException.ThrowIfNull(trial);
        var entry = trial.Entry;
        return new TrialChange
        {
            Trial = trial with
            {
                Entry = entry with
                {
                    Parameters = known is null ? entry.Parameters : ParameterSet.Empty,
                    Metrics = entry.Reports is [.., var newest] && ReferenceEquals(newest.Metrics, entry.Metrics) ? new Dictionary<string, double>() : entry.Metrics,
                    Reports = [],
                },
            },
            Known = known ?? 0,
            Reports = [.. entry.Reports.Skip(known ?? 0)],
        };
    }

    /// <summary>The trial that this makes of an earlier one.</summary>
    /// <param name="before">The trial as it was; null when it is new.</param>
    public TrialRecord ApplyTo(TrialRecord? before)
    {
        var entry = Trial.Entry;
        IReadOnlyList<TrialReport> reports = before is null ? Reports : Reports.Count == 0 ? before.Entry.Reports : [.. before.Entry.Reports.Take(Known), .. Reports];
        return Trial with
        {
            Entry = entry with
            {
                Parameters = before?.Entry.Parameters ?? entry.Parameters,
                Metrics = entry.Metrics.Count == 0 && reports is [.., var newest] ? newest.Metrics : entry.Metrics,
                Reports = reports,
            },
        };
    }
}
