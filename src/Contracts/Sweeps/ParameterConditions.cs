using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>Checks that the conditions of parameters can hold: each by itself, and all that one parameter needs together.</summary>
internal sealed class ParameterConditions(IReadOnlyList<ParameterSpec> parameters, ProblemList problems)
{
    /// <summary>Checks all of them.</summary>
    /// <param name="unsound">Parameters of which nothing can be said, as they are wrong themselves.</param>
    public void Check(IReadOnlySet<string> unsound)
    {
        var before = problems.All.Count;
        foreach (var parameter in parameters)
        {
            foreach (var condition in parameter.When)
            {
                Check($"{PathOf(parameter)}.{condition.Parameter}", condition, unsound);
            }
        }

        CheckCircles();
        if (problems.All.Count == before)
        {
            CheckTogether();
        }
    }

    private void Check(string path, ParameterCondition condition, IReadOnlySet<string> unsound)
    {
        if (Find(condition.Parameter) is not { } parent)
        {
            var hint = Spelling.Hint(condition.Parameter, [.. parameters.Select(other => other.Name)]);
            problems.Add(path, $"expected another parameter of this sweep, got '{condition.Parameter}'{hint}");
        }
        else if (condition.Values.Count == 0)
        {
            problems.Add(path, "expected at least one value");
        }
        else if (parent.Kind == ParameterKind.Values || !unsound.Contains(parent.Name))
        {
            foreach (var value in condition.Values.Where(value => !CanBe(parent, value)))
            {
                problems.Add(path, $"'{parent.Name}' is never {Shown(parent, value)}; {Described(parent)}");
            }
        }
    }

    // A number drawn from all in a range is never exactly one of them.
    private static bool CanBe(ParameterSpec parent, OptionValue value) => parent switch
    {
        { Kind: ParameterKind.Values } => parent.Values.Any(known => SearchSpace.IsSame(known, value)),
        _ when ParameterPoints.IsRestricted(parent) => ParameterPoints.Of(parent).Any(point => SearchSpace.IsSame(point, value)),
        { Kind: ParameterKind.Whole } => value.AsWhole is { } whole && whole >= parent.Low && whole <= parent.High,
        _ => false,
    };

    private static string Described(ParameterSpec parent) => parent switch
    {
        { Kind: ParameterKind.Values } => $"its values are {string.Join(", ", parent.Values)}",
        { Step: { } step } => string.Create(NumberText.Plain, $"it goes from {parent.Low} to {parent.High} in steps of {step}"),
        { Count: not null } => $"its points are {string.Join(", ", ParameterPoints.Of(parent))}",
        { Kind: ParameterKind.Whole } => string.Create(NumberText.Plain, $"it is a whole number in [{parent.Low}, {parent.High}]"),
        _ => string.Create(NumberText.Plain,
            $"it lies in [{parent.Low}, {parent.High}], where one of all numbers is hardly ever drawn; give it 'values', 'step' or 'count'"),
    };

    // "64" beside 64: the quotes say that a text was given.
    private static string Shown(ParameterSpec parent, OptionValue value) =>
        value.Text is { } text && RunSpecOptions.Find(parent.Name)?.Kind != OptionKind.Text ? $"'{text}'" : value.ToString();

    private void CheckCircles()
    {
        SearchSpace.Order(parameters, out var unordered);
        var names = unordered.Select(parameter => parameter.Name).ToHashSet();
        foreach (var parameter in unordered.Where(parameter => parameter.When.All(condition => Find(condition.Parameter) is not null)))
        {
            problems.Add(PathOf(parameter), $"conditions go round in a circle: {string.Join(", ", names)}");
        }
    }

    // What a parameter needs, and what those need that it depends on, has to hold at once.
    private void CheckTogether()
    {
        foreach (var parameter in parameters)
        {
            var needed = new Dictionary<string, IReadOnlyList<OptionValue>>();
            var (left, seen) = (new Queue<ParameterCondition>(parameter.When), new HashSet<string>());
            while (left.TryDequeue(out var condition))
            {
                var values = condition.Values.Where(value => !needed.TryGetValue(condition.Parameter, out var others)
                    || others.Any(other => SearchSpace.IsSame(other, value))).ToList();
                if (values.Count == 0)
                {
                    problems.Add(PathOf(parameter),
                        $"never holds: it needs '{condition.Parameter}' to be {string.Join(" or ", needed[condition.Parameter])} and also {string.Join(" or ", condition.Values)}");
                    break;
                }

                needed[condition.Parameter] = values;
                foreach (var further in seen.Add(condition.Parameter) ? Find(condition.Parameter)!.When : [])
                {
                    left.Enqueue(further);
                }
            }
        }
    }

    private ParameterSpec? Find(string name) => parameters.FirstOrDefault(parameter => parameter.Name == name);

    private static string PathOf(ParameterSpec parameter) => $"parameters.{parameter.Name}.when";
}
