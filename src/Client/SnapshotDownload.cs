using System.Security.Cryptography;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client;

/// <summary>Copies a snapshot, or a file of one, to this machine's disk: what is not whole and checked never has the final name.</summary>
internal sealed class SnapshotDownload(RunSnapshots source, string snapshot, IProgress<long>? progress)
{
    private const string Unfinished = ".partial-";
    private const int BufferBytes = 1024 * 1024;

    private long _bytes;

    /// <summary>Copies all files; returns the folder.</summary>
    public async Task<string> CopyAsync(SnapshotInfo info, string folder, CancellationToken cancellationToken)
    {
        var (target, unfinished) = (PathOf(folder, info.Name), PathOf(folder, Unfinished + info.Name));
        if (Path.Exists(target))
        {
            await CheckAsync(info, target, cancellationToken);
            return target;
        }

        Directory.CreateDirectory(unfinished);
        foreach (var file in info.Files)
        {
            await CopyAsync(file, PathOf(unfinished, file.Name), cancellationToken);
        }

        Directory.Move(unfinished, target);
        return target;
    }

    /// <summary>Copies one file, going on where an earlier attempt ended.</summary>
    public async Task CopyAsync(SnapshotFile file, string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var copy = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, useAsync: true);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await TakeUpAsync(copy, file, hash, cancellationToken);
            await foreach (var block in source.ReadAsync(snapshot, file, copy.Length, cancellationToken))
            {
                await copy.WriteAsync(block, cancellationToken);
                hash.AppendData(block);
                Report(block.Length);
            }

            copy.Flush(flushToDisk: true);
            source.Check(snapshot, file, hash);
        }
        catch (SnapshotDamagedException)
        {
            File.Delete(path); // not to be gone on with
            throw;
        }
    }

    private async Task TakeUpAsync(FileStream copy, SnapshotFile file, IncrementalHash hash, CancellationToken cancellationToken)
    {
        if (copy.Length > file.Length)
        {
            copy.SetLength(0);
        }

        await AppendAsync(copy, hash, cancellationToken);
        Report(copy.Length);
    }

    private async Task CheckAsync(SnapshotInfo info, string target, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var file in info.Files)
            {
                await using var copy = File.OpenRead(PathOf(target, file.Name));
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                await AppendAsync(copy, hash, cancellationToken);
                source.Check(snapshot, file, hash);
                Report(copy.Length);
            }
        }
        catch (Exception exception) when (exception is SnapshotDamagedException or IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{target}' is there and is not the snapshot of that name; remove it or choose another folder: {exception.Message}", exception);
        }
    }

    private static async Task AppendAsync(Stream copy, IncrementalHash hash, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        for (int count; (count = await copy.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
        }
    }

    // Names come from a silo: they are not taken for paths.
    private static string PathOf(string folder, string name) => name.Length > 0 && name != ".." && name.AsSpan().IndexOfAny('/', '\\', ':') < 0
        ? Path.Combine(Path.GetFullPath(folder), name)
        : throw new SnapshotDamagedException($"a silo calls a file '{name}'; expected a plain name");

    private void Report(long bytes)
    {
        _bytes += bytes;
        progress?.Report(_bytes);
    }
}
