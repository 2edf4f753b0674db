using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Own;

/// <summary>The samples of a set that cannot be used: the first of them by name, then a count.</summary>
internal sealed class BadImages(string path)
{
    private const int Named = 20;

    private readonly List<string> _first = [];
    private int _samples;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Counts a sample that can be used.</summary>
    public void AddGood() => _samples++;

    /// <summary>Adds a sample, in the set's order.</summary>
    public void Add(string name, string reason)
    {
        _samples++;
        if (++Count <= Named)
        {
            _first.Add($"{name}: {reason}");
        }
    }

    /// <summary>Refuses the set if there are any.</summary>
    /// <exception cref="DataFileException">There are.</exception>
    public void ThrowIfAny()
    {
        if (Count > 0)
        {
            throw new DataFileException(
                path, "images that can be used", $"{Count} of {_samples} that cannot: {List}", "Mend or remove them, or leave them out with --skip-bad");
        }
    }

    /// <summary>Says what was left out; null when nothing was.</summary>
    public string? Describe() => Count == 0 ? null : $"{path}: {Count} of {_samples} images are left out: {List}";

    private string List => string.Join("; ", _first) + (Count > Named ? $"; and {Count - Named} more" : "");
}
