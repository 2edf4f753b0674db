using System.Globalization;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>Problems found so far, each at the path it has in a sweep file.</summary>
internal sealed class ProblemList
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(365);

    private readonly List<SpecProblem> _problems = [];

    public IReadOnlyList<SpecProblem> All => _problems;

    public void Add(string path, string message) => _problems.Add(new SpecProblem(path, message));

    public bool Known(string path, string what, string? value, IReadOnlyList<string> known)
    {
        if (value is not null && known.Contains(value))
        {
            return true;
        }

        Add(path, Spelling.Unknown(what, value, known));
        return false;
    }

    public void Within(string path, long? value, long minimum, long maximum = long.MaxValue)
    {
        if (value < minimum || value > maximum)
        {
            Add(path, maximum == long.MaxValue
                ? $"expected at least {minimum}, got {value}"
                : $"expected a whole number from {minimum} up to {maximum}, got {value}");
        }
    }

    public void Duration(string path, TimeSpan? value)
    {
        if (value <= TimeSpan.Zero || value > _longest)
        {
            Add(path, string.Create(CultureInfo.InvariantCulture, $"expected a time above zero up to {_longest.TotalDays} days, got {value}"));
        }
    }
}
