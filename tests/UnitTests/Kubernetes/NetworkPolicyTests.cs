using k8s.Models;

namespace Lcnn.Distributed.UnitTests.Kubernetes;

/// <summary>Who may talk to whom.</summary>
public sealed class NetworkPolicyTests
{
    private static readonly (string From, string To, int Port)[] _allowed =
    [
        ("launcher", "silo", 30000),
        ("namespace monitoring", "silo", 8080),
        ("silo", "redis", 6379),
        ("silo", "silo", 11111),
        ("silo", "silo", 11112),
        ("silo", "silo", 30000),
    ];

    [Fact]
    public async Task Policies_OfTheCluster_LetThroughWhatIsNeededAndNothingElse()
    {
        var policies = (await Manifest.RenderAsync("overlays/cpu")).Where(manifest => manifest.Kind == "NetworkPolicy").Select(manifest => manifest.Parse<V1NetworkPolicy>()).ToList();

        var everyone = Assert.Single(policies, policy => policy.Metadata.Name == "lcnn-default-deny").Spec;
        Assert.Null(everyone.PodSelector.MatchLabels);
        Assert.Equal(["Egress", "Ingress"], everyone.PolicyTypes.Order());
        Assert.True(everyone.Ingress is null && everyone.Egress is null);
        Assert.Equal(_allowed, policies.SelectMany(Incoming).Order());
        // Both sides have to allow it; whoever scrapes is not ours.
        Assert.Equal(_allowed.Where(way => !way.From.StartsWith("namespace", StringComparison.Ordinal)), policies.SelectMany(Outgoing).Order());
    }

    [Fact]
    public async Task Ports_OfPolicies_AreThoseOfThePods()
    {
        var silo = (await Manifest.FindAsync<V1Deployment>("overlays/cpu", "lcnn-silo")).Spec.Template.Spec.Containers.Single();
        var redis = (await Manifest.FindAsync<V1StatefulSet>("overlays/cpu", "lcnn-redis")).Spec.Template.Spec.Containers.Single();

        Assert.Equal(silo.Ports.Select(port => port.ContainerPort).Order(), _allowed.Where(way => way.To == "silo").Select(way => way.Port).Distinct().Order());
        Assert.Equal(redis.Ports.Select(port => port.ContainerPort), _allowed.Where(way => way.To == "redis").Select(way => way.Port));
    }

    private static IEnumerable<(string, string, int)> Incoming(V1NetworkPolicy policy) =>
        from rule in policy.Spec.Ingress ?? []
        from peer in rule.FromProperty
        from port in rule.Ports
        select (Name(peer), Component(policy.Spec.PodSelector), PortOf(port));

    private static IEnumerable<(string, string, int)> Outgoing(V1NetworkPolicy policy) =>
        from rule in policy.Spec.Egress ?? []
        from peer in rule.To
        where peer.PodSelector is not null // DNS is elsewhere
        from port in rule.Ports
        select (Component(policy.Spec.PodSelector), Name(peer), PortOf(port));

    private static string Name(V1NetworkPolicyPeer peer) =>
        peer.PodSelector is { } pods ? Component(pods) : $"namespace {peer.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]}";

    private static string Component(V1LabelSelector selector) => selector.MatchLabels["app.kubernetes.io/component"];

    private static int PortOf(V1NetworkPolicyPort port) => int.Parse(port.Port.Value, System.Globalization.CultureInfo.InvariantCulture);
}
