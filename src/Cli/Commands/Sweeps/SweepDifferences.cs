using System.Text.Json;
using System.Text.Json.Nodes;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Commands.Sweeps;

/// <summary>Where a sweep file says something else than the sweep that was started, by the names of the file.</summary>
internal static class SweepDifferences
{
    private static readonly Dictionary<string, string> _names = new() { ["goals"] = "goal", ["outputDirectory"] = "out" };

    public static IReadOnlyList<string> Of(SweepSpec made, SweepSpec now) =>
    [
        .. RunSpecOptions.All
            .Select(option => ($"base.{option.Name}", option.Get(made.Base)?.ToString() ?? "not given", option.Get(now.Base)?.ToString() ?? "not given"))
            .Concat(Json(made).Select(item => (_names.GetValueOrDefault(item.Key, item.Key), Text(item.Value), Text(Json(now)[item.Key]))))
            .Where(pair => pair.Item2 != pair.Item3)
            .Select(pair => $"{pair.Item1} was {pair.Item2}, now {pair.Item3}"),
    ];

    // The base is compared option by option.
    private static JsonObject Json(SweepSpec spec)
    {
        var json = JsonSerializer.SerializeToNode(spec, RunEventJson.Options)!.AsObject();
        json.Remove("base");
        json.Remove("baseOptions");
        return json;
    }

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "not given";
}
