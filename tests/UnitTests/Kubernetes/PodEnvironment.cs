using System.Globalization;
using k8s.Models;

namespace Lcnn.Distributed.UnitTests.Kubernetes;

/// <summary>What a kubelet makes of a container's variables and arguments, for a process on this machine whose folders lie under one root.</summary>
/// <param name="container">The container.</param>
/// <param name="address">Of the pod.</param>
/// <param name="name">Of the pod.</param>
/// <param name="root">Stands for the container's root folder.</param>
internal sealed class PodEnvironment(V1Container container, string address, string name, string root)
{
    /// <summary>Every variable; one may name those before it.</summary>
    public IReadOnlyDictionary<string, string> Variables => Expand();

    /// <summary>The arguments, with the process's own folders.</summary>
    public IReadOnlyList<string> Arguments => [.. container.Args.Select(Place)];

    /// <summary>Where a path of the container lies.</summary>
    public string Place(string text) => container.VolumeMounts.Aggregate(text, (placed, mount) => Replace(placed, mount.MountPath));

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

    private string Replace(string text, string folder)
    {
        var at = text.IndexOf(folder, StringComparison.Ordinal);
        if (at < 0 || (at > 0 && char.IsAsciiLetterOrDigit(text[at - 1])) || (at + folder.Length < text.Length && text[at + folder.Length] is not ('/' or '&' or ',')))
        {
            return text;
        }

        Directory.CreateDirectory(root + folder);
        return string.Create(CultureInfo.InvariantCulture, $"{text[..at]}{root}{folder}{Replace(text[(at + folder.Length)..], folder)}");
    }
}
