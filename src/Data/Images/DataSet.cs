using System.Security.Cryptography;
using System.Text;

namespace Lcnn.Distributed.Data.Images;

/// <summary>A data set: what to train on and what to test with.</summary>
public sealed record DataSet(string Name, ILabelledImages Train, ILabelledImages Test)
{
    /// <summary>SHA-256 over the hashes of both parts: the data's share of a run's fingerprint.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{Train.Sha256} {Test.Sha256}")));

    /// <summary>Whether training samples are cropped and flipped unless the run says otherwise.</summary>
    public bool IsAugmented { get; init; }

    /// <summary>What was left out of it, for whoever asked for that; null when nothing was.</summary>
    public string? LeftOut { get; init; }

    /// <summary>For a packed set, how its images were made into samples; null for others, for which a run says it.</summary>
    public ImageOptions? PackedWith { get; init; }
}
