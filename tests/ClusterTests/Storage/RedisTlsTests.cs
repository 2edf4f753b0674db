using System.Diagnostics;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.EndToEndTests.Clusters;
using Lcnn.Distributed.Silo.Clustering;

namespace Lcnn.Distributed.ClusterTests.Storage;

/// <summary>A real Redis that speaks TLS alone, wants a certificate of its clients, and has a user who may touch the keys of one cluster alone.</summary>
public sealed class RedisTlsTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-redis-tls-").FullName;
    private Process? _process;
    private int _port;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        RedisServer.SkipUnlessInstalled();
        var authority = PrivateAuthority.Create(PathOf("ca"), "redis", TimeProvider.System);
        authority.Issue(PathOf("server"), "redis", Role.Silo, ["127.0.0.1", "localhost"], TimeSpan.FromDays(1)).Dispose();
        authority.Issue(PathOf("client"), "lcnn", Role.View, [], TimeSpan.FromDays(1)).Dispose();
        _port = FreePorts.Find(1)[0];
        await File.WriteAllTextAsync(PathOf("redis.conf"), $"""
            port 0
            tls-port {_port}
            bind 127.0.0.1
            dir {_folder}
            save ""
            tls-cert-file {PathOf("server/tls.crt")}
            tls-key-file {PathOf("server/tls.key")}
            tls-ca-cert-file {PathOf("ca/ca.crt")}
            tls-auth-clients yes
            user default off
            user lcnn on >s3cret ~lab/* resetchannels +@all -@admin -@dangerous +info
            user nobody on >s3cret ~other/* resetchannels +@all -@admin -@dangerous +info
            """, Token);
        _process = new Process { StartInfo = new ProcessStartInfo("redis-server", [PathOf("redis.conf")]) { RedirectStandardOutput = true } };
        _process.Start();
        while (await _process.StandardOutput.ReadLineAsync(Token) is { } line && !line.Contains("Ready to accept connections", StringComparison.Ordinal))
        {
        }

        _ = _process.StandardOutput.ReadToEndAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Redis_WithAnAuthorityAndUserOfItsOwn_IsAskedAndUsed()
    {
        var address = Address("lcnn", $"ssl_ca_certs={PathOf("ca/ca.crt")}&ssl_certfile={PathOf("client/tls.crt")}&ssl_keyfile={PathOf("client/tls.key")}");

        await RedisProbe.AskAsync(address, isSilo: true, Token);
        await using var redis = await RedisConnections.ConnectAsync(address, Token);

        Assert.True(await redis.GetDatabase().StringSetAsync("lab/epoch", "1"));
        await Assert.ThrowsAnyAsync<StackExchange.Redis.RedisException>(() => redis.GetDatabase().StringSetAsync("other/epoch", "1"));
    }

    [Fact]
    public async Task Redis_UserOfAnotherPrefix_IsToldWhatItLacks()
    {
        var address = Address("nobody", $"ssl_ca_certs={PathOf("ca/ca.crt")}&ssl_certfile={PathOf("client/tls.crt")}&ssl_keyfile={PathOf("client/tls.key")}");

        Assert.Contains("ACL SETUSER nobody ~lab/*", await RefusalAsync(address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_WhatIsMissing_IsNamed()
    {
        Assert.Contains("?ssl_ca_certs=FILE", await RefusalAsync(Address("lcnn", "cluster=lab")), StringComparison.Ordinal);
        Assert.Contains("ssl_certfile", await RefusalAsync(Address("lcnn", $"ssl_ca_certs={PathOf("ca/ca.crt")}")), StringComparison.Ordinal);
        Assert.Contains("cannot be used", await RefusalAsync(Address("lcnn", $"ssl_certfile={PathOf("nowhere")}&ssl_keyfile={PathOf("nowhere")}")), StringComparison.Ordinal);
        Assert.Contains("does not come from an authority in", await RefusalAsync(Address("lcnn", $"ssl_ca_certs={OtherAuthority()}")), StringComparison.Ordinal);
        Assert.Contains("cannot be read", await RefusalAsync(Address("lcnn", $"ssl_ca_certs={PathOf("nowhere")}")), StringComparison.Ordinal);
    }

    private static async Task<string> RefusalAsync(ClusterAddress address) =>
        (await Assert.ThrowsAsync<ClusterUnreachableException>(() => RedisProbe.AskAsync(address, isSilo: true, Token))).Message;

    private ClusterAddress Address(string user, string query) =>
        ClusterAddress.Parse($"rediss://{user}:s3cret@127.0.0.1:{_port}?{(query.StartsWith("cluster", StringComparison.Ordinal) ? query : $"cluster=lab&{query}")}");

    private string OtherAuthority()
    {
        PrivateAuthority.Create(PathOf("other"), "other", TimeProvider.System);
        return PathOf("other/ca.crt");
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
