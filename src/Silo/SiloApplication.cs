using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo.Configuration;
using Lcnn.Distributed.Silo.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace Lcnn.Distributed.Silo;

/// <summary>The program of one silo: its host, with a web server in it where there is a port for one.</summary>
public static class SiloApplication
{
    /// <summary>Builds it.</summary>
    /// <param name="address">The cluster it is of.</param>
    /// <param name="configure">Sets its options.</param>
    /// <param name="host">What the program adds to the host: logs and how it ends.</param>
    /// <param name="silo">What it adds to the silo: data sets, networks and operations.</param>
    public static IHost Build(ClusterAddress address, Action<SiloOptions> configure, Action<IHostApplicationBuilder> host, Action<LcnnSiloBuilder>? silo = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        ArgumentNullException.ThrowIfNull(host);
        var program = silo ?? (static _ => { });
        var own = new SiloOptions();
        configure(own);

        // Neither has the defaults: an appsettings.json in the user's folder is none of our business.
        if (own.HttpPort is null)
        {
            var plain = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            host(plain);
            program(plain.AddLcnnSilo(address, configure));
            return plain.Build();
        }

        var web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        host(web);
        program(web.AddLcnnSilo(address, configure));
        web.AddSiloHttp();
        var application = web.Build();
        application.MapSiloHttp();
        return application;
    }
}
