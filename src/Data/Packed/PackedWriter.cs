using System.Security.Cryptography;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Packed;

/// <summary>Writes a packed set image by image, into a file of another name until it is whole. Holds labels in memory, no images.</summary>
/// <remarks>Images are read once more at the end, for digests: only then is it known how many there are and which of them are to test with.</remarks>
internal sealed class PackedWriter : IDisposable
{
    private readonly string _path;
    private readonly List<int> _labels = [];
    private string _temporary;
    private FileStream _file;
    private bool _isDone;

    /// <summary>Begins a file.</summary>
    /// <exception cref="DataFileException">It is there already, or cannot be written.</exception>
    public PackedWriter(string path)
    {
        _path = Path.GetFullPath(path);
        ThrowIfThere();
        (_temporary, _file) = Guarded(Create);
        Guarded(() => _file.Write(new byte[PackedLayout.PrefixBytes]));
    }

    /// <summary>By sample, in the order they came.</summary>
    public IReadOnlyList<int> Labels => _labels;

    /// <summary>Appends an image as it is to be stored; all are equally long.</summary>
    public void Add(ReadOnlySpan<byte> stored, int label)
    {
        try
        {
            _file.Write(stored);
        }
        catch (IOException exception)
        {
            throw Unwritable(exception);
        }

        _labels.Add(label);
    }

    /// <summary>Makes images of one channel, which are all so far, into images of three equal ones.</summary>
    /// <param name="imageBytes">Of one as it is now.</param>
    public void Widen(int imageBytes) => Guarded(() =>
    {
        var (narrow, old) = (_file, _temporary);
        (_temporary, _file) = Create();
        try
        {
            narrow.Position = PackedLayout.PrefixBytes;
            _file.Write(new byte[PackedLayout.PrefixBytes]);
            var plane = new byte[imageBytes];
            for (var i = 0; i < _labels.Count; i++)
            {
                narrow.ReadExactly(plane);
                _file.Write(plane);
                _file.Write(plane);
                _file.Write(plane);
            }
        }
        finally
        {
            narrow.Dispose();
            File.Delete(old);
        }
    });

    /// <summary>Ends the file and gives it its name.</summary>
    /// <param name="description">But for counts and hashes, which are filled in.</param>
    /// <param name="isTest">By sample.</param>
    /// <param name="cancellationToken">Ends it without a file.</param>
    /// <exception cref="DataFileException">There is a file of the name by now.</exception>
    public void Complete(PackedDescription description, bool[] isTest, CancellationToken cancellationToken)
    {
        int[] labels = [.. _labels];
        var (elements, testCount) = (description.NewElements(), isTest.Count(test => test));
        description = description with { TrainCount = labels.Length - testCount, TestCount = testCount };
        using var train = Hash(test: false);
        using var test = Hash(test: true);
        var pass = new DigestPass(_file, description.ImageBytes * labels.Length, description.ImageBytes, position => isTest[position] ? test : train);
        var digests = Guarded(() => pass.Run(cancellationToken));
        description = description with { TrainSha256 = ImagesHash.End(train), TestSha256 = ImagesHash.End(test) };
        Guarded(() => Finish(new PackedIndex(description, labels, isTest, digests).ToBytes(), description.ImageBytes * labels.Length));
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfThere();
        Guarded(() =>
        {
            File.Move(_temporary, _path, overwrite: false);
            _isDone = true;
            DiskFileSystem.Instance.FlushDirectory(Path.GetDirectoryName(_path)!);
        });

        IncrementalHash Hash(bool test) => ImagesHash.Begin(
            elements, labels.Where((_, i) => isTest[i] == test).ToArray(), description.Channels, description.Height, description.Width, description.Classes);
    }

    /// <summary>Takes away what was not completed.</summary>
    public void Dispose()
    {
        try
        {
            _file.Dispose();
        }
        catch (IOException)
        {
            // A full disk takes not even what is left to write; who called knows by now.
        }

        if (!_isDone)
        {
            File.Delete(_temporary);
        }
    }

    private void Finish(byte[] index, long dataBytes)
    {
        _file.Position = PackedLayout.PrefixBytes + dataBytes;
        _file.Write(index);
        _file.Position = 0;
        _file.Write(new PackedLayout(dataBytes, index.Length, SHA256.HashData(index)).ToBytes());
        DiskFileSystem.Instance.FlushFile(_file);
        _file.Dispose();
    }

    private (string Name, FileStream File) Create()
    {
        var name = $"{_path}.{Guid.NewGuid():N}.partial";
        return (name, new FileStream(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, PackedLayout.BlockBytes));
    }

    private void ThrowIfThere()
    {
        if (Path.Exists(_path))
        {
            throw new DataFileException(_path, "a name that is free", Directory.Exists(_path) ? "a folder" : "a file", "Remove it, or choose another name");
        }
    }

    private void Guarded(Action write) => Guarded(() =>
    {
        write();
        return true;
    });

    private T Guarded<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }
    }

    private DataFileException Unwritable(Exception exception) =>
        new(_path, "a file that can be written", exception.Message, "Make room, or choose another folder with --out", exception);
}
