using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.UnitTests.Security;

/// <summary>A private authority and what it issues, in a folder that goes with the test.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lcnn-certificates-").FullName;
    private readonly TimeProvider _clock;

    public Certificates(TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        Authority = PrivateAuthority.Create(PathOf("ca"), "test", _clock);
    }

    public PrivateAuthority Authority { get; }

    /// <summary>A folder for <see cref="TlsFolder"/> with a certificate of a role.</summary>
    public string Issue(string name, Role role, TimeSpan? validFor = null)
    {
        using var issued = Authority.Issue(PathOf(name), name, role, [], validFor ?? TimeSpan.FromDays(30));
        return PathOf(name);
    }

    public TlsFolder Folder(string name, Role role) => new(Issue(name, role), role, _clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    public X509Certificate2 Load(string name) => X509CertificateLoader.LoadCertificateFromFile(Path.Combine(PathOf(name), TlsFolder.CertificateFile));

    public string PathOf(string name) => Path.Combine(_root, name);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
