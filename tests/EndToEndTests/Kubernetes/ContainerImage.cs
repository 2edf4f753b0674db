using k8s.Models;
using Lcnn.Distributed.UnitTests.Kubernetes;

namespace Lcnn.Distributed.EndToEndTests.Kubernetes;

/// <summary>The image of the Dockerfile, built and run without a daemon; Debian's packages take the place of the public images that it is based on.</summary>
internal sealed class ContainerImage
{
    private const string Name = "localhost/lcnn:cpu";
    private const string Base = "localhost/lcnn-base";
    private const string Sdk = "localhost/lcnn-sdk";
    private const string User = "65532:65532";
    private const string Packages = "/packages"; // in the image that builds

    /// <summary>Where the image that builds has the SDK.</summary>
    public const string SdkFolder = "/usr/share/dotnet";

    private static readonly ExternalTool _debootstrap = Package("debootstrap");
    private static readonly ExternalTool _buildah = Package("buildah");
    private static readonly ExternalTool _podman = Package("podman");
    private static readonly ExternalTool _crun = Package("crun");

    private static readonly string _folder = Repository.PathOf("artifacts", "image");
    private readonly string[] _store = ["--root", Path.Combine(_folder, "storage"), "--runroot", Path.Combine(_folder, "run")];

    private ContainerImage()
    {
    }

    /// <summary>Builds it from this checkout, or skips the test; some minutes.</summary>
    public static async Task<ContainerImage> BuildAsync()
    {
        foreach (var tool in new[] { _debootstrap, _buildah, _podman, _crun })
        {
            tool.SkipUnlessInstalled();
        }

        Assert.SkipUnless(Environment.IsPrivilegedProcess, "root file systems are made by root");
        var image = new ContainerImage();
        await image.MakeAsync();
        return image;
    }

    /// <summary>What the image says of itself.</summary>
    public Task<string> LabelsAsync() => _podman.RunAsync([.. _store, "image", "inspect", "--format", "{{json .Labels}}", Name]);

    /// <summary>Id of a running container's first process.</summary>
    public async Task<int> ProcessAsync(string container) =>
        int.Parse(await _podman.RunAsync([.. _store, "inspect", "--format", "{{.State.Pid}}", container]), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Ends a container, if it is still there.</summary>
    public Task RemoveAsync(string container) => _podman.TryAsync([.. _store, "rm", "--force", "--time", "0", container]);

    /// <summary>The line that runs a container of a pod, restricted as the pod is.</summary>
    /// <param name="name">Of the container.</param>
    /// <param name="network">Name of the network namespace it is in.</param>
    /// <param name="hosts">Names that it knows, with their addresses.</param>
    /// <param name="container">What the pod says of it.</param>
    /// <param name="environment">Its variables.</param>
    /// <param name="folders">Folders of this machine for its volumes, by where they are mounted; others are empty and in memory.</param>
    /// <param name="arguments">Of the program.</param>
    public IReadOnlyList<string> RunLine(
        string name, string network, IReadOnlyDictionary<string, string> hosts, V1Container container, PodEnvironment environment,
        IReadOnlyDictionary<string, string> folders, IReadOnlyList<string> arguments) =>
    [
        // crun wants cgroups of version 2, where older machines have those of version 1.
        "unshare", "--mount", "sh", "-c", "mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"", "sh",
        "podman", .. _store, "--cgroup-manager", "cgroupfs", "--runtime", "crun", "run", "--rm", "--pull", "never", "--name", name,
        "--network", $"ns:/var/run/netns/{network}", .. hosts.SelectMany(host => new[] { "--add-host", $"{host.Key}:{host.Value}" }),
        "--user", User, "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--cgroups", "disabled",
        "--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096",
        .. environment.Variables.SelectMany(variable => new[] { "--env", $"{variable.Key}={variable.Value}" }),
        .. container.VolumeMounts.SelectMany(mount => folders.TryGetValue(mount.MountPath, out var folder)
            ? new[] { "--volume", $"{folder}:{mount.MountPath}{(mount.ReadOnlyProperty == true ? ":ro" : "")}" }
            : ["--tmpfs", mount.MountPath]),
        Name, .. arguments,
    ];

    private async Task MakeAsync()
    {
        await MakeImageAsync("scratch", await FindBaseFolderAsync(), "/", Base);
        var dotnet = Path.GetDirectoryName(Which("dotnet"))!;
        await MakeImageAsync(
            Base, dotnet, SdkFolder, Sdk, "--env", $"PATH={SdkFolder}:/usr/sbin:/usr/bin:/sbin:/bin", "--env", $"NUGET_PACKAGES={Packages}", "--env", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1");
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await _buildah.RunAsync(
            [.. _store, "build", "--layers", "--isolation", "chroot", "--network", "host", "--build-arg", $"SDK={Sdk}", "--build-arg", $"BASE={Base}", "--target", "cpu",
                "-v", $"{packages}:{Packages}", "-v", "/etc/ssl/certs:/etc/ssl/certs:ro", "-t", Name, "."]);
    }

    // Debian of the same release as the packages that apt finds here.
    private static async Task<string> FindBaseFolderAsync()
    {
        var folder = Path.Combine(_folder, "base");
        if (!Directory.Exists(folder))
        {
            var mirror = (await Package("apt-get").RunAsync("indextargets", "--format", "$(REPO_URI)")).Split('\n')[0];
            var unfinished = $"{folder}.new";
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }

            Directory.CreateDirectory(_folder);
            await _debootstrap.RunAsync("--variant=minbase", "--include=ca-certificates,libssl3,libstdc++6", "bookworm", unfinished, mirror);
            Directory.Move(unfinished, folder);
        }

        return folder;
    }

    private async Task MakeImageAsync(string from, string folder, string to, string name, params IReadOnlyList<string> settings)
    {
        if ((await _buildah.TryAsync([.. _store, "inspect", "--type", "image", name])).Code == 0)
        {
            return; // made before: artifacts/image goes with the build
        }

        var container = (await _buildah.RunAsync([.. _store, "from", "--pull-never", from])).Trim();
        await _buildah.RunAsync([.. _store, "copy", "--quiet", container, folder, to]);
        await _buildah.RunAsync([.. _store, "config", .. settings, container]);
        await _buildah.RunAsync([.. _store, "commit", "--quiet", "--rm", container, name]);
    }

    private static string Which(string program)
    {
        var path = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, program)).First(File.Exists);
        return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
    }

    private static ExternalTool Package(string name) => new(name, $"apt-get install {name}");
}
