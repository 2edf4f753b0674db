using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Grains.Collectives.Links;

namespace Lcnn.Distributed.Silo.Security;

/// <summary>TLS for streams: between silos alone, each with a certificate of that role.</summary>
internal sealed class StreamTls(TlsFolder folder, TimeProvider clock) : IStreamSecurity
{
    public Stream Dial(Socket socket)
    {
        var (stream, check) = Create(socket);
        Authenticate(check, () => stream.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = "lcnn",
            EnabledSslProtocols = SslProtocols.Tls13 | SslProtocols.Tls12,
            LocalCertificateSelectionCallback = (_, _, _, _, _) => folder.Current.Certificate!,
        }));
        return stream;
    }

    public Stream Accept(Socket socket)
    {
        var (stream, check) = Create(socket);
        Authenticate(check, () => stream.AuthenticateAsServer(new SslServerAuthenticationOptions
        {
            ServerCertificate = folder.Current.Certificate,
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls13 | SslProtocols.Tls12,
        }));
        return stream;
    }

    private (SslStream Stream, Check Check) Create(Socket socket)
    {
        var check = new Check();
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: false), leaveInnerStreamOpen: false, (_, certificate, _, _) =>
        {
            check.Problem = folder.Current.ProblemOf(certificate as X509Certificate2, Role.Silo, clock.GetUtcNow());
            return check.Problem is null;
        });
        return (stream, check);
    }

    private static void Authenticate(Check check, Action handshake)
    {
        try
        {
            handshake();
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            throw new AuthenticationException(check.Problem ?? "it does not speak TLS, or does not take this silo's certificate", exception);
        }
    }

    // What the library leaves out of its exceptions.
    private sealed class Check
    {
        public string? Problem { get; set; }
    }
}
