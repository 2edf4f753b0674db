using k8s.Models;
using YamlDotNet.Core;

namespace Lcnn.Distributed.UnitTests.Kubernetes;

/// <summary>Every object is one that an API server takes as it is written: kustomize and helm themselves look at no field.</summary>
public sealed class StrictParsingTests
{
    public static TheoryData<string> Renderings => [.. Manifest.All, "chart/jobs"];

    [Theory]
    [MemberData(nameof(Renderings))]
    public async Task Objects_OfARendering_HaveKnownFieldsAlone(string what)
    {
        var manifests = await Manifest.RenderAsync(what);

        Assert.NotEmpty(manifests);
        Assert.All(manifests.Where(manifest => manifest.IsBuiltIn), manifest =>
        {
            var parsed = Assert.IsAssignableFrom<k8s.IKubernetesObject<V1ObjectMeta>>(manifest.Parse());
            Assert.Equal(manifest.Name, parsed.Metadata.Name);
            Assert.Equal(parsed is V1Namespace ? null : "lcnn", parsed.Metadata.NamespaceProperty);
            Assert.Equal("lcnn", parsed.Metadata.Labels["app.kubernetes.io/part-of"]);
        });
        Assert.All(manifests.Where(manifest => !manifest.IsBuiltIn), manifest => Assert.Empty(CustomResourceSchema.Of(manifest).Check(YamlJson.Parse(manifest.Yaml))));
    }

    [Fact]
    public async Task Components_Rendered_HaveEveryCustomResource()
    {
        var manifests = await Manifest.RenderAsync("components");

        Assert.Equal(["Certificate", "Issuer", "PrometheusRule", "ServiceMonitor"], manifests.Where(manifest => !manifest.IsBuiltIn).Select(manifest => manifest.Kind).Distinct().Order());
    }

    [Fact]
    public async Task FieldOfNoObject_IsRefused()
    {
        var silo = (await Manifest.RenderAsync("overlays/cpu")).Single(manifest => manifest is { Kind: "Deployment" });
        var monitor = (await Manifest.RenderAsync("components")).Single(manifest => manifest is { Kind: "ServiceMonitor" });

        Assert.Throws<YamlException>(() => (silo with { Yaml = silo.Yaml.Replace("replicas:", "replicaz:", StringComparison.Ordinal) }).Parse());
        Assert.Equal(
            [".spec.endpoints[0].intervall: unknown field", ".spec.selector: missing", ".spec.selektor: unknown field"],
            CustomResourceSchema.Of(monitor).Check(YamlJson.Parse(monitor.Yaml.Replace("interval:", "intervall:", StringComparison.Ordinal).Replace("selector:", "selektor:", StringComparison.Ordinal))).Order());
    }
}
