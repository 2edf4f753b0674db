using System.Collections.Concurrent;
using k8s;

namespace Lcnn.Distributed.UnitTests.Kubernetes;

/// <summary>What kustomize or helm makes of <c>k8s/</c>: one object, as text.</summary>
internal sealed record Manifest(string ApiVersion, string Kind, string Name, string Yaml)
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyList<Manifest>>>> _rendered = new();

    public static IReadOnlyList<string> Overlays { get; } = ["cpu", "gpu", "dev"];

    /// <summary>Every way in which objects are made, in the words of <see cref="RenderAsync"/>.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Overlays.Select(overlay => $"overlays/{overlay}"), "components", "jobs/train", "jobs/sweep", .. Overlays.Select(overlay => $"chart/{overlay}"), "chart/components"];

    /// <summary>Whether Kubernetes knows the kind without being taught.</summary>
    public bool IsBuiltIn => !ApiVersion.Contains("monitoring.coreos.com", StringComparison.Ordinal) && !ApiVersion.Contains("cert-manager.io", StringComparison.Ordinal);

    /// <summary>The object as Kubernetes' own parser takes it, unknown fields refused.</summary>
    public object Parse() => Assert.Single(KubernetesYaml.LoadAllFromString(Yaml, typeMap: null, strict: true));

    /// <summary>As <see cref="Parse"/>, of a kind.</summary>
    public T Parse<T>() => Assert.IsType<T>(Parse());

    /// <summary>Renders once for all tests: a folder of <c>k8s/</c>, "components" (the overlay cpu with all of them), or the chart with the values of "chart/cpu" and so on.</summary>
    public static Task<IReadOnlyList<Manifest>> RenderAsync(string what) => _rendered.GetOrAdd(what, _ => new(() => MakeAsync(what))).Value;

    /// <summary>The one object of a kind and name.</summary>
    public static async Task<T> FindAsync<T>(string what, string name) =>
        Assert.Single((await RenderAsync(what)).Where(manifest => manifest.Name == name && manifest.IsBuiltIn).Select(manifest => manifest.Parse()).OfType<T>());

    private static async Task<IReadOnlyList<Manifest>> MakeAsync(string what) => Split(what switch
    {
        "components" => await RenderComponentsAsync(),
        "chart/components" => await RenderChartAsync("--set", "monitoring.serviceMonitor=true,monitoring.rules=true,monitoring.dashboard=true,kueue=lcnn,certManager=true,clientTokens=true,downloads=true"),
        "chart/jobs" => await RenderChartAsync("--set", "train.enabled=true,sweep.enabled=true"),
        "chart/cpu" => await RenderChartAsync(),
        _ when what.StartsWith("chart/", StringComparison.Ordinal) => await RenderChartAsync("-f", $"k8s/chart/values-{what["chart/".Length..]}.yaml"),
        _ => await ExternalTool.Kubectl.RunAsync("kustomize", $"k8s/{what}"),
    });

    private static Task<string> RenderChartAsync(params IReadOnlyList<string> values) =>
        ExternalTool.Helm.RunAsync(["template", "lcnn", "k8s/chart", "--namespace", "lcnn", .. values]);

    // Bases and components are named by relative paths, so that the overlay lies beside them.
    private static async Task<string> RenderComponentsAsync()
    {
        var folder = Directory.CreateTempSubdirectory("lcnn-overlay-").FullName;
        try
        {
            string PathTo(string target) => Path.GetRelativePath(folder, Repository.PathOf("k8s", target));
            var components = Directory.GetDirectories(Repository.PathOf("k8s", "components")).Select(component => $"components/{Path.GetFileName(component)}").Append("monitoring");
            await File.WriteAllTextAsync(
                Path.Combine(folder, "kustomization.yaml"),
                $"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [{PathTo("overlays/cpu")}]\ncomponents: [{string.Join(", ", components.Select(PathTo))}]\n");
            return await ExternalTool.Kubectl.RunAsync("kustomize", folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static List<Manifest> Split(string text) =>
    [
        .. text.Split("---\n").Select(part => part.Trim()).Where(part => part.Contains("kind:", StringComparison.Ordinal)).Select(part =>
        {
            var json = YamlJson.Parse(part);
            return new Manifest(json["apiVersion"]!.GetValue<string>(), json["kind"]!.GetValue<string>(), json["metadata"]!["name"]!.GetValue<string>(), part);
        }),
    ];
}
