using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>The snapshots of a run, read from whichever silo sees them.</summary>
internal sealed class RunSnapshots(string runId, IRunCoordinatorGrain coordinator, IGrainFactory grains, TimeProvider clock, ILogger logger) : IRunSnapshots
{
    private const int LeastBlockBytes = 64 * 1024;

    public async Task<IReadOnlyList<SnapshotInfo>> ListAsync(CancellationToken cancellationToken = default) =>
        (await FindAsync(cancellationToken)).Snapshots;

    public async IAsyncEnumerable<byte[]> ReadFileAsync(
        string snapshot, string file, long offset = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var entry = FileOf(await GetAsync(snapshot, cancellationToken), file);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (var block in ReadAsync(snapshot, entry, offset, cancellationToken))
        {
            hash.AppendData(block);
            yield return block;
        }

        if (offset == 0)
        {
            Check(snapshot, entry, hash);
        }
    }

    public async Task DownloadFileAsync(
        string snapshot, string file, string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        var entry = FileOf(await GetAsync(snapshot, cancellationToken), file);
        var download = new SnapshotDownload(this, snapshot, progress);
        await download.CopyAsync(entry, path + ".partial", cancellationToken);
        File.Move(path + ".partial", path, overwrite: true);
    }

    public async Task<SnapshotCopy> DownloadAsync(
        string? snapshot, string folder, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        var info = snapshot is null ? await GetNewestAsync(cancellationToken) : await GetAsync(snapshot, cancellationToken);
        return new SnapshotCopy(info, await new SnapshotDownload(this, info.Name, progress).CopyAsync(info, folder, cancellationToken));
    }

    /// <summary>The bytes from an offset to the recorded end; each lost call is made again, with smaller blocks in case the line is slow.</summary>
    internal async IAsyncEnumerable<byte[]> ReadAsync(
        string snapshot, SnapshotFile file, long offset, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var retry = new Backoff(runId, clock, logger);
        var blockBytes = ISnapshotFilesGrain.MaxBlockBytes;
        ISnapshotFilesGrain? reader = null;
        while (offset < file.Length)
        {
            byte[] block;
            try
            {
                reader ??= grains.GetGrain<ISnapshotFilesGrain>((await FindAsync(cancellationToken)).Reader);
                block = await reader.ReadAsync(snapshot, file.Name, offset, (int)Math.Min(blockBytes, file.Length - offset), cancellationToken);
                retry.Reset();
            }
            catch (Exception exception) when (Backoff.IsTransient(exception) && !cancellationToken.IsCancellationRequested)
            {
                await retry.WaitAsync(exception, cancellationToken);
                (reader, blockBytes) = (null, Math.Max(LeastBlockBytes, blockBytes / 2));
                continue;
            }

            if (block.Length == 0)
            {
                throw new SnapshotDamagedException($"run {runId}: {snapshot}/{file.Name}: expected {file.Length} bytes, got {offset}; use another snapshot");
            }

            offset += block.Length;
            yield return block;
        }
    }

    /// <summary>Compares a file's hash with the one recorded.</summary>
    /// <exception cref="SnapshotDamagedException">It is another.</exception>
    internal void Check(string snapshot, SnapshotFile file, IncrementalHash hash)
    {
        var got = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (got != file.Sha256)
        {
            throw new SnapshotDamagedException(
                $"run {runId}: {snapshot}/{file.Name} changed since it was written: expected SHA-256 {file.Sha256}, got {got}; use another snapshot");
        }
    }

    private async Task<SnapshotInfo> GetNewestAsync(CancellationToken cancellationToken)
    {
        var snapshots = await ListAsync(cancellationToken);
        return snapshots.FirstOrDefault(snapshot => snapshot.Damage is null)
            ?? throw (snapshots is [var newest, ..] ? new SnapshotDamagedException(newest.Damage!) : new SnapshotNotFoundException(runId, "newest"));
    }

    private async Task<SnapshotInfo> GetAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var snapshots = await ListAsync(cancellationToken);
        var snapshot = snapshots.FirstOrDefault(snapshot => snapshot.Name == name) ?? throw new SnapshotNotFoundException(runId, name);
        return snapshot.Damage is null ? snapshot : throw new SnapshotDamagedException(snapshot.Damage);
    }

    private SnapshotFile FileOf(SnapshotInfo snapshot, string file) =>
        snapshot.Files.FirstOrDefault(entry => entry.Name == file) ?? throw new SnapshotNotFoundException(runId, $"{snapshot.Name}/{file}");

    private Task<SnapshotListing> FindAsync(CancellationToken cancellationToken) =>
        new Retry(runId, clock, logger).CallAsync(() => coordinator.ListSnapshotsAsync(cancellationToken), cancellationToken);
}
