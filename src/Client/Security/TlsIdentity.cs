using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Client.Security;

/// <summary>Who one is and whom one trusts, as read from files at one moment.</summary>
/// <param name="Certificate">The own certificate with its key; null for a client that has but a token.</param>
/// <param name="Authorities">Certificates of the authorities that others' certificates must come from.</param>
/// <param name="Intermediates">Certificates on the way to them.</param>
internal sealed record TlsIdentity(X509Certificate2? Certificate, X509Certificate2Collection Authorities, X509Certificate2Collection Intermediates)
{
    /// <summary>Whether another's certificate comes from the authorities, is valid now, and gives at least a role.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ProblemOf(X509Certificate2? other, Role least, DateTimeOffset now)
    {
        if (other is null)
        {
            return "it shows no certificate";
        }

        if (ChainProblem(other, now) is { } problem)
        {
            return $"its certificate '{other.Subject}' {problem}";
        }

        return CertificateRoles.Of(other) >= least ? null
            : $"its certificate '{other.Subject}' is not for the role '{CertificateRoles.TextOf(least)}': that takes O={CertificateRoles.NameOf(least)} in its subject";
    }

    // A name is nothing to go by where addresses come and go: the authority and the role are.
    private string? ChainProblem(X509Certificate2 other, DateTimeOffset now)
    {
        if (now < other.NotBefore || now > other.NotAfter)
        {
            return now > other.NotAfter ? $"expired on {Time(other.NotAfter)}: renew it" : $"is not valid before {Time(other.NotBefore)}: set the clocks";
        }

        using var chain = PrivateTrust.ChainTo(Authorities, Intermediates);
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        if (chain.Build(other))
        {
            return null;
        }

        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        return (status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0
            ? $"comes from '{other.Issuer}', which is not one of the authorities in ca.crt"
            : $"is refused ({status})";
    }

    /// <summary>Signs a text with the own key.</summary>
    public byte[] Sign(byte[] text)
    {
        var certificate = Certificate ?? throw new InvalidOperationException("there is no certificate to sign with");
        using var curve = certificate.GetECDsaPrivateKey();
        if (curve is not null)
        {
            return curve.SignData(text, HashAlgorithmName.SHA256);
        }

        using var rsa = certificate.GetRSAPrivateKey() ?? throw new TlsFilesException($"the key of '{certificate.Subject}' is neither an elliptic curve's nor RSA's");
        return rsa.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
    }

    /// <summary>Whether a text was signed with the key of a certificate.</summary>
    public static bool IsSigned(byte[] text, byte[] signature, X509Certificate2 by)
    {
        using var curve = by.GetECDsaPublicKey();
        if (curve is not null)
        {
            return curve.VerifyData(text, signature, HashAlgorithmName.SHA256);
        }

        using var rsa = by.GetRSAPublicKey();
        return rsa is not null && rsa.VerifyData(text, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
    }

    internal static string Time(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
