namespace Lcnn.Distributed.Data.Downloads;

/// <summary>A published file: its name, where it is served, and the size and SHA-256 by which a download is checked.</summary>
public sealed record DataFile(string Name, Uri Address, long Bytes, string Sha256);
