namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>A private authority and its certificates, made as users make them: with <c>lcnn ca</c>.</summary>
internal sealed class ClusterCertificates : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private ClusterCertificates()
    {
    }

    /// <summary>For <c>--tls</c> of silos.</summary>
    public string Silo => _folder["silo"];

    /// <summary>For clients that start and stop runs.</summary>
    public string Operator => _folder["operate"];

    /// <summary>For clients that look on.</summary>
    public string Viewer => _folder["view"];

    /// <summary>Makes an authority and a certificate for each role.</summary>
    public static async Task<ClusterCertificates> CreateAsync()
    {
        var certificates = new ClusterCertificates();
        await RunAsync("init", certificates._folder["ca"]);
        foreach (var role in new[] { "silo", "operate", "view" })
        {
            await certificates.RenewAsync(role);
        }

        return certificates;
    }

    /// <summary>Issues a certificate anew, in the place of the old one.</summary>
    public Task RenewAsync(string role) => RunAsync("issue", _folder["ca"], "--role", role, "--out", _folder[role], "--days", "1");

    public void Dispose() => _folder.Dispose();

    private static async Task RunAsync(params string[] arguments)
    {
        await using var lcnn = await LcnnProcess.RunAsync(["ca", .. arguments]);
        Assert.True(await lcnn.WaitForExitAsync() == 0, $"{lcnn}");
    }
}
