using System.Globalization;
using k8s.Models;
using Lcnn.Distributed.Cli.Commands;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo.Configuration;
using Lcnn.Distributed.UnitTests.Cli;

namespace Lcnn.Distributed.UnitTests.Kubernetes;

/// <summary>What the manifests say of a silo, held to what a silo makes of it: whoever changes either side hears of the other.</summary>
public sealed class SiloManifestTests
{
    private const string Prefix = "LCNN_SILO__";

    // Of the silo's options these are nobody's in a pod: what is not listed here, the manifests say.
    private static readonly string[] _leftToDefaults = ["--insecure", "--keep-steps", "--keep-trial-steps", "--primary-port", "--stall-timeout"];

    // What Orleans' own goodbye and a loaded node may take besides.
    private static readonly TimeSpan _slack = TimeSpan.FromSeconds(15);

    public static TheoryData<string> Overlays => [.. Manifest.Overlays.Select(overlay => $"overlays/{overlay}"), "components"];

    [Fact]
    public async Task Variables_OfAllOverlays_AreTheSilosOptions()
    {
        var set = new HashSet<string>();
        foreach (var what in new[] { "overlays/cpu", "overlays/gpu", "overlays/dev", "components" })
        {
            set.UnionWith((await SiloAsync(what)).Env.Select(variable => variable.Name).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)));
        }

        var options = new SiloSwitches().Configurable.Where(option => option.Name != ClusterOption.Name).Select(option => option.Name).Except(_leftToDefaults);

        Assert.Equal(options.Select(name => Prefix + name[2..].ToUpperInvariant().Replace('-', '_')).Order(StringComparer.Ordinal), set.Order(StringComparer.Ordinal));
    }

    /// <summary>The variables go through the program's own reading of them.</summary>
    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Silo_StartedFromTheVariables_IsWhatTheManifestSays(string what)
    {
        var pod = (await Manifest.FindAsync<V1Deployment>(what, "lcnn-silo")).Spec.Template.Spec;
        var silo = pod.Containers.Single();
        using var cli = new CliHarness();
        cli.Silo.Fault = "seen";
        var environment = new PodEnvironment(silo, "10.1.2.3", "a-pod", cli.Folder);
        foreach (var (name, value) in environment.Variables)
        {
            cli.Variables[name] = value;
        }

        await cli.RunAsync(environment.Arguments);

        Assert.True(cli.Silo.Request is not null, cli.Error);
        var options = cli.Silo.Options;
        Assert.Equal(
            [("gateway", options.GatewayPort), ("http", options.HttpPort!.Value), ("silo", options.SiloPort), ("stream", options.UsedStreamPort)],
            silo.Ports.Select(port => (port.Name, port.ContainerPort)).Order());
        Assert.Equal(new SiloOptions() is var usual ? (usual.SiloPort, usual.GatewayPort, usual.UsedStreamPort) : default, (options.SiloPort, options.GatewayPort, options.UsedStreamPort));
        Assert.Equal(("a-pod", "10.1.2.3"), (options.Name, options.AdvertisedAddress));
        Assert.Equal((false, Path.Combine(cli.Folder, "runs")), (options.Insecure, options.RunRoots));
        Assert.Equal(Path.Combine(cli.Folder, "etc/lcnn/tls"), options.TlsFolder);
        Assert.Equal((true, true, "lcnn"), (cli.Silo.Request.Address.IsRedis, cli.Silo.Request.Address.IsSecure, cli.Silo.Request.Address.ClusterId));
        var grace = TimeSpan.FromSeconds(pod.TerminationGracePeriodSeconds!.Value);
        var sleep = TimeSpan.FromSeconds(silo.Lifecycle.PreStop.Sleep.Seconds);
        Assert.True(grace >= sleep + options.DrainTimeout + _slack, $"{grace} of grace for {sleep} of sleep and {options.DrainTimeout} of draining");
        Assert.True(sleep > TimeSpan.Zero && options.DrainTimeout > sleep);
        var startup = TimeSpan.FromSeconds((double)(silo.StartupProbe.PeriodSeconds * silo.StartupProbe.FailureThreshold)!);
        Assert.True(TimeSpan.Zero < options.StartTimeout && options.StartTimeout < startup, $"a silo waits {options.StartTimeout} for its Redis, its startup probe {startup} for the silo");
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Slots_OfAProcessor_AreTheCoresThatAreAskedFor(string what)
    {
        var silo = await SiloAsync(what);
        var cores = silo.Resources.Requests["cpu"].ToString();

        Assert.Equal(cores, Value(silo, "DOTNET_PROCESSOR_COUNT"));
        Assert.Equal(silo.Resources.Limits.TryGetValue("nvidia.com/gpu", out var gpus) ? gpus.ToString() : cores, Value(silo, "LCNN_SILO__SLOTS"));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Paths_InVariables_AreMounted(string what)
    {
        var silo = await SiloAsync(what);
        var mounts = silo.VolumeMounts.Select(mount => mount.MountPath).ToList();

        var paths = silo.Env.Where(variable => variable.Value is not null)
            .SelectMany(variable => variable.Value.Split('=', '&', '?').Where(part => part.StartsWith('/') && !part.StartsWith("//", StringComparison.Ordinal))).ToList();

        Assert.True(paths.Count >= 5, string.Join(", ", paths));
        Assert.All(paths, path => Assert.Contains(mounts, mount => path == mount || path.StartsWith($"{mount}/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Probes_AskWhatTheSiloServes()
    {
        var silo = await SiloAsync("overlays/cpu");

        Assert.Equal(
            [("/healthz/live", "http"), ("/healthz/live", "http"), ("/healthz/ready", "http")],
            new[] { silo.StartupProbe, silo.LivenessProbe, silo.ReadinessProbe }.Select(probe => (probe.HttpGet.Path, probe.HttpGet.Port.Value)));
        Assert.Equal("http", (await Manifest.FindAsync<V1Service>("overlays/cpu", "lcnn-silo")).Spec.Ports.Single().TargetPort.Value);
    }

    [Fact]
    public async Task Rollout_OnProcessors_AddsFirstAndOnGpusTakesAwayFirst()
    {
        Assert.Equal(("1", "0"), await StrategyAsync("overlays/cpu"));
        Assert.Equal(("0", "1"), await StrategyAsync("overlays/gpu"));

        static async Task<(string, string)> StrategyAsync(string what) =>
            (await Manifest.FindAsync<V1Deployment>(what, "lcnn-silo")).Spec.Strategy.RollingUpdate is var update ? (update.MaxSurge.Value, update.MaxUnavailable.Value) : default;
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Names_OfWhatOthersNeed_AreThere(string what)
    {
        var objects = (await Manifest.RenderAsync(what)).Where(manifest => manifest.IsBuiltIn).Select(manifest => manifest.Parse()).ToList();
        var pods = objects.OfType<V1Deployment>().Select(deployment => deployment.Spec.Template).Concat(objects.OfType<V1StatefulSet>().Select(set => set.Spec.Template)).ToList();
        var claims = objects.OfType<V1PersistentVolumeClaim>().Select(claim => claim.Metadata.Name).ToList();
        var documented = await File.ReadAllTextAsync(Repository.PathOf("k8s", "README.md"), TestContext.Current.CancellationToken);

        Assert.All(pods.SelectMany(pod => pod.Spec.Volumes), volume =>
        {
            Assert.True(volume.PersistentVolumeClaim is null || claims.Contains(volume.PersistentVolumeClaim.ClaimName));
            var secrets = (volume.Projected?.Sources ?? []).Select(source => source.Secret.Name).Append(volume.Secret?.SecretName).OfType<string>();
            Assert.All(secrets, secret => Assert.Contains($"`{secret}`", documented, StringComparison.Ordinal));
        });
        Assert.All(pods, pod => Assert.Equal("lcnn", Assert.Single(objects.OfType<V1ServiceAccount>()).Metadata.Name));
        var selectors = objects.OfType<V1Service>().Select(service => service.Spec.Selector)
            .Concat(objects.OfType<V1PodDisruptionBudget>().Select(budget => budget.Spec.Selector.MatchLabels));
        Assert.All(selectors, selector => Assert.Contains(pods, pod => selector.All(label => pod.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value)));
        Assert.All(selectors, selector => Assert.DoesNotContain("app.kubernetes.io/version", selector.Keys)); // what changes is no part of a selector
    }

    [Fact]
    public async Task Redis_KeepsEverythingOrRefuses()
    {
        var redis = await Manifest.FindAsync<V1StatefulSet>("overlays/cpu", "lcnn-redis");
        var container = redis.Spec.Template.Spec.Containers.Single();
        var settings = container.Args.Skip(1).Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        var address = ClusterAddress.Parse(Value(await SiloAsync("overlays/cpu"), "LCNN_CLUSTER")!);

        Assert.Equal(("yes", "always", "noeviction", "0"), (settings["--appendonly"], settings["--appendfsync"], settings["--maxmemory-policy"], settings["--port"]));
        Assert.Equal(settings["--tls-port"], address.Port.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(address.Port, container.Ports.Single().ContainerPort);
        Assert.Equal("lcnn-redis", address.Host);
        Assert.Equal(settings["--dir"], container.VolumeMounts.Single(mount => mount.Name == "data").MountPath);
        Assert.True(1536L * 1024 * 1024 < container.Resources.Limits["memory"].ToInt64());
        Assert.Equal("1536mb", settings["--maxmemory"]);
    }

    private static async Task<V1Container> SiloAsync(string what) => (await Manifest.FindAsync<V1Deployment>(what, "lcnn-silo")).Spec.Template.Spec.Containers.Single();

    private static string? Value(V1Container container, string name) => container.Env.Single(variable => variable.Name == name).Value;
}
