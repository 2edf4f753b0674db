using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Reads a data set of a user's own, whatever it is stored as.</summary>
public static class OwnDataSets
{
    /// <summary>What <see cref="Read"/> takes, for messages.</summary>
    public const string Kinds = "a folder with a folder of images for each class, an .npz file, Parquet files, or SVHN's .mat files";

    /// <summary>Reads the set at a path.</summary>
    /// <exception cref="DataFileException">There is none, or it cannot be used.</exception>
    public static DataSet Read(string path, ImageOptions options, CancellationToken cancellationToken)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        try
        {
            return Directory.Exists(full) ? ReadFolder(full, options, cancellationToken) : ReadFile(full, options, cancellationToken);
        }
        catch (Exception exception) when (CauseOf(exception) is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException(full, "a readable folder or file", CauseOf(exception).Message, "Check the path and its permissions", exception);
        }
        catch (Exception exception) when (CauseOf(exception) is OutOfMemoryException)
        {
            throw new DataFileException(full, "memory for its images", "too little", "Make them smaller with --image-size, or use fewer", exception);
        }
        catch (Exception exception) when (CauseOf(exception) is DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            throw new DataFileException(
                full, "SkiaSharp's native library, which decodes images", $"none that this system loads ({CauseOf(exception).Message})",
                "Run on a system that SkiaSharp 2.88 has a library for, or store the pixels as .npz", exception);
        }
    }

    private static DataSet ReadFile(string full, ImageOptions options, CancellationToken cancellationToken)
    {

        if (!File.Exists(full))
        {
            throw new DataFileException(full, Kinds, "nothing there", "Check the path; in a cluster every silo reads it, as on a shared volume");
        }

        return Path.GetExtension(full).ToUpperInvariant() switch
        {
            ".NPZ" => NpzSet.Read(full, options, cancellationToken),
            ".PARQUET" => ParquetSet.Read(full, options, cancellationToken),
            ".MAT" => SvhnSet.Read(full, options, cancellationToken),
            var ending => throw new DataFileException(full, Kinds, ending.Length == 0 ? "a file without an ending" : $"a file *{Path.GetExtension(full)}", "Name one of these"),
        };
    }

    private static DataSet ReadFolder(string folder, ImageOptions options, CancellationToken cancellationToken) =>
        ParquetSet.FindFolder(folder) is not null ? ParquetSet.Read(folder, options, cancellationToken)
        : File.Exists(Path.Combine(folder, SvhnSet.TrainFile)) ? SvhnSet.Read(folder, options, cancellationToken)
        : ImageAssembler.Read(FolderSource.Open(folder), options, cancellationToken);

    // What happens on several threads comes together.
    private static Exception CauseOf(Exception exception) => exception is AggregateException { InnerExceptions: [var first, ..] } ? CauseOf(first) : exception;
}
