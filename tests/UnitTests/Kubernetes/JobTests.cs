using k8s.Models;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.UnitTests.Cli;

namespace Lcnn.Distributed.UnitTests.Kubernetes;

/// <summary>Jobs that launch: what they type is understood, and a pod that is started again finds what was started.</summary>
public sealed class JobTests
{
    [Fact]
    public async Task TrainJob_TypesARunWithAnId()
    {
        using var cli = await LaunchAsync("train");

        Assert.Equal(("example-1", "/runs/example-1"), (cli.Host.ChosenId, cli.Spec.OutputDirectory));
    }

    [Fact]
    public async Task SweepJob_TypesASweepWithAnIdThatCanRun()
    {
        using var cli = await LaunchAsync("sweep");

        Assert.Equal(("grid-1", "/runs/grid-1"), (cli.Host.ChosenId, cli.Host.Sweep.Spec.OutputDirectory));
        Assert.Empty(cli.Host.Sweep.Spec.Validate());
        Assert.Empty(cli.Host.Sweep.Spec.Warnings());
    }

    [Theory]
    [InlineData("train")]
    [InlineData("sweep")]
    public async Task Job_IsTriedAgainUnlessItsArgumentsAreWrong(string job)
    {
        var spec = (await Manifest.FindAsync<V1Job>($"jobs/{job}", $"lcnn-{job}")).Spec;

        var (wrong, evicted) = (spec.PodFailurePolicy.Rules[0], spec.PodFailurePolicy.Rules[1]);
        Assert.Equal(("FailJob", "In", "launcher"), (wrong.Action, wrong.OnExitCodes.OperatorProperty, wrong.OnExitCodes.ContainerName));
        Assert.Equal([2], wrong.OnExitCodes.Values); // ExitCode.BadInput
        Assert.Equal(("Ignore", "DisruptionTarget", "True"), (evicted.Action, evicted.OnPodConditions.Single().Type, evicted.OnPodConditions.Single().Status));
        Assert.Equal(("Never", "launcher"), (spec.Template.Spec.RestartPolicy, spec.Template.Spec.Containers.Single().Name));
        Assert.Equal("launcher", spec.Template.Metadata.Labels["app.kubernetes.io/component"]); // the policies let it to the gateways
    }

    // With the variables and files of its pod.
    private static async Task<CliHarness> LaunchAsync(string name)
    {
        var launcher = (await Manifest.FindAsync<V1Job>($"jobs/{name}", $"lcnn-{name}")).Spec.Template.Spec.Containers.Single();
        var cli = new CliHarness();
        cli.Host.Sweep.Events = [SweepEvents.SweepCompleted(SweepEvents.Result(1, TrialState.Completed, 4, 0.8)) with { Sequence = 1 }];
        foreach (var variable in launcher.Env)
        {
            cli.Variables[variable.Name] = variable.Value;
        }

        List<string> arguments = [.. launcher.Args];
        if (arguments.FindIndex(argument => argument.EndsWith(".yaml", StringComparison.Ordinal)) is >= 0 and var at)
        {
            var file = Path.Combine(cli.Folder, Path.GetFileName(arguments[at]));
            await File.WriteAllTextAsync(file, (await Manifest.FindAsync<V1ConfigMap>($"jobs/{name}", "lcnn-sweep")).Data[Path.GetFileName(file)]);
            Assert.Contains(launcher.VolumeMounts, mount => mount.MountPath == Path.GetDirectoryName(arguments[at]));
            arguments[at] = file;
        }

        Assert.True(await cli.RunAsync(arguments) == 0, cli.Error);
        var cluster = Assert.IsType<RunPlace.Cluster>(cli.Host.Place);
        Assert.Equal(("lcnn://lcnn-gateway:30000", "/etc/lcnn/tls"), (cluster.Address.ToString(), cluster.Access.TlsFolder));
        Assert.Equal(30000, (await Manifest.FindAsync<V1Service>("overlays/cpu", "lcnn-gateway")).Spec.Ports.Single().Port);
        return cli;
    }
}
