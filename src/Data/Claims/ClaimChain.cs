namespace Lcnn.Distributed.Data.Claims;

/// <summary>The claims of one folder: the first, and behind each dead one the file named after it, which took its place. The last one counts.</summary>
/// <remarks>
/// Every step is the making of a file that must not exist, which one alone achieves, on a network's file system too. No file is replaced,
/// and since ids are random no name comes back: whoever comes late makes a file that hangs on no chain, and sees that.
/// </remarks>
internal sealed class ClaimChain
{
    /// <summary>Name of the first claim's file; those of the others begin with it. Hidden, as it is nobody's result.</summary>
    public const string FileName = ".lcnn-claim";

    private const int MaxLength = 10_000;

    private readonly string _first;
    private readonly List<ClaimFile> _files = [];

    private ClaimChain(string folder)
    {
        _first = Path.Combine(folder, FileName);
        for (var path = _first; _files.Count < MaxLength && ClaimFile.Read(path) is { } file; path = After(file))
        {
            _files.Add(file);
        }
    }

    /// <summary>The claim that counts; null when the folder is free.</summary>
    public ClaimFile? Last => _files is [.., var last] ? last : null;

    public static ClaimChain Read(string folder) => new(folder);

    /// <summary>Puts a claim behind the last one; false when another was faster.</summary>
    public bool TryAppend(Claim claim, out string path)
    {
        path = Last is { } last ? After(last) : _first;
        return ClaimFile.TryCreate(path, claim);
    }

    /// <summary>Whether a file is part of it.</summary>
    public bool Holds(string path) => _files.Exists(file => file.Path == path);

    /// <summary>Frees the folder, which the first file's end does.</summary>
    public void Remove() => _files.ForEach(file => File.Delete(file.Path));

    private string After(ClaimFile file) => $"{_first}.{file.Id}";
}
