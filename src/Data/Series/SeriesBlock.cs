namespace Lcnn.Distributed.Data.Series;

/// <summary>A stretch of a run's history, stored at once: steps with a value for each name, and what happened beside them.</summary>
public sealed record SeriesBlock
{
    /// <summary>The run that made it.</summary>
    public string RunId { get; init; } = "";

    /// <summary>Number of the newest event of the run's log in it: where to go on from.</summary>
    public long LastSequence { get; init; }

    /// <summary>Names of the values.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Steps done, ascending.</summary>
    public IReadOnlyList<long> Steps { get; init; } = [];

    /// <summary>When each was logged, in milliseconds since 1970.</summary>
    public IReadOnlyList<long> Times { get; init; } = [];

    /// <summary>By name and by step; NaN where there is none.</summary>
    public IReadOnlyList<float[]> Values { get; init; } = [];

    /// <summary>What else happened, in order.</summary>
    public IReadOnlyList<SeriesNote> Notes { get; init; } = [];

    /// <summary>The place of a value among <see cref="Values"/>; negative where the block does not have it.</summary>
    public int ColumnOf(string name) => Names.ToList().IndexOf(name);

    /// <summary>What of it came after one step and not after another.</summary>
    /// <param name="after">Steps up to this one are left out; notes beside it are not.</param>
    /// <param name="last">Steps and notes beyond this one are left out.</param>
    public SeriesBlock Within(long after, long last)
    {
        var (first, end) = (CountUpTo(after), CountUpTo(last));
        return first == 0 && end == Steps.Count && Notes.All(note => note.Step <= last) ? this : this with
        {
            Steps = [.. Steps.Take(first..end)],
            Times = [.. Times.Take(first..end)],
            Values = [.. Values.Select(values => values[first..Math.Max(first, end)])],
            Notes = [.. Notes.Where(note => note.Step <= last)],
        };
    }

    private int CountUpTo(long step)
    {
        var (low, high) = (0, Steps.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Steps[middle] <= step ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}

/// <summary>Something that happened to a run beside its steps.</summary>
/// <param name="Step">Steps done by then.</param>
/// <param name="Json">What.</param>
public readonly record struct SeriesNote(long Step, string Json);
