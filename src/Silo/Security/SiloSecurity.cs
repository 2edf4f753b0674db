using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Grains.Collectives.Links;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace Lcnn.Distributed.Silo.Security;

/// <summary>Shuts a silo's doors: who may connect, and who may call what.</summary>
internal static class SiloSecurity
{
    /// <summary>Every call says who makes it, and is let through or refused.</summary>
    /// <param name="knowsOthers">As in <see cref="CallRoles"/>.</param>
    public static ISiloBuilder AddCallGuard(this ISiloBuilder builder, bool knowsOthers)
    {
        builder.Services.AddSingleton<TurnedAway>();
        builder.Services.AddSingleton(new CallRoles(knowsOthers));
        builder.Services.AddSingleton(services => new Doors(services));
        builder.Services.AddSingleton(services =>
        {
            var (doors, cluster) = (services.GetRequiredService<Doors>(), services.GetRequiredService<IOptions<ClusterOptions>>().Value);
            return new CallerCheck(cluster.ClusterId, doors.Certificates, doors.Tokens, services.GetRequiredService<TimeProvider>());
        });
        builder.Services.AddSingleton(services => new PassIssuer(
            services.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId, services.GetRequiredService<Doors>().Certificates, static () => null, isSilo: true,
            services.GetRequiredService<TimeProvider>()));
        return builder.AddIncomingGrainCallFilter<CallGuard>().AddOutgoingGrainCallFilter<PassFilter>();
    }

    /// <summary>Connections of other silos, of clients and of streams go over TLS.</summary>
    public static ISiloBuilder AddTls(this ISiloBuilder builder)
    {
        builder.Services.AddSingleton<IStreamSecurity>(services => new StreamTls(
            services.GetRequiredService<Doors>().Certificates!, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddOptions<SiloConnectionOptions>().Configure<Doors, TimeProvider>((connections, doors, clock) =>
        {
            var folder = doors.Certificates!;
            connections.ConfigureSiloInboundConnection(connection => connection.UseServerTls(Dialled(folder, Role.Silo, clock, doors.Refuse)));
            connections.ConfigureSiloOutboundConnection(connection => connection.UseClientTls(Dialling(folder, clock, doors.Refuse)));
            connections.ConfigureGatewayInboundConnection(connection =>
                connection.UseServerTls(Dialled(folder, doors.Tokens is null ? Role.View : Role.None, clock, doors.Refuse)));
        });
        return builder;
    }

    private static TlsOptions Dialling(TlsFolder folder, TimeProvider clock, Action<string> refused)
    {
        var options = new TlsOptions();
        TlsConnections.ApplyDialling(options, folder, clock, refused);
        return options;
    }

    // Role that the dialler's certificate must give; with none, one without a certificate is let in, to show a token with each call.
    private static TlsOptions Dialled(TlsFolder folder, Role least, TimeProvider clock, Action<string> refused) => new()
    {
        LocalServerCertificateSelector = (_, _) => folder.Current.Certificate!,
        RemoteCertificateMode = least == Role.None ? RemoteCertificateMode.AllowCertificate : RemoteCertificateMode.RequireCertificate,
        RemoteCertificateValidation = (certificate, _, _) => TlsConnections.IsFine(folder, certificate, least == Role.None ? Role.View : least, clock, refused),
    };
}
