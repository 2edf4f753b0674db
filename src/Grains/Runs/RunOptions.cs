using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>How a coordinator watches over its workers.</summary>
public sealed class RunOptions
{
    /// <summary>A worker that has begun and gets nothing done for so long is lost. Default: 2 minutes, since one shard of a large network may take one.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>A worker that has not joined is lost once no worker of the run has got anything loaded for so long. Default: 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Time between signs of life of a worker. Default: 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan PulseInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time between looks at the membership, the progress and the queue for slots. Default: 0.5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan WatchInterval { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How long a run waits for slots before it says so: a silo that has just started answers late. Default: 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan WaitingNotice { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long workers that are told to leave may take before the run goes on without them. Default: 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan LeaveTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Recoveries without a step made in between after which a run fails. Default: 3.</summary>
    [Range(1, 100)]
    public int MaxRecoveries { get; set; } = 3;

    /// <summary>Losses of whole silos without a step made in between after which a run fails. Default: 20.</summary>
    [Range(1, 1000)]
    public int MaxSiloLosses { get; set; } = 20;
}

[OptionsValidator]
internal sealed partial class RunOptionsValidator : IValidateOptions<RunOptions>;
