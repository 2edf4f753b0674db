using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Packed;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Reads a data set of a user's own, whatever it is stored as.</summary>
public static class OwnDataSets
{
    /// <summary>What is taken, for messages.</summary>
    public const string Kinds = "a folder with a folder of images for each class, an .npz file, Parquet files, SVHN's .mat files, or an .lcds file that 'lcnn data pack' wrote";

    /// <summary>Reads the set at a path.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="options">How its images become samples.</param>
    /// <param name="decoded">Told how many images were decoded, now and then.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DataFileException">There is none, or it cannot be used.</exception>
    public static DataSet Read(string path, ImageOptions options, IProgress<int>? decoded, CancellationToken cancellationToken) =>
        Guarded(path, full => PackedCheck.IsPacked(full) ? PackedSet.Read(full, options) : Read(full, new SetAssembler(options, decoded, cancellationToken)));

    /// <summary>Packs the set at a path.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="options">How its images become samples.</param>
    /// <param name="target">The file to write.</param>
    /// <param name="decoded">Told how many images were decoded, now and then.</param>
    /// <param name="cancellationToken">Ends it, without a file.</param>
    /// <exception cref="DataFileException">There is none, it cannot be used, or the file cannot be written.</exception>
    public static DataSet Pack(string path, ImageOptions options, string target, IProgress<int>? decoded, CancellationToken cancellationToken) =>
        Guarded(path, full => PackedCheck.IsPacked(full)
            ? throw new DataFileException(full, "images to pack", "a set that is packed already", "Copy the file")
            : Read(full, new PackAssembler(options, target, decoded, cancellationToken)));

    /// <summary>Packs a set that is in memory.</summary>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public static DataSet Pack(DataSet data, ImageOptions options, string target, CancellationToken cancellationToken) =>
        Guarded(target, full => PackAssembler.Pack(data, options, full, cancellationToken));

    private static DataSet Read(string full, ISetAssembler assembler) => Directory.Exists(full) ? ReadFolder(full, assembler) : ReadFile(full, assembler);

    private static DataSet Guarded(string path, Func<string, DataSet> read)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        try
        {
            return read(full);
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

    private static DataSet ReadFile(string full, ISetAssembler assembler)
    {
        if (!File.Exists(full))
        {
            throw new DataFileException(full, Kinds, "nothing there", "Check the path; in a cluster every silo reads it, as on a shared volume");
        }

        return Path.GetExtension(full).ToUpperInvariant() switch
        {
            ".NPZ" => NpzSet.Read(full, assembler),
            ".PARQUET" => ParquetSet.Read(full, assembler),
            ".MAT" => SvhnSet.Read(full, assembler),
            var ending => throw new DataFileException(full, Kinds, ending.Length == 0 ? "a file without an ending" : $"a file *{Path.GetExtension(full)}", "Name one of these"),
        };
    }

    private static DataSet ReadFolder(string folder, ISetAssembler assembler) =>
        ParquetSet.FindFolder(folder) is not null ? ParquetSet.Read(folder, assembler)
        : File.Exists(Path.Combine(folder, SvhnSet.TrainFile)) ? SvhnSet.Read(folder, assembler)
        : assembler.OfImages(FolderSource.Open(folder));

    // What happens on several threads comes together.
    private static Exception CauseOf(Exception exception) => exception is AggregateException { InnerExceptions: [var first, ..] } ? CauseOf(first) : exception;
}
