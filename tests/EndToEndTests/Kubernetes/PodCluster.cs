using System.Diagnostics;
using System.Text.RegularExpressions;
using k8s.Models;
using Lcnn.Distributed.EndToEndTests.Clusters;
using Lcnn.Distributed.EndToEndTests.Networks;
using Lcnn.Distributed.UnitTests.Kubernetes;

namespace Lcnn.Distributed.EndToEndTests.Kubernetes;

/// <summary>A cluster of processes, each on a host with an address of its own, started from what an overlay and a Job say and nothing else; secrets are made as k8s/README.md says.</summary>
internal sealed partial class PodCluster : IAsyncDisposable
{
    private const string Redis = "redis";
    private const string Launcher = "launcher";

    private readonly TemporaryFolder _root = new();
    private readonly TestNetwork _network;
    private readonly string _overlay;
    private readonly ContainerImage? _image; // null where silos are plain processes
    private readonly Dictionary<string, LcnnProcess> _silos = [];
    private Process? _redis;

    private PodCluster(TestNetwork network, string overlay, ContainerImage? image) => (_network, _overlay, _image) = (network, overlay, image);

    /// <summary>The volume that all silos see.</summary>
    public string Runs => _root["silo/runs"];

    /// <summary>Starts the Redis, and no silo yet; those are plain processes.</summary>
    public static Task<PodCluster> StartAsync(string overlay, params IReadOnlyList<string> pods) => StartAsync(overlay, image: null, pods);

    /// <summary>As the other, with silos in containers of an image.</summary>
    public static async Task<PodCluster> StartAsync(string overlay, ContainerImage? image, params IReadOnlyList<string> pods)
    {
        RedisServer.SkipUnlessInstalled();
        ExternalTool.Kubectl.SkipUnlessInstalled();
        var cluster = new PodCluster(TestNetwork.Create([Redis, Launcher, .. pods]), $"overlays/{overlay}", image);
        try
        {
            await cluster.MakeSecretsAsync();
            await cluster.StartRedisAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a pod of the Deployment and waits until its silo takes part.</summary>
    public async Task<LcnnProcess> StartSiloAsync(string pod)
    {
        var container = (await Manifest.FindAsync<V1Deployment>(_overlay, "lcnn-silo")).Spec.Template.Spec.Containers.Single();
        var environment = new PodEnvironment(container, _network.AddressOf(pod), pod, _image is null ? _root["silo"] : null);
        IReadOnlyList<string> arguments = [.. environment.Arguments, "--json"];
        var silo = _image is null ? Start(pod, environment, arguments)
            : LcnnProcess.StartLine(_image.RunLine(ContainerOf(pod), _network.On(pod)[^1], Hosts, container, environment, Volumes(container), arguments), _root.Path);
        _silos[pod] = silo;
        await silo.WaitForEventAsync("ready");
        return silo;
    }

    /// <summary>Name of a pod's container.</summary>
    public static string ContainerOf(string pod) => $"lcnn-{Environment.ProcessId}-{pod}";

    /// <summary>Starts a pod of a Job that launches a run, with other arguments behind <c>train</c>.</summary>
    public async Task<LcnnProcess> LaunchAsync(params IReadOnlyList<string> arguments)
    {
        var container = (await Manifest.FindAsync<V1Job>("jobs/train", "lcnn-train")).Spec.Template.Spec.Containers.Single();
        return Start(Launcher, new PodEnvironment(container, _network.AddressOf(Launcher), Launcher, _root[Launcher]), ["train", "--json", .. arguments]);
    }

    /// <summary>Ends a pod as a rollout does; its silo has to leave in time, by itself.</summary>
    public async Task DeleteAsync(string pod)
    {
        _silos.Remove(pod, out var silo);
        silo!.SendTerminate();
        Assert.True(await silo.WaitForExitAsync() == 0, $"{pod}: {silo}");
        await silo.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (pod, silo) in _silos)
        {
            await (_image?.RemoveAsync(ContainerOf(pod)) ?? Task.CompletedTask);
            await silo.DisposeAsync();
        }

        if (_redis is not null)
        {
            _redis.Kill();
            await _redis.WaitForExitAsync();
            _redis.Dispose();
        }

        await _network.DisposeAsync();
        _root.Dispose();
    }

    private Dictionary<string, string> Hosts => new() { ["lcnn-redis"] = _network.AddressOf(Redis) };

    // Secrets and what pods share; the rest is empty.
    private Dictionary<string, string> Volumes(V1Container container) =>
        container.VolumeMounts.Where(mount => mount.MountPath != "/tmp").ToDictionary(mount => mount.MountPath, mount => _root.Make($"silo{mount.MountPath}"));

    // What a service's name stands for.
    private string Resolve(string text) => text
        .Replace("@lcnn-redis:", $"@{_network.AddressOf(Redis)}:", StringComparison.Ordinal)
        .Replace("lcnn-gateway:30000", string.Join(',', _silos.Keys.Select(pod => $"{_network.AddressOf(pod)}:30000")), StringComparison.Ordinal);

    private LcnnProcess Start(string host, PodEnvironment environment, IReadOnlyList<string> arguments) => LcnnProcess.StartOn(
        _network.On(host), _root.Path, arguments, [.. environment.Variables.Select(variable => (variable.Key, Resolve(variable.Value)))]);

    // Each lies where its pods would have it: the silos in a root of their own, and so Redis and launcher.
    private async Task MakeSecretsAsync()
    {
        await LcnnAsync("ca", "init", _root["authority"]);
        await LcnnAsync("ca", "issue", _root["authority"], "--role", "silo", "--out", _root["silo/etc/lcnn/tls"]);
        await LcnnAsync("ca", "issue", _root["authority"], "--role", "operate", "--out", _root["launcher/etc/lcnn/tls"]);
        await LcnnAsync("ca", "init", _root["redis-authority"]);
        await LcnnAsync("ca", "issue", _root["redis-authority"], "--role", "silo", "--name", "lcnn-redis", "--hosts", $"lcnn-redis,{_network.AddressOf(Redis)}", "--out", _root["redis/etc/redis/tls"]);
        _root.Make("silo/etc/lcnn/redis");
        _root.Make("redis/etc/redis/users");
        const string Password = "correct-horse-battery-staple";
        var users = UsersFile().Match(await File.ReadAllTextAsync(Repository.PathOf("k8s", "README.md"))).Groups[1].Value;
        await File.WriteAllTextAsync(_root["redis/etc/redis/users/users.acl"], users.Replace("\\n", "\n", StringComparison.Ordinal).Replace("%s", Password, StringComparison.Ordinal));
        await File.WriteAllTextAsync(_root["silo/etc/lcnn/redis/password"], Password);
        File.Copy(_root["redis/etc/redis/tls/ca.crt"], _root["silo/etc/lcnn/redis/ca.crt"]);
        if (_image is not null)
        {
            _root.Make("silo/runs");
            using var owner = Process.Start("chown", ["-R", "65532:65532", _root["silo"]]); // as fsGroup does
            await owner.WaitForExitAsync();
        }
    }

    private async Task StartRedisAsync()
    {
        var container = (await Manifest.FindAsync<V1StatefulSet>(_overlay, "lcnn-redis")).Spec.Template.Spec.Containers.Single();
        var environment = new PodEnvironment(container, _network.AddressOf(Redis), Redis, _root[Redis]);
        string[] line = [.. _network.On(Redis), .. environment.Arguments];
        var log = new OutputLog(Redis);
        _redis = new Process { StartInfo = new ProcessStartInfo(line[0], line.Skip(1)) { RedirectStandardOutput = true } };
        _redis.OutputDataReceived += (_, line) => log.Add(line.Data);
        _redis.Start();
        _redis.BeginOutputReadLine();
        await log.WaitForAsync(line => line.Contains("Ready to accept connections", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
    }

    private static async Task LcnnAsync(params string[] arguments)
    {
        await using var lcnn = await LcnnProcess.RunAsync(arguments);
        Assert.True(await lcnn.WaitForExitAsync() == 0, $"{lcnn}");
    }

    [GeneratedRegex("printf '([^']*)' \"\\$password\" > users.acl")]
    private static partial Regex UsersFile();
}
