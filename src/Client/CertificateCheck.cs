using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Client.Security;

namespace Lcnn.Distributed.Client;

/// <summary>Accepts the certificates that this machine trusts, or else those of some authorities, and keeps why it did not.</summary>
/// <param name="host">Whom the certificate must be for.</param>
/// <param name="authorityFile">File with the authorities' certificates; null for those of the machine.</param>
internal sealed class CertificateCheck(string host, string? authorityFile)
{
    /// <summary>What is wrong, and what to mend; null while nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>The callback of a TLS handshake.</summary>
    public bool Validate(object _, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (authorityFile is null || certificate is not X509Certificate2 shown)
        {
            Problem = errors == SslPolicyErrors.None ? null : Describe(certificate as X509Certificate2, chain, errors);
            return Problem is null;
        }

        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(authorityFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            Problem = $"the authorities in '{authorityFile}' cannot be read: {exception.Message.ReplaceLineEndings(" ")}";
            return false;
        }

        using var own = PrivateTrust.ChainTo(authorities, chain?.ChainPolicy.ExtraStore ?? []);
        errors &= ~SslPolicyErrors.RemoteCertificateChainErrors;
        errors |= own.Build(shown) ? SslPolicyErrors.None : SslPolicyErrors.RemoteCertificateChainErrors;
        Problem = errors == SslPolicyErrors.None ? null : Describe(shown, own, errors);
        return Problem is null;
    }

    private string Describe(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "it shows no certificate; give it one ('tls-cert-file')";
        }

        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.NoError;
        var now = DateTime.Now;
        var problems = new List<string>();
        if (certificate.NotAfter < now)
        {
            problems.Add($"its certificate expired on {Day(certificate.NotAfter)}: renew it");
        }
        else if (certificate.NotBefore > now)
        {
            problems.Add($"its certificate is not valid before {Day(certificate.NotBefore)}: set this machine's clock, or renew it");
        }
        else if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            problems.Add("an authority's certificate behind its own is expired: renew that");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            problems.Add($"its certificate is for {Names(certificate)}, not for '{host}': use such a name in the address, or give it a certificate for this one");
        }

        if ((status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
        {
            problems.Add(authorityFile is null
                ? $"this machine does not trust its certificate, issued by '{certificate.Issuer}': name that authority's file as '?ssl_ca_certs=FILE' in the address, or add it to the machine's"
                : $"its certificate, issued by '{certificate.Issuer}', does not come from an authority in '{authorityFile}'");
        }

        return problems.Count > 0 ? string.Join("; ", problems) : $"its certificate is refused ({status}): give it another";
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString()))).ToList();
        return names.Count > 0 ? string.Join(", ", names.Select(name => $"'{name}'")) : $"'{certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false)}'";
    }

    private static string Day(DateTime time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
