namespace Lcnn.Distributed.Contracts.Security;

/// <summary>Who makes a call: travels with it, in Orleans' request context under <see cref="Key"/>.</summary>
/// <remarks>A connection says who has reached a gateway, not who has sent a message that came through it; so each message says it, and proves it.</remarks>
[GenerateSerializer, Immutable, Alias("lcnn.CallerPass")]
public sealed record CallerPass
{
    /// <summary>Its name in the request context.</summary>
    public const string Key = "lcnn.caller";

    /// <summary>The caller's certificate, DER; empty where there is none.</summary>
    [Id(0)] public byte[] Certificate { get; init; } = [];

    /// <summary>Seconds since 1970 at which it was signed.</summary>
    [Id(1)] public long IssuedAt { get; init; }

    /// <summary>Made with the certificate's key, over the cluster's id and the time.</summary>
    [Id(2)] public byte[] Signature { get; init; } = [];

    /// <summary>A secret that stands for a role instead of a certificate; empty where there is none.</summary>
    [Id(3)] public string Token { get; init; } = "";

    /// <summary>Whether a silo says so that has no certificate; only believed in clusters without certificates.</summary>
    [Id(4)] public bool IsSilo { get; init; }
}
