using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class CaCommandTests : IDisposable
{
    private readonly CliHarness _cli = new();

    [Fact]
    public async Task Issue_ByAnAuthorityOfItsOwn_WritesWhatTheTlsOptionReads()
    {
        Assert.Equal(0, await _cli.RunLineAsync("ca init authority --name lab"));
        Assert.Equal(0, await _cli.RunLineAsync("ca issue authority --role operate --name alice --out alice --hosts alice.lab,10.0.0.1 --days 30 --json"));

        using var report = JsonDocument.Parse(_cli.OutputLines[^1]);
        Assert.Equal("certificate", report.RootElement.GetProperty("event").GetString());
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_cli.Folder, "alice", "tls.crt"));
        Assert.Equal(("O=lcnn:operate, CN=alice", "CN=lab"), (certificate.Subject, certificate.Issuer));
        Assert.Equal(_cli.Clock.GetUtcNow().AddDays(30), certificate.NotAfter);
        Assert.Equal(["ca.crt", "tls.crt", "tls.key"], Directory.GetFiles(Path.Combine(_cli.Folder, "alice")).Select(Path.GetFileName).Order());
        Assert.False(File.Exists(Path.Combine(_cli.Folder, "alice", "ca.key")));
    }

    [Theory]
    [InlineData("ca issue authority --out x", "--role: expected a value")]
    [InlineData("ca issue authority --role silo", "--out: expected a value")]
    [InlineData("ca issue authority --role admin --out x", "--role: expected one of view, operate, silo, got 'admin'")]
    [InlineData("ca issue authority --role silo --out x --days 0", "--days: expected a whole number from 1 to 3650")]
    [InlineData("ca issue authority --role silo --out x --hosts a_b!", "--hosts: expected host names")]
    [InlineData("ca issue nowhere --role silo --out x", "FOLDER: '")]
    public async Task Issue_OfSomethingWrong_NamesIt(string line, string expected)
    {
        Assert.Equal(0, await _cli.RunLineAsync("ca init authority"));

        Assert.Equal(2, await _cli.RunLineAsync(line));

        Assert.StartsWith($"error: {expected}", _cli.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_WhereThereIsAnAuthority_LeavesIt()
    {
        Assert.Equal(0, await _cli.RunLineAsync("ca init authority"));
        var before = await File.ReadAllTextAsync(Path.Combine(_cli.Folder, "authority", "ca.key"), TestContext.Current.CancellationToken);

        Assert.Equal(1, await _cli.RunLineAsync("ca init authority"));

        Assert.Contains("exists already", Assert.Single(_cli.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(Path.Combine(_cli.Folder, "authority", "ca.key"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Issue_FromAFolderWithoutAnAuthority_SaysHowToMakeOne()
    {
        Directory.CreateDirectory(Path.Combine(_cli.Folder, "empty"));

        Assert.Equal(1, await _cli.RunLineAsync("ca issue empty --role silo --out x"));

        Assert.Contains("make one with 'lcnn ca init", Assert.Single(_cli.ErrorLines), StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();
}
