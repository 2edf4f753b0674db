using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Lcnn.Distributed.Cli.Signals;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class SiloCommandTests
{
    private const string FreePorts = "--silo-port 0 --gateway-port 0";

    [Fact]
    public async Task Silo_Ready_PrintsOneLineAndStopsOnASignal()
    {
        using var cli = new CliHarness();
        cli.Silo.OnReady = () => cli.Signals.Send(StopSignal.Terminate);

        Assert.Equal(0, await cli.RunLineAsync($"silo --slots 3 {FreePorts}"));

        Assert.Equal("silo ready: 127.0.0.1:11111@1 slots=3 gateway=0", Assert.Single(cli.OutputLines));
        Assert.Equal([0], cli.ExitedAtOnce);
    }

    [Fact]
    public async Task Silo_ReadyWithJson_IsOneObject()
    {
        using var cli = new CliHarness();
        cli.Silo.OnReady = () => cli.Signals.Send(StopSignal.Interrupt);

        Assert.Equal(0, await cli.RunLineAsync($"silo --json {FreePorts}"));

        using var ready = JsonDocument.Parse(Assert.Single(cli.OutputLines));
        Assert.Equal("ready", ready.RootElement.GetProperty("event").GetString());
        Assert.Equal("127.0.0.1:11111@1", ready.RootElement.GetProperty("silo").GetString());
        Assert.Equal(7, ready.RootElement.GetProperty("processId").GetInt32());
    }

    [Fact]
    public async Task Silo_HasToStop_SaysWhyAndFails()
    {
        using var cli = new CliHarness();
        cli.Silo.Fault = "the Redis was emptied";

        Assert.Equal(1, await cli.RunLineAsync($"silo {FreePorts}"));

        Assert.Equal("error: the Redis was emptied", Assert.Single(cli.ErrorLines));
        Assert.Equal([1], cli.ExitedAtOnce);
    }

    [Fact]
    public async Task Silo_AllOptions_ReachTheSilo()
    {
        using var cli = new CliHarness();
        cli.Silo.Fault = "enough";

        await cli.RunLineAsync(
            "silo --slots 2 --devices cuda:0,cuda:2 --advertise 10.1.2.3 --silo-port 0 --gateway-port 0 --stream-port 0 --primary-port 5 --name a --stall-timeout 1.5 --cluster redis://host?cluster=lab "
            + "--insecure --token-file secrets --run-roots .,/ --listen 0.0.0.0 --http-port 0 --start-timeout 60 --drain-timeout 90 --keep-steps 36 --keep-trial-steps 0.5");

        var options = cli.Silo.Options;
        Assert.Equal((2, "cuda:0,cuda:2", "10.1.2.3", "a"), (options.Slots, options.Devices, options.AdvertisedAddress, options.Name));
        Assert.Equal((true, Path.Combine(cli.Folder, "secrets"), $"{cli.Folder},/"), (options.Insecure, options.TokenFile, options.RunRoots));
        Assert.Equal((0, 0, 0, 5), (options.SiloPort, options.GatewayPort, options.StreamPort, options.PrimaryPort));
        Assert.Equal(TimeSpan.FromSeconds(1.5), options.StallTimeout);
        Assert.Equal(("0.0.0.0", 0), (options.ListenAddress, options.HttpPort));
        Assert.Equal((TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90)), (options.StartTimeout, options.DrainTimeout));
        Assert.Equal((TimeSpan.FromDays(1.5), TimeSpan.FromMinutes(30)), (options.KeepSteps, options.KeepTrialSteps));
        Assert.Equal("redis://host:6379?cluster=lab", cli.Silo.Request!.Address.ToString());
    }

    [Fact]
    public async Task Silo_ManyBadOptions_AreAllNamedAtOnce()
    {
        using var cli = new CliHarness();

        var exitCode = await cli.RunLineAsync(
            "silo --slots 0 --devices gpu --advertise a_b! --silo-port 70000 --gateway-port x --stream-port -1 --primary-port 0 --stall-timeout 0 --cluster host --slot 3 --name");

        Assert.Equal(2, exitCode);
        string[] named =
        [
            "--slots", "--devices", "--advertise", "--silo-port", "--gateway-port", "--stream-port", "--primary-port", "--stall-timeout", "--cluster",
            "--slot", "--name",
        ];
        Assert.Equal(named.Order(), cli.ErrorLines.SkipLast(1).Select(line => line.Split(": ")[1]).Order());
        Assert.Null(cli.Silo.Request);
    }

    [Theory]
    [InlineData("--slots 2000", "--slots: expected 1 to 1024, got 2000")]
    [InlineData("--slots 3 --devices cuda:0,cuda:1", "--slots: 3 slots, but 2 GPUs are listed")]
    [InlineData("--devices cuda:0,cuda:0", "--devices: expected each GPU once, got 'cuda:0' twice")]
    [InlineData("--advertise host:80", "--advertise: expected an IP address or a host name without a port, got 'host:80'")]
    [InlineData("--stall-timeout 1e9", "--stall-timeout: expected one second to one day, got 1e9")]
    [InlineData("--stall-timeout NaN", "--stall-timeout: expected one second to one day, got NaN")]
    [InlineData("--tls nowhere", "--tls: the folder '")]
    [InlineData("--run-roots /,nowhere", "--run-roots: the folder '")]
    [InlineData("--cluster", "--cluster: expected a value")]
    [InlineData("--cluster @nowhere", "--cluster: the file '")]
    [InlineData("--cluster redis://h:x", "--cluster: the port is not a number from 1 to 65535")]
    public async Task Silo_BadOption_IsNamed(string line, string expected)
    {
        using var cli = new CliHarness();

        Assert.Equal(2, await cli.RunLineAsync($"silo {FreePorts} {line}"));

        Assert.StartsWith($"error: {expected}", cli.ErrorLines[0], StringComparison.Ordinal);
        Assert.Equal(2, cli.ErrorLines.Count);
    }

    [Fact]
    public async Task Silo_PortInUseOrTwice_IsNamed()
    {
        using var cli = new CliHarness();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.Equal(2, await cli.RunLineAsync($"silo --silo-port {port} --gateway-port {port}"));

        Assert.StartsWith($"error: --silo-port: {port} is in use", cli.ErrorLines[0], StringComparison.Ordinal);
        Assert.StartsWith($"error: --gateway-port: {port} is taken by --silo-port", cli.ErrorLines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_FromVariableAndFile_IsReadAndHidden()
    {
        using var cli = new CliHarness();
        cli.Silo.Fault = "enough";
        File.WriteAllText(Path.Combine(cli.Folder, "cluster"), "\nredis://:s3cret@host\n");
        cli.Variables["LCNN_CLUSTER"] = "@cluster";

        await cli.RunLineAsync($"silo {FreePorts}");

        Assert.Equal("redis://:***@host:6379", cli.Silo.Request!.Address.ToString());
        Assert.True(cli.Silo.Request.Address.HasPassword);
        Assert.DoesNotContain("s3cret", cli.Output + cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_PasswordOnTheCommandLine_IsWarnedOf()
    {
        using var cli = new CliHarness();
        cli.Silo.Fault = "enough";

        await cli.RunLineAsync($"silo {FreePorts} --cluster redis://:s3cret@host");

        Assert.StartsWith("warning: the password in --cluster is visible", cli.ErrorLines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", cli.Output + cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_BadVariable_IsNamed()
    {
        using var cli = new CliHarness();
        cli.Variables["LCNN_CLUSTER"] = "redis://:s3cret@host:port";

        Assert.Equal(2, await cli.RunLineAsync($"silo {FreePorts}"));

        Assert.StartsWith("error: --cluster: LCNN_CLUSTER: the port is not a number", cli.ErrorLines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", cli.Error, StringComparison.Ordinal);
    }
}
