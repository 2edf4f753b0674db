using System.Diagnostics;
using System.Globalization;

namespace Lcnn.Distributed.EndToEndTests.Client;

/// <summary>The connections of clients to the gateway of a silo, which the kernel cuts when told to.</summary>
/// <remarks>No proxy can stand in between: a gateway takes messages for the very address that it is known by.</remarks>
internal sealed class GatewayConnections(long port)
{
    private readonly string _port = port.ToString(CultureInfo.InvariantCulture);

    /// <summary>The address for <c>LCNN_CLUSTER</c>.</summary>
    public string Address => $"lcnn://127.0.0.1:{_port}";

    /// <summary>Cuts all connections of clients; skips the test where the kernel or the user may not.</summary>
    public async Task CutAsync()
    {
        using var process = Process.Start(new ProcessStartInfo("ss", ["-K", "-H", "-n", "state", "established", "dport", "=", $":{_port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var cut = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(cut.Length == 0, "'ss -K' cut no connection: it needs root, and a kernel with INET_DIAG_DESTROY");
    }
}
