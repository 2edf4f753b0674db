using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Silo.Security;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Security;

public sealed class CallerCheckTests : IDisposable
{
    private const string Cluster = "lab";
    private const string Secret = "a-secret-of-some-length";

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    private readonly Certificates _certificates;
    private readonly CallerCheck _check;

    public CallerCheckTests()
    {
        _certificates = new Certificates(_clock);
        _check = new CallerCheck(Cluster, _certificates.Folder("checker", Role.Silo), tokens: null, _clock);
    }

    [Theory]
    [InlineData(Role.View)]
    [InlineData(Role.Operate)]
    [InlineData(Role.Silo)]
    public void Identify_PassSignedWithACertificate_HasItsRole(Role role)
    {
        var pass = PassOf("caller", role);

        Assert.Equal(role, _check.Identify(pass).Role);
        Assert.Equal(role, _check.Identify(pass).Role); // as remembered
    }

    [Fact]
    public void Identify_Nobody_HasNone()
    {
        Assert.Equal((Role.None, "it shows neither a certificate nor a token"), _check.Identify(null));
        Assert.Equal(Role.None, _check.Identify(new CallerPass { IsSilo = true }).Role); // believed only where nobody has certificates
        Assert.Equal(Role.None, _check.Identify(new CallerPass { Token = Secret }).Role);
    }

    [Fact]
    public void Identify_PassOfAnotherAuthority_HasNone()
    {
        using var others = new Certificates(_clock);
        var pass = new PassIssuer(Cluster, others.Folder("caller", Role.Silo), () => null, isSilo: true, _clock).Current;

        var (role, problem) = _check.Identify(pass);

        Assert.Equal(Role.None, role);
        Assert.Contains("not one of the authorities in ca.crt", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Identify_PassOfAnotherCluster_HasNone()
    {
        var pass = new PassIssuer("other", _certificates.Folder("caller", Role.Silo), () => null, isSilo: true, _clock).Current;

        Assert.Contains("another cluster's", _check.Identify(pass).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Identify_AnothersSignatureUnderAHigherCertificate_HasNone()
    {
        var view = PassOf("viewer", Role.View);
        _check.Identify(view);
        _check.Identify(PassOf("operator", Role.Operate));

        var forged = view with { Certificate = _certificates.Load("operator").RawData };

        Assert.Equal(Role.None, _check.Identify(forged).Role);
        Assert.Equal(Role.None, _check.Identify(view with { IssuedAt = view.IssuedAt + 1 }).Role);
        Assert.Equal(Role.None, _check.Identify(view with { Signature = [] }).Role);
        Assert.Equal(Role.None, _check.Identify(view with { Certificate = [1, 2, 3] }).Role);
        Assert.Equal(Role.View, _check.Identify(view).Role);
    }

    [Fact]
    public void Identify_AnOldPass_HasNoneAndTheIssuersNextOneHas()
    {
        var issuer = new PassIssuer(Cluster, _certificates.Folder("caller", Role.Operate), () => null, isSilo: false, _clock);
        var old = issuer.Current;
        Assert.Equal(Role.Operate, _check.Identify(old).Role);

        _clock.Advance(TimeSpan.FromMinutes(16));

        Assert.Contains("set the clocks", _check.Identify(old).Problem, StringComparison.Ordinal);
        Assert.Equal(Role.Operate, _check.Identify(issuer.Current).Role);
        Assert.Equal(Role.None, _check.Identify(old with { IssuedAt = long.MaxValue }).Role);
        Assert.Equal(Role.None, _check.Identify(old with { IssuedAt = long.MinValue }).Role);
    }

    [Fact]
    public void Identify_CertificateThatExpires_HasNoneFromThenOn()
    {
        using var issued = _certificates.Authority.Issue(_certificates.PathOf("brief"), "brief", Role.Operate, [], TimeSpan.FromMinutes(2));
        var folder = new TlsFolder(_certificates.PathOf("brief"), Role.Operate, _clock, NullLogger.Instance);
        var pass = new PassIssuer(Cluster, folder, () => null, isSilo: false, _clock).Current;
        Assert.Equal(Role.Operate, _check.Identify(pass).Role);

        _clock.Advance(TimeSpan.FromMinutes(3));

        Assert.Contains("expired on", _check.Identify(pass).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Identify_Tokens_HaveTheRolesOfTheirFileAsItIsNow()
    {
        var file = _certificates.PathOf("tokens");
        File.WriteAllText(file, $"# who looks\nview {Secret}\n");
        var check = new CallerCheck(Cluster, folder: null, new ClientTokens(file, _clock, NullLogger.Instance), _clock);
        var pass = new CallerPass { Token = Secret };
        Assert.Equal(Role.View, check.Identify(pass).Role);
        Assert.Equal(Role.None, check.Identify(null).Role);
        Assert.Equal(Role.None, check.Identify(pass with { Token = Secret + "x" }).Role);
        Assert.Equal(Role.Silo, check.Identify(new CallerPass { IsSilo = true }).Role);

        File.WriteAllText(file, $"operate {Secret}");
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(Role.Operate, check.Identify(pass).Role);

        File.WriteAllText(file, "nonsense");
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(Role.Operate, check.Identify(pass).Role); // what was read before stays
    }

    [Theory]
    [InlineData("", "holds no token")]
    [InlineData("admin a-secret-of-some-length", "line 1")]
    [InlineData("silo a-secret-of-some-length", "line 1")]
    [InlineData("view a-secret-of-some-length\nview", "line 2")]
    [InlineData("view short", "fewer than 16")]
    public void Tokens_OfAnotherForm_AreRefusedByLineWithoutTheSecret(string text, string expected)
    {
        var file = _certificates.PathOf("tokens");
        File.WriteAllText(file, text);

        var problem = Assert.Throws<TlsFilesException>(() => new ClientTokens(file, _clock, NullLogger.Instance)).Message;

        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret", problem, StringComparison.Ordinal);
    }

    public void Dispose() => _certificates.Dispose();

    private CallerPass PassOf(string name, Role role) => new PassIssuer(Cluster, _certificates.Folder(name, role), () => null, isSilo: false, _clock).Current;
}
