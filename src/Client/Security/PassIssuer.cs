using System.Globalization;
using System.Text;
using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Client.Security;

/// <summary>Makes the own <see cref="CallerPass"/>, and a new one before the old one is refused.</summary>
internal sealed class PassIssuer(string clusterId, TlsFolder? folder, Func<string?> token, bool isSilo, TimeProvider clock)
{
    /// <summary>How long a pass is good for: whoever steals one has that long.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan _renewAfter = TimeSpan.FromMinutes(3);

    private readonly Lock _gate = new();
    private CallerPass? _pass;
    private TlsIdentity? _identity;
    private long _madeAt;

    /// <summary>One that is good for some minutes.</summary>
    public CallerPass Current
    {
        get
        {
            var identity = folder?.Current;
            lock (_gate)
            {
                if (_pass is null || !ReferenceEquals(identity, _identity) || clock.GetElapsedTime(_madeAt) >= _renewAfter)
                {
                    (_pass, _identity, _madeAt) = (Make(identity), identity, clock.GetTimestamp());
                }

                return _pass;
            }
        }
    }

    /// <summary>What is signed.</summary>
    public static byte[] Text(string clusterId, long issuedAt) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"lcnn caller\0{clusterId}\0{issuedAt}"));

    private CallerPass Make(TlsIdentity? identity)
    {
        if (identity?.Certificate is not { } certificate)
        {
            return new CallerPass { Token = token() ?? "", IsSilo = isSilo };
        }

        var issuedAt = clock.GetUtcNow().ToUnixTimeSeconds();
        return new CallerPass { Certificate = certificate.RawData, IssuedAt = issuedAt, Signature = identity.Sign(Text(clusterId, issuedAt)), Token = token() ?? "" };
    }
}
