using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>The axis on which a parameter is drawn.</summary>
/// <param name="Scale">"category", "value" or "log".</param>
/// <param name="Categories">The values of a category axis in order; a place on it is an index into them.</param>
internal sealed record ReportAxis(string Name, string Scale, IReadOnlyList<string> Categories)
{
    private readonly List<OptionValue> _values = [];

    /// <summary>The axis of a parameter: by its range, or by the values that it has.</summary>
    public static ReportAxis Create(string name, SweepExport export)
    {
        var spec = export.Spec.Parameters.FirstOrDefault(parameter => parameter.Name == name);
        var seen = export.Trials.Select(trial => trial.Parameters[name]).OfType<OptionValue>().ToArray();
        if (spec is not null && spec.Kind != ParameterKind.Values && seen.All(value => value.AsNumber is not null))
        {
            // one added by hand may lie outside the range, where a logarithm may not exist
            var isLog = (spec.IsLog || spec.Kind == ParameterKind.LogRange) && seen.All(value => value.AsNumber > 0);
            return new ReportAxis(name, isLog ? "log" : "value", []);
        }

        var values = new List<OptionValue>();
        foreach (var value in (spec?.Values ?? []).Concat(seen).Where(value => !values.Exists(known => SearchSpace.IsSame(known, value))))
        {
            values.Add(value);
        }

        if (values.TrueForAll(value => value.AsNumber is not null))
        {
            values.Sort((left, right) => left.AsNumber!.Value.CompareTo(right.AsNumber!.Value));
        }

        var axis = new ReportAxis(name, "category", [.. values.Select(value => value.ToString())]);
        axis._values.AddRange(values);
        return axis;
    }

    /// <summary>Where a value lies on the axis; NaN for none.</summary>
    public double PlaceOf(OptionValue? value) =>
        value is null ? double.NaN
        : Scale == "category" ? _values.FindIndex(known => SearchSpace.IsSame(known, value))
        : value.AsNumber ?? double.NaN;
}
