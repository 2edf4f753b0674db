using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>The parameters of a sweep with their conditions: every one after those it depends on, otherwise in the file's order.</summary>
public sealed class SearchSpace
{
    /// <summary>Orders the parameters.</summary>
    /// <exception cref="ArgumentException">A condition names no parameter, or conditions go round in a circle.</exception>
    public SearchSpace(IReadOnlyList<ParameterSpec> parameters)
    {
        Parameters = Order(parameters, out var unordered);
        if (unordered.Count > 0)
        {
            throw new ArgumentException($"conditions that can never be decided: {string.Join(", ", unordered.Select(parameter => parameter.Name))}", nameof(parameters));
        }
    }

    /// <summary>The parameters, parents first.</summary>
    public IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>Whether a parameter is part of a trial, by those chosen before it.</summary>
    public static bool IsActive(ParameterSpec parameter, IReadOnlyDictionary<string, OptionValue> chosen) =>
        parameter.When.All(condition =>
            chosen.TryGetValue(condition.Parameter, out var value) && condition.Values.Any(wanted => IsSame(wanted, value)));

    /// <summary>Whether two values mean the same: 64 and 64.0 do, 2^53 and 2^53 + 1 do not.</summary>
    public static bool IsSame(OptionValue left, OptionValue right) =>
        left.Whole is not null || right.Whole is not null ? left.AsWhole is { } whole && whole == right.AsWhole : left == right;

    /// <summary>
    /// Every cell of the grid once: the first parameter changes slowest. A parameter whose condition does not hold is left out, so that
    /// no two cells are the same trial.
    /// </summary>
    public IEnumerable<ParameterSet> Cells() => Cells(ParameterPoints.Of);

    /// <summary>The cells over chosen points of every parameter.</summary>
    internal IEnumerable<ParameterSet> Cells(Func<ParameterSpec, IReadOnlyList<OptionValue>> pointsOf)
    {
        var points = Parameters.Select(pointsOf).ToArray();
        return Cells(points, [], []);
    }

    internal static IReadOnlyList<ParameterSpec> Order(IReadOnlyList<ParameterSpec> parameters, out IReadOnlyList<ParameterSpec> unordered)
    {
        List<ParameterSpec> left = [.. parameters], ordered = [];
        var known = new HashSet<string>();
        while (left.FindIndex(parameter => parameter.When.All(condition => known.Contains(condition.Parameter))) is var next and >= 0)
        {
            ordered.Add(left[next]);
            known.Add(left[next].Name);
            left.RemoveAt(next);
        }

        unordered = left;
        return ordered;
    }

    private IEnumerable<ParameterSet> Cells(
        IReadOnlyList<OptionValue>[] points, List<KeyValuePair<string, OptionValue>> path, Dictionary<string, OptionValue> chosen, int depth = 0)
    {
        if (depth == Parameters.Count)
        {
            yield return new ParameterSet(path);
            yield break;
        }

        var parameter = Parameters[depth];
        if (!IsActive(parameter, chosen))
        {
            foreach (var cell in Cells(points, path, chosen, depth + 1))
            {
                yield return cell;
            }

            yield break;
        }

        foreach (var point in points[depth])
        {
            path.Add(new(parameter.Name, point));
            chosen[parameter.Name] = point;
            foreach (var cell in Cells(points, path, chosen, depth + 1))
            {
                yield return cell;
            }

            path.RemoveAt(path.Count - 1);
            chosen.Remove(parameter.Name);
        }
    }
}
