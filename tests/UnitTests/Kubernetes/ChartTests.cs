using System.Text.Json.Nodes;

namespace Lcnn.Distributed.UnitTests.Kubernetes;

/// <summary>The chart reads the files that kustomize reads, and fills them with values of its own: what comes out is the same.</summary>
public sealed class ChartTests
{
    public static TheoryData<string, string> Pairs => new()
    {
        { "chart/cpu", "overlays/cpu" },
        { "chart/gpu", "overlays/gpu" },
        { "chart/dev", "overlays/dev" },
        { "chart/components", "components" },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Chart_Rendered_HasTheOverlaysObjects(string chart, string overlay) =>
        AssertSame(await Manifest.RenderAsync(overlay), await Manifest.RenderAsync(chart));

    [Fact]
    public async Task Chart_WithJobs_HasThoseOfTheFolder()
    {
        var cluster = (await Manifest.RenderAsync("chart/cpu")).Select(manifest => (manifest.Kind, manifest.Name)).ToHashSet();
        var jobs = (await Manifest.RenderAsync("chart/jobs")).Where(manifest => !cluster.Contains((manifest.Kind, manifest.Name)));

        AssertSame([.. await Manifest.RenderAsync("jobs/train"), .. await Manifest.RenderAsync("jobs/sweep")], [.. jobs]);
    }

    [Fact]
    public async Task Chart_Linted_IsWithoutFault() =>
        Assert.Contains("1 chart(s) linted, 0 chart(s) failed", await ExternalTool.Helm.RunAsync("lint", "k8s/chart"), StringComparison.Ordinal);

    // The namespace is there before a release is.
    private static void AssertSame(IReadOnlyList<Manifest> expected, IReadOnlyList<Manifest> actual)
    {
        var (one, other) = (ByName(expected), ByName(actual));
        Assert.Equal(one.Keys, other.Keys);
        Assert.All(one.Keys, name => Assert.Equal(one[name], other[name]));
    }

    private static SortedDictionary<string, string> ByName(IEnumerable<Manifest> manifests) =>
        new(manifests.Where(manifest => manifest.Kind != "Namespace").ToDictionary(manifest => $"{manifest.Kind} {manifest.Name}", manifest => Ordered(YamlJson.Parse(manifest.Yaml))!.ToJsonString()), StringComparer.Ordinal);

    // Neither fields nor what has a name (variables, volumes) have an order that counts here.
    private static JsonNode? Ordered(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, Ordered(field.Value)))),
        JsonArray items => new JsonArray([.. items.OrderBy(item => (item as JsonObject)?["name"]?.GetValue<string>(), StringComparer.Ordinal).Select(Ordered)]),
        _ => node?.DeepClone(),
    };
}
