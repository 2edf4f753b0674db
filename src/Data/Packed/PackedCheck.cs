using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Packed;

/// <summary>Reads all of a packed set and compares it with its digests.</summary>
public static class PackedCheck
{
    private const int Named = 20;

    /// <summary>Whether a path is called as packed sets are.</summary>
    public static bool IsPacked(string path) => Path.GetExtension(path).Equals(PackedLayout.Ending, StringComparison.OrdinalIgnoreCase) && File.Exists(path);

    /// <summary>Checks every block, and then the hashes of both parts.</summary>
    /// <returns>Blocks that were checked.</returns>
    /// <exception cref="DataFileException">Something is not as it was written; the damaged blocks are named.</exception>
    public static long Verify(string path, CancellationToken cancellationToken = default)
    {
        using var file = PackedFile.Open(Path.GetFullPath(path));
        var bad = new DataFileException?[file.Layout.BlockCount];
        Parallel.For(0, bad.Length, new ParallelOptions { CancellationToken = cancellationToken }, block =>
        {
            try
            {
                file.Check(block);
            }
            catch (DataFileException exception)
            {
                bad[block] = exception;
            }
        });
        if (bad.OfType<DataFileException>().ToList() is [var first, ..] all)
        {
            var blocks = Enumerable.Range(0, bad.Length).Where(block => bad[block] is not null).Take(Named);
            throw all.Count == 1 ? first : new DataFileException(
                file.Path, $"{bad.Length} blocks as they were packed", $"{all.Count} that are not: {string.Join(", ", blocks)}{(all.Count > Named ? ", ..." : "")}", first.Advice);
        }

        foreach (var (isTest, expected) in new[] { (false, file.Index.Description.TrainSha256), (true, file.Index.Description.TestSha256) })
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = PackedImages.Part(file, isTest, sha256: null);
            if (part.Sha256 != expected)
            {
                throw PackedLayout.Contradiction(file.Path, $"SHA-256 {expected} of its {(isTest ? "test" : "training")} part", part.Sha256);
            }
        }

        return bad.Length;
    }
}
