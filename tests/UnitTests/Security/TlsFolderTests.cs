using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.UnitTests.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Security;

public sealed class TlsFolderTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    private readonly Certificates _certificates;

    public TlsFolderTests() => _certificates = new Certificates(_clock);

    [Fact]
    public void Current_AfterARenewal_IsTheNewCertificate()
    {
        var folder = _certificates.Folder("silo", Role.Silo);
        var before = folder.Current.Certificate!.SerialNumber;

        _certificates.Issue("silo", Role.Silo);
        Assert.Equal(before, folder.Current.Certificate!.SerialNumber); // looked at a moment ago
        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.NotEqual(before, folder.Current.Certificate!.SerialNumber);
        Assert.True(folder.Current.Certificate!.HasPrivateKey);
    }

    [Fact]
    public void Current_WhileFilesDoNotFitTogether_StaysAndIsSaidOnce()
    {
        var logger = new RecordingLogger();
        var path = _certificates.Issue("silo", Role.Silo);
        var folder = new TlsFolder(path, Role.Silo, _clock, logger);
        var before = folder.Current;
        var other = _certificates.Issue("other", Role.Silo);

        File.Copy(Path.Combine(other, TlsFolder.CertificateFile), Path.Combine(path, TlsFolder.CertificateFile), overwrite: true);
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(3));
            Assert.Same(before, folder.Current);
        }

        Assert.Contains("tls.key is not the unencrypted private key", Assert.Single(logger.Messages), StringComparison.Ordinal);
        File.Copy(Path.Combine(other, TlsFolder.KeyFile), Path.Combine(path, TlsFolder.KeyFile), overwrite: true);
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("O=lcnn:silo, CN=other", folder.Current.Certificate!.Subject);
    }

    [Fact]
    public void Current_OfAFolderThatIsALink_FollowsItsTarget()
    {
        var (first, second) = (_certificates.Issue("first", Role.Silo), _certificates.Issue("second", Role.Silo));
        var link = _certificates.PathOf("mounted");
        Directory.CreateSymbolicLink(link, first);
        var folder = new TlsFolder(link, Role.Silo, _clock, NullLogger.Instance);

        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, second);
        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.EndsWith("CN=second", folder.Current.Certificate!.Subject, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tls.crt", null, "tls.crt does not exist")]
    [InlineData("tls.key", null, "tls.key does not exist")]
    [InlineData("ca.crt", null, "ca.crt does not exist")]
    [InlineData("tls.crt", "", "tls.crt holds no certificate")]
    [InlineData("ca.crt", "hello", "ca.crt holds no certificate")]
    [InlineData("ca.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "ca.crt holds a certificate that cannot be read")]
    [InlineData("tls.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "tls.key is not the unencrypted private key")]
    public void Create_FromFilesThatAreWrong_SaysWhich(string file, string? content, string expected)
    {
        var path = _certificates.Issue("silo", Role.Silo);
        if (content is null)
        {
            File.Delete(Path.Combine(path, file));
        }
        else
        {
            File.WriteAllText(Path.Combine(path, file), content);
        }

        Assert.Contains(expected, Problem(path, Role.Silo), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_OfACertificateThatWouldBeRefused_IsRefusedAtOnce()
    {
        Assert.Contains("the folder", Problem(_certificates.PathOf("nowhere"), Role.Silo), StringComparison.Ordinal);
        Assert.Contains("is not for the role 'silo'", Problem(_certificates.Issue("viewer", Role.View), Role.Silo), StringComparison.Ordinal);
        var expiring = _certificates.Issue("brief", Role.Silo, TimeSpan.FromDays(1));
        _clock.Advance(TimeSpan.FromDays(2));
        Assert.Contains("expired on", Problem(expiring, Role.Silo), StringComparison.Ordinal);

        using var others = new Certificates(_clock);
        var path = _certificates.Issue("silo", Role.Silo);
        File.Copy(Path.Combine(others.PathOf("ca"), TlsFolder.AuthorityFile), Path.Combine(path, TlsFolder.AuthorityFile), overwrite: true);
        Assert.Contains("not one of the authorities in ca.crt", Problem(path, Role.Silo), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_WithAnAuthorityAlone_IsEnoughForWhoShowsAToken()
    {
        var path = _certificates.PathOf("token-user");
        Directory.CreateDirectory(path);
        File.Copy(Path.Combine(_certificates.PathOf("ca"), TlsFolder.AuthorityFile), Path.Combine(path, TlsFolder.AuthorityFile));

        Assert.Null(new TlsFolder(path, Role.None, _clock, NullLogger.Instance).Current.Certificate);
        Assert.Contains("tls.crt does not exist", Problem(path, Role.View), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_OfACertificateThatExpiresSoon_Warns()
    {
        var logger = new RecordingLogger();

        _ = new TlsFolder(_certificates.Issue("silo", Role.Silo, TimeSpan.FromDays(3)), Role.Silo, _clock, logger);

        Assert.Contains("expires on", Assert.Single(logger.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public void Issue_WritesKeysForTheirOwnerAlone()
    {
        var path = _certificates.Issue("silo", Role.Silo);

        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such modes");
            return;
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(path, TlsFolder.KeyFile)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_certificates.PathOf("ca"), PrivateAuthority.KeyFile)));
    }

    [Fact]
    public void Create_OfAnAuthorityWhereThereIsOne_IsRefused() =>
        Assert.Contains("exists already", Assert.Throws<TlsFilesException>(() => PrivateAuthority.Create(_certificates.PathOf("ca"), "again", _clock)).Message, StringComparison.Ordinal);

    public void Dispose() => _certificates.Dispose();

    private string Problem(string path, Role needed) => Assert.Throws<TlsFilesException>(() => new TlsFolder(path, needed, _clock, NullLogger.Instance)).Message;
}
