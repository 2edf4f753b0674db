using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Contracts.Security;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client.Security;

/// <summary>Certificates of a folder with <c>tls.crt</c>, <c>tls.key</c> and <c>ca.crt</c>, as a Kubernetes secret of cert-manager is mounted; read anew when they change.</summary>
/// <remarks>Files that do not fit together yet leave what was read before (<see cref="RereadFiles{TContent, TValue}"/>).</remarks>
internal sealed partial class TlsFolder
{
    public const string CertificateFile = "tls.crt";
    public const string KeyFile = "tls.key";
    public const string AuthorityFile = "ca.crt";

    private static readonly TimeSpan _warnBefore = TimeSpan.FromDays(7);

    private readonly string _path;
    private readonly Role _needed;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly RereadFiles<Files, TlsIdentity> _files;

    /// <param name="path">The folder.</param>
    /// <param name="needed">Role that the own certificate must give; with <see cref="Role.None"/> there need be none.</param>
    /// <exception cref="TlsFilesException">They cannot be used.</exception>
    public TlsFolder(string path, Role needed, TimeProvider clock, ILogger logger)
    {
        (_path, _needed, _clock, _logger) = (Path.GetFullPath(path), needed, clock, logger);
        _files = new RereadFiles<Files, TlsIdentity>(
            () => Files.Read(_path, needed == Role.None), files => Check(files.Parse(_path)), clock, OnAnew, LogKept);
        WarnOfExpiry(Current);
    }

    /// <summary>What the files say now.</summary>
    public TlsIdentity Current => _files.Current;

    private void OnAnew(TlsIdentity identity)
    {
        LogReadAnew(_path, identity.Certificate is { } own ? TlsIdentity.Time(own.NotAfter) : "-");
        WarnOfExpiry(identity);
    }

    private TlsIdentity Check(TlsIdentity identity) =>
        _needed == Role.None && identity.Certificate is null ? identity
        : identity.ProblemOf(identity.Certificate, _needed == Role.None ? Role.View : _needed, _clock.GetUtcNow()) is { } problem
            ? throw new TlsFilesException($"{Path.Combine(_path, CertificateFile)}: {problem.Replace("its certificate", "the certificate", StringComparison.Ordinal)}")
        : identity;

    private void WarnOfExpiry(TlsIdentity identity)
    {
        if (identity.Certificate is { } own && own.NotAfter - _clock.GetUtcNow() < _warnBefore)
        {
            LogExpires(own.Subject, _path, TlsIdentity.Time(own.NotAfter));
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The certificates in {Path} have changed and were read anew; the own one is valid until {NotAfter}")]
    private partial void LogReadAnew(string path, string notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificates have changed and cannot be used, those read before stay: {Problem}")]
    private partial void LogKept(string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate '{Subject}' in {Path} expires on {NotAfter}: renew it there, it is read anew by itself")]
    private partial void LogExpires(string subject, string path, string notAfter);

    private sealed record Files(byte[]? Certificate, byte[]? Key, byte[] Authority)
    {
        public static Files Read(string folder, bool mayLackOwn)
        {
            if (!Directory.Exists(folder))
            {
                throw new TlsFilesException($"the folder '{folder}' does not exist; it is to hold {CertificateFile}, {KeyFile} and {AuthorityFile} ('lcnn ca' makes them)");
            }

            var hasNone = mayLackOwn && !File.Exists(PathOf(CertificateFile)) && !File.Exists(PathOf(KeyFile));
            return new Files(hasNone ? null : Load(CertificateFile), hasNone ? null : Load(KeyFile), Load(AuthorityFile));

            string PathOf(string file) => Path.Combine(folder, file);

            byte[] Load(string file)
            {
                try
                {
                    return File.ReadAllBytes(PathOf(file));
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    throw new TlsFilesException(
                        File.Exists(PathOf(file)) ? $"{PathOf(file)} cannot be read: {exception.Message}" : $"{PathOf(file)} does not exist; expected {CertificateFile}, {KeyFile} and {AuthorityFile} there", exception);
                }
            }
        }

        public bool Equals(Files? other) => other is not null
            && Certificate.AsSpan().SequenceEqual(other.Certificate) && Key.AsSpan().SequenceEqual(other.Key) && Authority.AsSpan().SequenceEqual(other.Authority);

        public override int GetHashCode() => Authority.Length;

        public TlsIdentity Parse(string folder)
        {
            var authorities = Certificates(AuthorityFile, Authority);
            if (Certificate is null)
            {
                return new TlsIdentity(null, authorities, []);
            }

            var chain = Certificates(CertificateFile, Certificate);
            try
            {
                using var pair = X509Certificate2.CreateFromPem(System.Text.Encoding.UTF8.GetString(Certificate), System.Text.Encoding.UTF8.GetString(Key!));
                var own = PrivateTrust.ForTls(pair);
                chain.RemoveAt(0);
                return new TlsIdentity(own, authorities, chain);
            }
            catch (Exception exception) when (exception is CryptographicException or ArgumentException)
            {
                throw new TlsFilesException(
                    $"{Path.Combine(folder, KeyFile)} is not the unencrypted private key, in PEM, of the first certificate in {CertificateFile}: {exception.Message.ReplaceLineEndings(" ")}", exception);
            }

            X509Certificate2Collection Certificates(string file, byte[] bytes)
            {
                var found = new X509Certificate2Collection();
                try
                {
                    found.ImportFromPem(System.Text.Encoding.UTF8.GetString(bytes));
                }
                catch (CryptographicException exception)
                {
                    throw new TlsFilesException($"{Path.Combine(folder, file)} holds a certificate that cannot be read: {exception.Message.ReplaceLineEndings(" ")}", exception);
                }

                return found.Count > 0 ? found : throw new TlsFilesException($"{Path.Combine(folder, file)} holds no certificate; expected PEM, '-----BEGIN CERTIFICATE-----'");
            }
        }
    }
}
