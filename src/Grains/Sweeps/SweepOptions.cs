namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>How sweeps are kept.</summary>
public sealed class SweepOptions
{
    /// <summary>Whether a sweep that is taken up from its record had nothing running meanwhile: it and its runs live in one process. Default: false.</summary>
    public bool EndsWithProcess { get; set; }
}
