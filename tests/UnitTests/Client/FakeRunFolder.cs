using System.Security.Cryptography;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Client;

/// <summary>A run's folder on a silo that may break off where the test says.</summary>
internal sealed class FakeRunFolder : ISnapshotFilesGrain
{
    public const string Name = "step-23.g1.0123abcd";

    public Dictionary<string, byte[]> Files { get; } = new() { ["model.safetensors"] = Bytes(2_500_000), ["state.json"] = Bytes(100) };

    /// <summary>What each read in turn fails with; null lets it through.</summary>
    public Queue<Exception?> Errors { get; } = new();

    /// <summary>Offset and size of every read.</summary>
    public List<(long Offset, int Count)> Reads { get; } = [];

    /// <summary>As the snapshot was written: later changes of <see cref="Files"/> are damage.</summary>
    public SnapshotInfo Describe() => new()
    {
        Name = Name,
        Step = 23,
        Files = [.. Files.Select(file => new SnapshotFile(file.Key, file.Value.Length, Convert.ToHexStringLower(SHA256.HashData(file.Value))))],
    };

    public Task<IReadOnlyList<SnapshotInfo>?> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SnapshotInfo>?>([Describe()]);

    public Task<byte[]> ReadAsync(string snapshot, string file, long offset, int count, CancellationToken cancellationToken)
    {
        Reads.Add((offset, count));
        return Errors.TryDequeue(out var error) && error is not null
            ? Task.FromException<byte[]>(error)
            : Task.FromResult(Files[file].Skip((int)offset).Take(count).ToArray());
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
