using System.Text.RegularExpressions;
using k8s.Models;

namespace Lcnn.Distributed.UnitTests.Kubernetes;

/// <summary>What a kubelet makes of a container's variables and arguments, for a process on this machine.</summary>
/// <param name="container">The container.</param>
/// <param name="address">Of the pod.</param>
/// <param name="name">Of the pod.</param>
/// <param name="root">Stands for the container's root folder; null for a process that has that for itself.</param>
internal sealed class PodEnvironment(V1Container container, string address, string name, string? root)
{
    // The longest first; each as a whole, at the beginning of a path.
    private readonly string _mounts =
        $"(?<![A-Za-z0-9])(?:{string.Join('|', container.VolumeMounts.Select(mount => mount.MountPath).OrderByDescending(path => path.Length).Select(Regex.Escape))})(?![^/&,])";

    /// <summary>Every variable; one may name those before it.</summary>
    public IReadOnlyDictionary<string, string> Variables => Expand();

    /// <summary>The arguments, with the process's own folders.</summary>
    public IReadOnlyList<string> Arguments => [.. container.Args.Select(Place)];

    /// <summary>A text whose paths of the container's volumes lie under the root, where their folders are made.</summary>
    public string Place(string text) => root is null ? text : Regex.Replace(text, _mounts, mount =>
    {
        Directory.CreateDirectory(root + mount.Value);
        return root + mount.Value;
    });

    private Dictionary<string, string> Expand()
    {
        var values = new Dictionary<string, string>();
        foreach (var variable in container.Env ?? [])
        {
            var value = variable.ValueFrom?.FieldRef.FieldPath switch
            {
                "status.podIP" => address,
                "metadata.name" => name,
                null => values.Aggregate(variable.Value, (text, known) => text.Replace($"$({known.Key})", known.Value, StringComparison.Ordinal)),
                var other => throw new NotSupportedException(other),
            };
            Assert.DoesNotContain("$(", value, StringComparison.Ordinal);
            values.Add(variable.Name, value);
        }

        return values.ToDictionary(pair => pair.Key, pair => Place(pair.Value));
    }
}
