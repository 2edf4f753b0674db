using k8s.Models;

namespace Lcnn.Distributed.UnitTests.Kubernetes;

/// <summary>The profile "restricted" of Kubernetes' Pod Security Standards, and what we ask beyond it, pod by pod.</summary>
public sealed class RestrictedProfileTests
{
    private static readonly string[] _allowedVolumes = ["configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"];

    public static TheoryData<string> Renderings => [.. Manifest.All];

    [Theory]
    [MemberData(nameof(Renderings))]
    public async Task Pods_OfARendering_AreRestricted(string what)
    {
        var pods = (await Manifest.RenderAsync(what)).Where(manifest => manifest.IsBuiltIn).Select(manifest => PodOf(manifest.Parse())).OfType<V1PodSpec>().ToList();

        Assert.NotEmpty(pods);
        Assert.All(pods, CheckPod);
    }

    [Fact]
    public async Task Namespace_EnforcesTheProfile()
    {
        var labels = (await Manifest.FindAsync<V1Namespace>("overlays/cpu", "lcnn")).Metadata.Labels;

        Assert.Equal(["restricted", "restricted", "restricted"], new[] { "enforce", "audit", "warn" }.Select(mode => labels[$"pod-security.kubernetes.io/{mode}"]));
    }

    private static void CheckPod(V1PodSpec pod)
    {
        Assert.NotEqual(true, pod.HostNetwork);
        Assert.NotEqual(true, pod.HostPID);
        Assert.NotEqual(true, pod.HostIPC);
        Assert.Equal((false, false, "lcnn"), (pod.AutomountServiceAccountToken, pod.EnableServiceLinks, pod.ServiceAccountName));
        Assert.Equal((true, 65532L, 65532L, 65532L), (pod.SecurityContext.RunAsNonRoot, pod.SecurityContext.RunAsUser, pod.SecurityContext.RunAsGroup, pod.SecurityContext.FsGroup));
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.All(pod.Volumes, volume => Assert.Contains(KindOf(volume), _allowedVolumes));
        Assert.All((pod.InitContainers ?? []).Concat(pod.Containers), container =>
        {
            var security = container.SecurityContext;
            Assert.Equal((false, true, null), (security.AllowPrivilegeEscalation, security.ReadOnlyRootFilesystem, security.Privileged));
            Assert.Equal(["ALL"], security.Capabilities.Drop);
            Assert.Null(security.Capabilities.Add);
            Assert.All(container.Ports ?? [], port => Assert.Null(port.HostPort));
            Assert.False(container.Resources.Limits.ContainsKey("cpu")); // would only slow it down
            Assert.True(container.Resources.Limits.ContainsKey("memory") && container.Resources.Requests.ContainsKey("cpu"));
            Assert.All(container.VolumeMounts.Where(mount => mount.MountPath.StartsWith("/etc/", StringComparison.Ordinal)), mount => Assert.True(mount.ReadOnlyProperty));
            Assert.All(container.VolumeMounts, mount => Assert.Contains(pod.Volumes.Select(volume => volume.Name).Append("data"), name => name == mount.Name));
        });
    }

    private static string KindOf(V1Volume volume) =>
        volume.ConfigMap is not null ? "configMap" : volume.EmptyDir is not null ? "emptyDir" : volume.PersistentVolumeClaim is not null ? "persistentVolumeClaim"
        : volume.Projected is not null ? "projected" : volume.Secret is not null ? "secret" : "another";

    private static V1PodSpec? PodOf(object parsed) => parsed switch
    {
        V1Deployment deployment => deployment.Spec.Template.Spec,
        V1StatefulSet set => set.Spec.Template.Spec,
        V1Job job => job.Spec.Template.Spec,
        V1DaemonSet or V1CronJob or V1Pod or V1ReplicaSet => throw new NotSupportedException($"{parsed.GetType().Name} is not looked at yet"),
        _ => null,
    };
}
