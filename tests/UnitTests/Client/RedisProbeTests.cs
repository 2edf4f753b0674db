using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Client;

namespace Lcnn.Distributed.UnitTests.Client;

public sealed class RedisProbeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("AUTH", "-WRONGPASS invalid username-password pair or user is disabled.", "it refuses the user or the password of 'me' (WRONGPASS)")]
    [InlineData("AUTH", "-ERR AUTH <password> called without any password configured for the default user.", "its default user has no password")]
    [InlineData("AUTH", "-ERR wrong number of arguments for 'auth' command", "older than Redis 6")]
    [InlineData("PING", "-NOAUTH Authentication required.", "give one as redis://:PASSWORD@host")]
    [InlineData("PING", "-DENIED Redis is running in protected mode because ...", "protected mode")]
    [InlineData("PING", "-ERR max number of clients reached", "'maxclients'")]
    [InlineData("PING", "-LOADING Redis is loading the dataset in memory", "still loading")]
    [InlineData("PING", "HTTP/1.1 400 Bad Request", "a web server answers there")]
    [InlineData("PING", "SSH-2.0-OpenSSH_9.2", "what answers there is no Redis (it says 'SSH-2.0-OpenSSH_9.2')")]
    [InlineData("SELECT", "-ERR DB index is out of range", "it has no database 99")]
    [InlineData("SELECT", "-ERR SELECT is not allowed in cluster mode", "database 0 alone")]
    [InlineData("XADD", "-READONLY You can't write against a read only replica.", "give the address of its master")]
    [InlineData("XADD", "-MISCONF Redis is configured to save RDB snapshots", "cannot save")]
    [InlineData("XADD", "-OOM command not allowed when used memory > 'maxmemory'.", "its memory is full")]
    [InlineData("HGETALL", "-MOVED 3999 127.0.0.1:6381", "a part of a Redis Cluster")]
    [InlineData("XADD", "-NOPERM this user has no permissions to run the 'xadd' command", "'ACL SETUSER me +xadd'")]
    [InlineData("XADD", "-NOPERM this user has no permissions to access one of the keys used as arguments", "'ACL SETUSER me ~lcnn/*'")]
    [InlineData("XADD", "-ERR unknown command 'XADD'", "Redis 5 or later")]
    public async Task Ask_RedisThatRefuses_NamesItsReason(string command, string answer, string reason)
    {
        using var redis = ScriptedRedis.ThatAnswers(command, answer);

        var message = await RefusalAsync(redis.Address(login: "me:s3cret@", more: "/99"));

        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_Sentinel_IsToldFromTheRedisThatItWatches()
    {
        using var redis = ScriptedRedis.ThatAnswers("INFO", "+redis_mode:sentinel");

        Assert.Contains("is a Redis Sentinel", await RefusalAsync(redis.Address()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+maxmemory_policy:allkeys-lru", true)]
    [InlineData("+maxmemory_policy:noeviction", false)]
    [InlineData("+maxmemory_policy:volatile-lru", false)]
    [InlineData("-NOPERM this user has no permissions to run the 'info' command", false)]
    public async Task Ask_RedisInOrder_SaysWhetherItEvicts(string info, bool expected)
    {
        using var redis = ScriptedRedis.ThatAnswers("INFO", info);

        Assert.Equal(expected, (await RedisProbe.AskAsync(redis.Address(), isSilo: true, Token)).Evicts);
    }

    [Fact]
    public async Task Ask_InfoForbidden_AsksForTheSettingItself()
    {
        using var redis = new ScriptedRedis(command => command switch
        {
            "INFO" => "-NOPERM no\r\n",
            "CONFIG" => "*2\r\n$16\r\nmaxmemory-policy\r\n$11\r\nallkeys-lfu\r\n",
            _ => ScriptedRedis.Content(command),
        });

        Assert.True((await RedisProbe.AskAsync(redis.Address(), isSilo: true, Token)).Evicts);
    }

    [Fact]
    public async Task Ask_AClient_NeedsLessThanASilo()
    {
        using var redis = ScriptedRedis.ThatAnswers("XADD", "-NOPERM this user has no permissions to run the 'xadd' command");

        Assert.NotNull(await RedisProbe.AskAsync(redis.Address(), isSilo: false, Token));
    }

    [Theory]
    [InlineData("localhost", -1, 400, "this machine does not trust its certificate, issued by 'CN=localhost'")]
    [InlineData("localhost", -400, -10, "its certificate expired on ")]
    [InlineData("localhost", 10, 400, "its certificate is not valid before ")]
    [InlineData("redis.example", -1, 400, "its certificate is for 'redis.example', not for 'localhost'")]
    public async Task Ask_CertificateThatIsNotAccepted_SaysWhy(string name, int fromDays, int toDays, string reason)
    {
        using var certificate = Certificate(name, fromDays, toDays);
        using var redis = new ScriptedRedis(ScriptedRedis.Content, certificate);

        Assert.Contains(reason, await RefusalAsync(redis.Address("rediss", host: "localhost")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_PlainTextOfATlsPort_NamesTheScheme()
    {
        using var certificate = Certificate("localhost", -1, 400);
        using var redis = new ScriptedRedis(ScriptedRedis.Content, certificate);

        Assert.Contains("use rediss://", await RefusalAsync(redis.Address()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_TlsOfAPlainPort_NamesTheScheme()
    {
        using var redis = new ScriptedRedis(_ => "-ERR unknown command\r\n");

        Assert.Contains("use redis://", await RefusalAsync(redis.Address("rediss")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_NobodyListening_NamesThePort()
    {
        int port;
        using (var redis = new ScriptedRedis(ScriptedRedis.Content))
        {
            port = redis.Port;
        }

        Assert.Contains($"no program listens on port {port} of 127.0.0.1", await RefusalAsync(ClusterAddress.Parse($"redis://127.0.0.1:{port}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_HostThatIsNotKnown_NamesTheHost() =>
        Assert.Contains("the host 'no-such-host.invalid' is not known", await RefusalAsync(ClusterAddress.Parse("redis://no-such-host.invalid")), StringComparison.Ordinal);

    [Fact]
    public async Task Ask_ConnectionEndedAtOnce_IsNotTakenForNoAnswer()
    {
        using var redis = new ScriptedRedis(_ => null);

        Assert.Contains("it ends the connection at once", await RefusalAsync(redis.Address()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_NameWithAnAddressThatCannotBeReached_TakesAnother()
    {
        // 127.0.0.1 alone is listened on; of localhost's addresses ::1 is refused or unreachable.
        using var redis = new ScriptedRedis(ScriptedRedis.Content);

        using var socket = await ReachableSocket.ConnectAsync([IPAddress.IPv6Loopback, IPAddress.Loopback], redis.Port, Token);

        Assert.Equal(AddressFamily.InterNetwork, socket.AddressFamily);
    }

    private static async Task<string> RefusalAsync(ClusterAddress address) =>
        (await Assert.ThrowsAsync<ClusterUnreachableException>(() => RedisProbe.AskAsync(address, isSilo: true, Token))).Message;

    private static X509Certificate2 Certificate(string name, int fromDays, int toDays)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        using var made = request.CreateSelfSigned(now.AddDays(fromDays), now.AddDays(toDays));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), password: null); // a key that a server may use
    }
}
