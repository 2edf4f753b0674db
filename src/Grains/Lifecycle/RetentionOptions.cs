using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Grains.Lifecycle;

/// <summary>How long the logs of what has ended stay whole. After that they keep a summary: of a run epochs, snapshots, warnings and the end but no steps, of a sweep no news of trials.</summary>
/// <remarks>Records with every epoch, sweeps' journals with every report, and what lies in folders are kept for ever.</remarks>
public sealed class RetentionOptions
{
    /// <summary>After the end of a run of its own or of a sweep. Default: for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "10675199.02:48:05.4775807")]
    public TimeSpan Steps { get; set; } = TimeSpan.MaxValue;

    /// <summary>After the end of a run of a sweep's trial. Default: for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "10675199.02:48:05.4775807")]
    public TimeSpan TrialSteps { get; set; } = TimeSpan.MaxValue;
}

[OptionsValidator]
internal sealed partial class RetentionOptionsValidator : IValidateOptions<RetentionOptions>;
