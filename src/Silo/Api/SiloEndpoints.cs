using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>Silos and their slots.</summary>
internal static class SiloEndpoints
{
    public static void MapSilos(this IEndpointRouteBuilder api) => api.MapGet("/silos", ListAsync).For(Role.View)
        .WithSummary("The silos of the cluster with their slots, and what has them.").Produces<SilosAnswer>();

    private static async Task<IResult> ListAsync(HttpContext context, IRunLauncher cluster) =>
        Answers.Of(context, new SilosAnswer(await cluster.ListSilosAsync(context.RequestAborted)));
}

/// <summary>The silos of a cluster.</summary>
internal sealed record SilosAnswer(IReadOnlyList<SiloReport> Silos);
