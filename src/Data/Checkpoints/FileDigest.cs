namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Length and lower-case SHA-256 of a file.</summary>
internal sealed record FileDigest(long Length, string Sha256);
