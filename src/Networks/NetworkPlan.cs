using System.Globalization;

namespace Lcnn.Distributed.Networks;

/// <summary>A description with its parameters put in: the layers and blocks of one network, in order, with numbers for sizes.</summary>
/// <param name="Name">Of the network.</param>
/// <param name="Style">One of <see cref="NetworkStyles.Names"/>.</param>
/// <param name="Layers">In forward order; lists and repetitions are written out.</param>
public sealed record NetworkPlan(string Name, string Style, IReadOnlyList<PlannedLayer> Layers)
{
    private const int MaxLayers = 10_000;

    /// <summary>Puts parameters into a description.</summary>
    /// <param name="description">The network.</param>
    /// <param name="given">Values that replace defaults.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="kinds">What its entries may be; the built-in kinds if null.</param>
    /// <returns>The plan; null when there are problems.</returns>
    public static (NetworkPlan? Plan, IReadOnlyList<NetworkProblem> Problems) Of(
        NetworkDescription description, IReadOnlyDictionary<string, long> given, int classes, ElementKinds? kinds = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(given);
        kinds ??= ElementKinds.BuiltIn;
        var problems = new List<NetworkProblem>();
        if (description.OwnKinds.Count > 0)
        {
            // Whoever read it may not have known them, and let them pass.
            var (known, refused) = NetworkReader.Read(description.ToJson(), kinds);
            if (known is null)
            {
                return (null, refused);
            }

            description = known;
        }

        var values = new Dictionary<string, long>(description.Parameters) { [NetworkReader.Classes] = classes };
        foreach (var (name, value) in given)
        {
            if (!description.Parameters.ContainsKey(name))
            {
                var hint = Spelling.Hint(name, [.. description.Parameters.Keys]);
                problems.Add(new NetworkProblem($"{NetworkReader.ParametersKey}.{name}", description.Parameters.Count == 0
                    ? $"{description.Name} has no parameters" : $"{description.Name} has the parameters {string.Join(", ", description.Parameters.Keys)}, got '{name}'{hint}"));
            }

            values[name] = value;
        }

        var planner = new Planner(values, problems, kinds);
        planner.Plan(description.Layers, NetworkReader.LayersKey, "");
        if (problems.Count == 0 && planner.Layers is not [.., { Kind: "linear" }])
        {
            problems.Add(new NetworkProblem(NetworkReader.LayersKey, "expected a linear layer with one number a class at the end, such as {linear: {features: classes}}"));
        }

        return (problems.Count == 0 ? new NetworkPlan(description.Name, description.Style, planner.Layers) : null, problems);
    }

    private sealed class Planner(Dictionary<string, long> values, List<NetworkProblem> problems, ElementKinds kinds)
    {
        public List<PlannedLayer> Layers { get; } = [];

        public void Plan(IReadOnlyList<NetworkElement> elements, string where, string path)
        {
            for (var index = 0; index < elements.Count && problems.Count == 0; index++)
            {
                var element = elements[index];
                Plan(element, $"{where}[{index}].{element.Kind}", path.Length == 0 ? $"{index}" : $"{path}.{index}");
            }
        }

        private void Plan(NetworkElement element, string where, string path)
        {
            if (kinds.Find(element.Kind) is not { } kind)
            {
                Add(new PlannedLayer(element.Kind, path, where, element.Arguments)); // let pass
                return;
            }

            var arguments = kind.Arguments.Where(argument => element.Arguments.ContainsKey(argument.Name) || argument.Default is not null)
                .ToDictionary(argument => argument.Name, argument => Value(argument, element.Arguments.GetValueOrDefault(argument.Name) ?? argument.Default!, $"{where}.{argument.Name}"));
            if (problems.Count > 0)
            {
                return;
            }

            if (kind.HasBody)
            {
                PlanBody(element, arguments.GetValueOrDefault("times"), element.Arguments.Count == 0 && kind.Arguments.Count == 0 ? where : $"{where}.{NetworkReader.LayersKey}", path);
            }
            else if (ElementKind.Find(element.Kind) is not null && arguments.Remove("blocks", out var blocks))
            {
                PlanBlocks(element.Kind, arguments, Number(blocks), where, path);
            }
            else
            {
                Add(new PlannedLayer(element.Kind, path, where, arguments));
            }
        }

        private void PlanBody(NetworkElement element, string? times, string where, string path)
        {
            if (times is null)
            {
                Plan(element.Body, where, path);
                return;
            }

            for (var turn = 0L; turn < Number(times) && problems.Count == 0; turn++)
            {
                Plan(element.Body, where, $"{path}.{turn}");
            }
        }

        private void PlanBlocks(string kind, Dictionary<string, string> arguments, long blocks, string where, string path)
        {
            for (var block = 0; block < blocks && problems.Count == 0; block++)
            {
                Add(new PlannedLayer(kind, $"{path}.{block}", where, block == 0 ? arguments : new Dictionary<string, string>(arguments) { ["stride"] = "1" }));
            }
        }

        private void Add(PlannedLayer layer)
        {
            if (Layers.Count == MaxLayers)
            {
                problems.Add(new NetworkProblem(layer.Where, $"expected at most {MaxLayers} layers, got more"));
                return;
            }

            Layers.Add(layer);
        }

        private string Value(ElementArgument argument, string text, string where)
        {
            if (argument.Type != ArgumentType.Size)
            {
                return text;
            }

            var (value, problem) = SizeExpression.Evaluate(text, values);
            if (value < argument.Minimum || value > argument.Maximum)
            {
                var worked = $"{value}" == text ? $"{value}" : $"{text} = {value}";
                problem = string.Create(CultureInfo.InvariantCulture, $"expected a whole number from {argument.Minimum} to {argument.Maximum}, got {worked}");
            }

            if (problem is not null)
            {
                problems.Add(new NetworkProblem(where, problem));
            }

            return string.Create(CultureInfo.InvariantCulture, $"{value}");
        }

        private static long Number(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }
}

/// <summary>A layer or block of a plan.</summary>
/// <param name="Kind">Its <see cref="ElementKind"/>.</param>
/// <param name="Path">Its place in the network, such as "1.0": what its tensors are called by.</param>
/// <param name="Where">Its place in the description, such as "layers[1].residual".</param>
/// <param name="Arguments">What it takes, sizes worked out.</param>
public sealed record PlannedLayer(string Kind, string Path, string Where, IReadOnlyDictionary<string, string> Arguments)
{
    /// <summary>A size; null where it is left to the layer.</summary>
    public int? Size(string name) => Arguments.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>A number.</summary>
    public double? Number(string name) => Arguments.TryGetValue(name, out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>A flag.</summary>
    public bool Flag(string name) => Arguments.GetValueOrDefault(name) == "true";

    /// <summary>A name; null where it is left to the style.</summary>
    public string? Text(string name) => Arguments.GetValueOrDefault(name);
}
