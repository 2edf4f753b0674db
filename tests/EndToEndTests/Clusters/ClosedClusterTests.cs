using System.Net;
using System.Net.Sockets;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>A cluster with certificates, among strangers.</summary>
public sealed class ClosedClusterTests
{
    private static readonly int _idle = TestTier.IsLong ? 1000 : 170; // at each port

    /// <summary>Garbage, slow and idle connections at every port of both silos, and certificates renewed under the run.</summary>
    [Fact]
    public async Task Run_AmongStrangersWhileCertificatesAreRenewed_HasTheBitsOfAnUndisturbedOne()
    {
        var certificates = await ClusterCertificates.CreateAsync();
        await using var run = await DisturbedRun.StartClosedAsync(certificates, Training.Digits);
        await run.WaitForStepAsync(10);
        using var stop = new CancellationTokenSource();
        var ports = PortsOf(run.Silos.Select(silo => silo.Process.Id));
        Assert.True(ports.Count >= 6, $"expected a silo, a gateway and a stream port of each, found {string.Join(", ", ports)}");

        var strangers = ports.Select(port => BotherAsync(port, stop.Token)).ToList();
        foreach (var role in new[] { "silo", "operate" })
        {
            await certificates.RenewAsync(role);
        }

        await run.WaitForStepAsync(100);
        await using var viewer = run.StartAs(certificates.Viewer, "runs", "--json");
        Assert.True(await viewer.WaitForExitAsync() == 0, $"{viewer}");
        await using var cancel = run.StartAs(certificates.Viewer, "cancel", viewer.Events[0].Text("runId"));
        Assert.Equal(1, await cancel.WaitForExitAsync());
        Assert.Contains("is for the role 'operate'", Assert.Single(cancel.Error), StringComparison.Ordinal);

        await run.AssertUndisturbedResultAsync();
        await stop.CancelAsync();
        await Task.WhenAll(strangers);
        Assert.All(run.Silos, silo =>
        {
            Assert.Contains(silo.Process.Error, line => line.Contains("were read anew", StringComparison.Ordinal));
            Assert.InRange(silo.Process.Error.Count, 1, 60); // strangers do not fill the log
            Assert.DoesNotContain(silo.Process.Error, line => line.Contains("   at ", StringComparison.Ordinal) || line.Contains("given up", StringComparison.Ordinal));
        });
    }

    // What the processes listen at, by the kernel.
    private static List<int> PortsOf(IEnumerable<int> processes)
    {
        var inodes = processes.SelectMany(id => Directory.GetFiles($"/proc/{id}/fd")).Select(LinkOf).ToHashSet();
        return [.. File.ReadLines("/proc/net/tcp").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && inodes.Contains($"socket:[{fields[9]}]"))
            .Select(fields => Convert.ToInt32(fields[1].Split(':')[1], 16)).Distinct()];
    }

    private static string LinkOf(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false) is { } target ? Path.GetFileName(target.FullName) : "";
        }
        catch (IOException)
        {
            return ""; // closed meanwhile
        }
    }

    private static async Task BotherAsync(int port, CancellationToken cancellationToken)
    {
        var idle = new List<TcpClient>();
        var random = new Random(port);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (idle.Count < _idle)
                {
                    idle.Add(await ConnectAsync(port, cancellationToken));
                }
                else
                {
                    using var client = await ConnectAsync(port, cancellationToken);
                    var garbage = new byte[random.Next(1, 70_000)];
                    random.NextBytes(garbage);
                    await client.GetStream().WriteAsync(garbage.AsMemory(0, 1), cancellationToken); // slowly at first
                    await Task.Yield();
                    await client.GetStream().WriteAsync(garbage.AsMemory(1), cancellationToken);
                    await client.GetStream().CopyToAsync(Stream.Null, cancellationToken); // until it is shown the door
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException)
            {
                // Shown the door sooner.
            }
        }

        idle.ForEach(client => client.Dispose());
    }

    private static async Task<TcpClient> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return client;
    }
}
