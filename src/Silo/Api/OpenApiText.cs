using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>What the API's own description says of the whole.</summary>
internal static class OpenApiText
{
    public static void Describe(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Lcnn.Distributed",
                Version = "v1",
                Description = "Runs, sweeps and silos of a cluster. Any silo answers for all. Within v1 paths and members are only added; readers pass over what they do not know.",
            };
            document.Servers = [];
            return Task.CompletedTask;
        });
    }
}
