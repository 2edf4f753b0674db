namespace Lcnn.Distributed.Cli.Services;

/// <summary>What this program shows to get into a cluster.</summary>
/// <param name="TlsFolder">Folder with certificates; null for a cluster without.</param>
/// <param name="Token">A secret in place of an own certificate; null for none.</param>
internal sealed record ClusterAccess(string? TlsFolder, string? Token)
{
    /// <summary>Nothing.</summary>
    public static ClusterAccess None { get; } = new(null, null);

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"tls={TlsFolder ?? "none"} token={(Token is null ? "none" : "***")}";
}
