using System.Security.Cryptography.X509Certificates;

namespace Lcnn.Distributed.Client.Security;

/// <summary>Certificates of private authorities, for TLS.</summary>
internal static class PrivateTrust
{
    /// <summary>A certificate with its key in the one form that TLS takes everywhere: Windows' takes no key that is not in a store or a PKCS #12.</summary>
    public static X509Certificate2 ForTls(X509Certificate2 pair) => X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);

    /// <summary>A chain that ends at some authorities and nowhere else.</summary>
    public static X509Chain ChainTo(X509Certificate2Collection authorities, X509Certificate2Collection onTheWay)
    {
        var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(onTheWay);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain;
    }
}
