using System.Net.Sockets;

namespace Lcnn.Distributed.Grains.Collectives.Links;

/// <summary>Secures the connections of streams before anything of a run is said on them. Calls block; the caller ends the socket when they take too long.</summary>
public interface IStreamSecurity
{
    /// <summary>The dialling side's.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The other side is not who it should be.</exception>
    Stream Dial(Socket socket);

    /// <summary>The dialled side's.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The other side is not who it should be.</exception>
    Stream Accept(Socket socket);
}
