using System.Security.Cryptography;
using Orleans.Storage;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>Keeps the records of one silo in a folder, a file each, so that another process can go on where this one ended.</summary>
/// <remarks>A file is replaced by rename once its bytes are on the disk. Its ETag is the hash of them; there is one process at a time (<see cref="SweepRecords"/>).</remarks>
internal sealed class FolderGrainStorage(string folder, MessagePackStorageSerializer serializer) : IGrainStorage
{
    private readonly Lock _gate = new();

    /// <summary>The file of a record.</summary>
    public static string PathOf(string folder, string stateName, string key) => Path.Combine(folder, stateName, Uri.EscapeDataString(key).Replace(".", "%2E", StringComparison.Ordinal));

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.Run(() =>
    {
        var bytes = Read(PathOf(stateName, grainId));
        grainState.RecordExists = bytes is not null;
        grainState.ETag = TagOf(bytes);
        grainState.State = bytes is null ? Activator.CreateInstance<T>() : serializer.Deserialize<T>(BinaryData.FromBytes(bytes));
    });

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.Run(() =>
    {
        var path = PathOf(stateName, grainId);
        var bytes = serializer.Serialize(grainState.State).ToArray();
        lock (_gate)
        {
            Check(path, grainState.ETag);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var temporary = path + ".tmp";
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }

        (grainState.RecordExists, grainState.ETag) = (true, TagOf(bytes));
    });

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.Run(() =>
    {
        var path = PathOf(stateName, grainId);
        lock (_gate)
        {
            Check(path, grainState.ETag);
            File.Delete(path);
        }

        (grainState.RecordExists, grainState.ETag, grainState.State) = (false, null, Activator.CreateInstance<T>());
    });

    private string PathOf(string stateName, GrainId grainId) => PathOf(folder, stateName, grainId.Key.ToString()!);

    private static byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static void Check(string path, string? tag)
    {
        if (TagOf(Read(path)) is var stored && stored != tag)
        {
            throw new InconsistentStateException($"{path} was written by somebody else", stored, tag);
        }
    }

    private static string? TagOf(byte[]? bytes) => bytes is null ? null : Convert.ToHexStringLower(SHA256.HashData(bytes));
}
