using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Contracts.Security;
using Orleans.Connections.Security;

namespace Lcnn.Distributed.Client.Security;

/// <summary>How Orleans' connections are secured: TLS with certificates of the folder on both sides, chosen anew for each.</summary>
internal static class TlsConnections
{
    /// <summary>The side that dials: it shows its own certificate, and talks to silos alone.</summary>
    public static void ApplyDialling(TlsOptions options, TlsFolder folder, TimeProvider clock, Action<string> refused)
    {
        options.LocalClientCertificateSelector = (_, _, _, _, _) => folder.Current.Certificate;
        options.ClientCertificateMode = RemoteCertificateMode.AllowCertificate;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (certificate, _, _) => IsFine(folder, certificate, Role.Silo, clock, refused);
    }

    /// <summary>Whether another's certificate gives at least a role; else what is wrong with it is noted.</summary>
    public static bool IsFine(TlsFolder folder, X509Certificate2 certificate, Role least, TimeProvider clock, Action<string> refused)
    {
        var problem = folder.Current.ProblemOf(certificate, least, clock.GetUtcNow());
        if (problem is not null)
        {
            refused(problem);
        }

        return problem is null;
    }
}
