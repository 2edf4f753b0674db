namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>The transports as specs and reports name them.</summary>
internal static class TransportNames
{
    public const string Auto = "auto";
    public const string Memory = "memory";
    public const string Stream = "stream";
    public const string Grain = "grain";
}
