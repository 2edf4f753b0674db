using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Silo.Security;

/// <summary>Finds out the role of whoever makes a call, from the pass that came with it.</summary>
/// <remarks>
/// With certificates a pass is signed with one, or bears a token. Without, a silo is believed to be one, and every other caller may operate unless there
/// are tokens: such a cluster is as safe as its network. Signatures are checked once and remembered for as long as the pass is good. Safe for concurrent use.
/// </remarks>
internal sealed class CallerCheck(string clusterId, TlsFolder? folder, ClientTokens? tokens, TimeProvider clock)
{
    private const int MostRemembered = 4096;
    private static readonly TimeSpan _skew = TimeSpan.FromMinutes(5); // clocks differ

    private readonly ConcurrentDictionary<UInt128, Known> _known = new();

    /// <summary>The role, and why it is not a higher one.</summary>
    public (Role Role, string Problem) Identify(CallerPass? pass)
    {
        if (folder is null)
        {
            return pass is { IsSilo: true } ? (Role.Silo, "")
                : tokens is null ? (Role.Operate, "it is a client")
                : RoleOfToken(pass);
        }

        if (pass is not { Certificate.Length: > 0 })
        {
            return RoleOfToken(pass);
        }

        var (role, problem) = RoleOfCertificate(folder.Current, pass);
        return role == Role.None && pass.Token.Length > 0 ? RoleOfToken(pass) : (role, problem);
    }

    private (Role Role, string Problem) RoleOfToken(CallerPass? pass)
    {
        if (pass is not { Token.Length: > 0 })
        {
            return (Role.None, folder is null ? "it shows no token" : "it shows neither a certificate nor a token");
        }

        var role = tokens?.RoleOf(pass.Token) ?? Role.None;
        return (role, role == Role.None ? "its token is not known here" : $"its token is for the role '{CertificateRoles.TextOf(role)}'");
    }

    private (Role Role, string Problem) RoleOfCertificate(TlsIdentity identity, CallerPass pass)
    {
        var now = clock.GetUtcNow();
        if (pass.Signature.Length < 16)
        {
            return (Role.None, "its pass is not signed");
        }

        var key = BinaryPrimitives.ReadUInt128LittleEndian(pass.Signature);
        if (_known.TryGetValue(key, out var known) && known.Is(pass, identity) && now < known.Until)
        {
            return (known.Role, known.Problem);
        }

        var issued = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(pass.IssuedAt, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
        if (now - issued > PassIssuer.Lifetime + _skew || issued - now > _skew)
        {
            return (Role.None, $"its pass is of {TlsIdentity.Time(issued.UtcDateTime)}, and here it is {TlsIdentity.Time(now.UtcDateTime)}: set the clocks");
        }

        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(pass.Certificate);
            if (identity.ProblemOf(certificate, Role.View, now) is { } problem)
            {
                return (Role.None, problem);
            }

            if (!TlsIdentity.IsSigned(PassIssuer.Text(clusterId, pass.IssuedAt), pass.Signature, certificate))
            {
                return (Role.None, "its pass is not signed with its certificate's key, or is another cluster's");
            }

            var role = CertificateRoles.Of(certificate);
            var until = new[] { issued + PassIssuer.Lifetime + _skew, certificate.NotAfter }.Min();
            Remember(key, known = new Known(pass, identity, role, $"its certificate '{certificate.Subject}' is for the role '{CertificateRoles.TextOf(role)}'", until));
            return (role, known.Problem);
        }
        catch (CryptographicException)
        {
            return (Role.None, "its certificate cannot be read");
        }
    }

    private void Remember(UInt128 key, Known known)
    {
        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        _known[key] = known;
    }

    // All of it must be the same: a signature alone can be put under another's certificate.
    private sealed record Known(CallerPass Pass, TlsIdentity Identity, Role Role, string Problem, DateTimeOffset Until)
    {
        public bool Is(CallerPass other, TlsIdentity identity) => ReferenceEquals(identity, Identity) && other.IssuedAt == Pass.IssuedAt
            && other.Signature.AsSpan().SequenceEqual(Pass.Signature) && other.Certificate.AsSpan().SequenceEqual(Pass.Certificate);
    }
}
