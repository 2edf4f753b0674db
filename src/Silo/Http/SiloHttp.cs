using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Lcnn.Distributed.Silo.Http;

/// <summary>Where the silo's web server listens.</summary>
public sealed class SiloHttp(IServer server)
{
    /// <summary>Its port, once it has started.</summary>
    public int Port => new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
}
