using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Client.Security;

/// <summary>A private certificate authority in a folder, for clusters that have no other.</summary>
/// <remarks>Keys are elliptic curves (P-256), in PEM, readable by their owner alone.</remarks>
internal sealed class PrivateAuthority
{
    public const string KeyFile = "ca.key";

    private static readonly TimeSpan _validFor = TimeSpan.FromDays(3650);
    private static readonly TimeSpan _leeway = TimeSpan.FromMinutes(5); // clocks differ

    private readonly X509Certificate2 _certificate;
    private readonly TimeProvider _clock;

    private PrivateAuthority(X509Certificate2 certificate, TimeProvider clock) => (_certificate, _clock) = (certificate, clock);

    /// <summary>Makes one in a folder that has none.</summary>
    /// <exception cref="TlsFilesException">There is one, or the folder cannot be written.</exception>
    public static PrivateAuthority Create(string folder, string name, TimeProvider clock)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject(name, Role.None), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = clock.GetUtcNow();
        var certificate = request.CreateSelfSigned(now - _leeway, now + _validFor);
        Write(folder, overwrite: false, (KeyFile, key.ExportPkcs8PrivateKeyPem()), (TlsFolder.AuthorityFile, certificate.ExportCertificatePem()));
        return new PrivateAuthority(certificate, clock);
    }

    /// <summary>Opens one.</summary>
    /// <exception cref="TlsFilesException">There is none, or it cannot be read.</exception>
    public static PrivateAuthority Open(string folder, TimeProvider clock)
    {
        var (certificate, key) = (Path.Combine(folder, TlsFolder.AuthorityFile), Path.Combine(folder, KeyFile));
        try
        {
            return new PrivateAuthority(X509Certificate2.CreateFromPemFile(certificate, key), clock);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new TlsFilesException(
                File.Exists(certificate) && File.Exists(key)
                    ? $"the authority in '{folder}' cannot be read: {exception.Message.ReplaceLineEndings(" ")}"
                    : $"there is no authority in '{folder}' ({TlsFolder.AuthorityFile} and {KeyFile}); make one with 'lcnn ca init {folder}'", exception);
        }
    }

    /// <summary>Issues a certificate into a folder that <see cref="TlsFolder"/> reads; an old one there is replaced.</summary>
    /// <param name="folder">Where <c>tls.crt</c>, <c>tls.key</c> and <c>ca.crt</c> go.</param>
    /// <param name="name">Its common name: of a person, a machine or a program.</param>
    /// <param name="role">What it allows.</param>
    /// <param name="hosts">Host names and addresses that it stands for besides; for programs that ask for them.</param>
    /// <param name="validFor">From now on.</param>
    /// <exception cref="TlsFilesException">The folder cannot be written, or the authority itself expires before.</exception>
    public X509Certificate2 Issue(string folder, string name, Role role, IReadOnlyList<string> hosts, TimeSpan validFor)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject(name, role), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(Usages(role), critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (hosts.Count > 0)
        {
            request.CertificateExtensions.Add(Names(hosts));
        }

        var now = _clock.GetUtcNow();
        if (now + validFor > _certificate.NotAfter)
        {
            throw new TlsFilesException($"the authority itself expires on {TlsIdentity.Time(_certificate.NotAfter)}; ask for fewer days, or make a new authority");
        }

        var certificate = request.Create(_certificate, now - _leeway, now + validFor, RandomNumberGenerator.GetBytes(16));
        Write(folder, overwrite: true,
            (TlsFolder.KeyFile, key.ExportPkcs8PrivateKeyPem()), (TlsFolder.CertificateFile, certificate.ExportCertificatePem()), (TlsFolder.AuthorityFile, _certificate.ExportCertificatePem()));
        return certificate;
    }

    private static X500DistinguishedName Subject(string name, Role role)
    {
        var builder = new X500DistinguishedNameBuilder();
        if (role != Role.None)
        {
            builder.AddOrganizationName(CertificateRoles.NameOf(role));
        }

        builder.AddCommonName(name);
        return builder.Build();
    }

    // A silo answers some and calls others; nobody else is to be taken for a server.
    private static OidCollection Usages(Role role)
    {
        var (server, client) = (new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2"));
        return role == Role.Silo ? [server, client] : [client];
    }

    private static X509Extension Names(IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return names.Build();
    }

    private static void Write(string folder, bool overwrite, params (string Name, string Text)[] files)
    {
        try
        {
            Directory.CreateDirectory(folder);
            if (!overwrite && files.Select(file => Path.Combine(folder, file.Name)).FirstOrDefault(File.Exists) is { } taken)
            {
                throw new TlsFilesException($"'{taken}' exists already: whoever trusts that authority would not trust a new one; choose another folder, or remove it");
            }

            foreach (var (name, text) in files)
            {
                var path = Path.Combine(folder, name);
                var temporary = path + ".tmp";
                File.Delete(temporary);
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = name.EndsWith(".key", StringComparison.Ordinal) ? UnixFileMode.UserRead | UnixFileMode.UserWrite
                        : UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
                }

                using (var file = new StreamWriter(temporary, options))
                {
                    file.Write(text);
                    file.Write('\n');
                }

                File.Move(temporary, path, overwrite: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TlsFilesException($"certificates cannot be written to '{folder}': {exception.Message}", exception);
        }
    }
}
