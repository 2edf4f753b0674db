using Lcnn.Distributed.Client;

namespace Lcnn.Distributed.UnitTests.Client;

public sealed class ClusterAddressTests
{
    [Theory]
    [InlineData("redis://host", "host", 6379, null, null, 0, false, "lcnn")]
    [InlineData("  redis://host:7000/3  ", "host", 7000, null, null, 3, false, "lcnn")]
    [InlineData("rediss://host/", "host", 6379, null, null, 0, true, "lcnn")]
    [InlineData("redis://me@host", "host", 6379, "me", null, 0, false, "lcnn")]
    [InlineData("redis://me:secret@host:1", "host", 1, "me", "secret", 0, false, "lcnn")]
    [InlineData("redis://:secret@host", "host", 6379, null, "secret", 0, false, "lcnn")]
    [InlineData("redis://:a%2Fb%40c@host", "host", 6379, null, "a/b@c", 0, false, "lcnn")]
    [InlineData("redis://:a/b@c?d:e@host/2", "host", 6379, null, "a/b@c?d:e", 2, false, "lcnn")]
    [InlineData("redis://[::1]:7000", "::1", 7000, null, null, 0, false, "lcnn")]
    [InlineData("redis://host?cluster=lab-2", "host", 6379, null, null, 0, false, "lab-2")]
    public void Parse_Redis_ReadsEveryPart(
        string text, string host, int port, string? user, string? password, int database, bool isSecure, string cluster)
    {
        var address = ClusterAddress.Parse(text);

        Assert.True(address.IsRedis);
        Assert.Equal((host, port, user, password), (address.Host, address.Port, address.User, address.Password));
        Assert.Equal((database, isSecure, cluster), (address.Database, address.IsSecure, address.ClusterId));
    }

    [Fact]
    public void Parse_RedisWithCertificates_ReadsTheirFilesAndWritesThemBack()
    {
        var address = ClusterAddress.Parse("rediss://:s3cret@host?cluster=lab&ssl_ca_certs=/etc/a%26b/ca.crt&ssl_certfile=/etc/c.crt&ssl_keyfile=/etc/c 100%25.key");

        Assert.Equal(("/etc/a&b/ca.crt", "/etc/c.crt", "/etc/c 100%.key"), (address.RedisAuthorityFile, address.RedisCertificateFile, address.RedisKeyFile));
        Assert.Equal("lab", address.ClusterId);
        var again = ClusterAddress.Parse(address.Reveal());
        Assert.Equal((address.RedisAuthorityFile, address.RedisCertificateFile, address.RedisKeyFile, "lab"), (again.RedisAuthorityFile, again.RedisCertificateFile, again.RedisKeyFile, again.ClusterId));
    }

    [Fact]
    public void Parse_RedisWithAPasswordFile_ReadsItAnewEachTime()
    {
        var file = Path.GetTempFileName();
        try
        {
            var address = ClusterAddress.Parse($"redis://me@host?cluster=lab&password_file={file}");
            Assert.Equal($"redis://me@host:6379?cluster=lab&password_file={file}", address.ToString());
            Assert.Equal(address.ToString(), ClusterAddress.Parse(address.Reveal()).ToString());
            Assert.Contains("has no password on its first line", Assert.Throws<ClusterUnreachableException>(address.ReadPassword).Message, StringComparison.Ordinal);

            File.WriteAllText(file, "first\n");
            var configured = RedisConnections.Configure(address);
            Assert.Equal(("first", "first"), (address.ReadPassword(), configured.Password));

            File.WriteAllText(file, "second");
            Assert.Equal(("second", "second"), (address.ReadPassword(), configured.Password));
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Contains("its password cannot be read: ", Assert.Throws<ClusterUnreachableException>(ClusterAddress.Parse($"redis://host?password_file={file}").ReadPassword).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", 30000)]
    [InlineData("localhost:31000", 31000)]
    [InlineData("127.0.0.1:31000", 31000)]
    [InlineData("::1", 30000)]
    public void Parse_Localhost_IsAGateway(string text, int port)
    {
        var address = ClusterAddress.Parse(text);

        Assert.Equal((false, port), (address.IsRedis, address.Port));
    }

    [Theory]
    [InlineData("lcnn://one", "one:30000", "lcnn")]
    [InlineData("lcnn://one:30000, two:31000/?cluster=lab", "one:30000 two:31000", "lab")]
    [InlineData("lcnn://[::1]:7", "::1:7", "lcnn")]
    public void Parse_Gateways_ReadsEachAndTheCluster(string text, string gateways, string cluster)
    {
        var address = ClusterAddress.Parse(text);

        Assert.Equal((true, false, cluster), (address.IsGateways, address.IsRedis, address.ClusterId));
        Assert.Equal(gateways, string.Join(' ', address.Gateways.Select(gateway => $"{gateway.Host}:{gateway.Port}")));
        Assert.Equal(address.ToString(), ClusterAddress.Parse(address.Reveal()).ToString());
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("http://host", "'redis', 'rediss' or 'lcnn'")]
    [InlineData("lcnn://", "a gateway's host is missing")]
    [InlineData("lcnn://one,,two", "a gateway's host is missing")]
    [InlineData("lcnn://one/2", "a gateway's host is missing or not a name")]
    [InlineData("lcnn://me:s3cret@one", "the port is not a number from 1 to 65535")]
    [InlineData("lcnn://one:0", "the port is not a number from 1 to 65535")]
    [InlineData("lcnn://one?db=1", "'cluster=NAME'")]
    [InlineData("otherhost", "on this machine only")]
    [InlineData("localhost:gateway", "the port is not a number from 1 to 65535")]
    [InlineData("localhost:0", "the port is not a number from 1 to 65535")]
    [InlineData("redis.example:6379", "its beginning is missing, such as 'redis://'")]
    [InlineData("\"redis://:s3cret@host\"", "leave them out")]
    [InlineData("redis://::1:6379", "an IPv6 address is to be in brackets")]
    [InlineData("redis://:s3cret@fe80::1", "an IPv6 address is to be in brackets")]
    [InlineData("redis://[host]:6379", "not an IPv6 address")]
    [InlineData("redis://", "the host is missing")]
    [InlineData("redis://:s3cret@", "the host is missing")]
    [InlineData("redis://:s3cret@a b", "the host is missing or not a name")]
    [InlineData("redis://:s3cret@host:70000", "the port is not a number from 1 to 65535")]
    [InlineData("redis://:s3cret@host:", "the port is not a number")]
    [InlineData("redis://:s3cret@host/one", "the database after '/' is not a number")]
    [InlineData("redis://:s3cret@host?db=1", "'cluster=NAME'")]
    [InlineData("redis://:s3cret@host?cluster=a b", "'cluster=NAME'")]
    [InlineData("redis://:s3cret@host?ssl_ca_certs=/ca", "'ssl_ca_certs' is for rediss:// alone")]
    [InlineData("rediss://:s3cret@host?ssl_certfile=/c", "'ssl_certfile' and 'ssl_keyfile' go together")]
    [InlineData("rediss://:s3cret@host?ssl_ca_certs=", "'ssl_ca_certs' names no file")]
    [InlineData("rediss://:s3cret@host?ssl_ca_certs=/a&ssl_ca_certs=/b", "'ssl_ca_certs' is there twice")]
    [InlineData("lcnn://one?ssl_ca_certs=/a", "'ssl_ca_certs' is for rediss:// alone")]
    [InlineData("lcnn://one?password_file=/a", "'password_file' is for redis:// and rediss:// alone")]
    [InlineData("redis://:s3cret@host?password_file=/a", "it has a password and 'password_file'")]
    public void Parse_Wrong_NamesThePartAndShowsNoPassword(string text, string problem)
    {
        var exception = Assert.Throws<FormatException>(() => ClusterAddress.Parse(text));

        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
        Assert.Contains("expected redis://", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis://me:s3cret@host:7000/3?cluster=lab", "redis://me:***@host:7000/3?cluster=lab")]
    [InlineData("rediss://:s3cret@[::1]", "rediss://:***@[::1]:6379")]
    [InlineData("redis://host", "redis://host:6379")]
    [InlineData("localhost", "localhost:30000")]
    [InlineData("lcnn://one,[::1]:7?cluster=lab", "lcnn://one:30000,[::1]:7?cluster=lab")]
    public void Text_OfAnAddress_HidesThePasswordAndRevealKeepsIt(string text, string shown)
    {
        var address = ClusterAddress.Parse(text);

        Assert.Equal(shown, address.ToString());
        Assert.Equal(address.Password, ClusterAddress.Parse(address.Reveal()).Password);
        Assert.Equal(shown, ClusterAddress.Parse(address.Reveal()).ToString());
    }
}
