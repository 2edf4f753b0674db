using Lcnn.Distributed.Client;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Grains.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>The cluster over HTTP: runs, sweeps and silos, to look at and to steer. Any silo answers for all.</summary>
internal static class SiloApi
{
    /// <summary>What all paths begin with; what is said under it is only added to.</summary>
    public const string Root = "/api/v1";

    /// <summary>Most bytes of a body, such as a sweep's file.</summary>
    public const int MaxBodyBytes = 1 << 20;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(25); // shorter than a browser's, longer than a silo's loss usually takes

    public static void AddSiloApi(this IServiceCollection services)
    {
        services.TryAddSingleton<IRunLauncher>(services => new LcnnClient(services.GetRequiredService<IGrainFactory>(), services.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ApiAccess>();
        services.AddSingleton<ApiProblems>();
        services.AddSingleton<EventStream>();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(options => ApiJson.Apply(options.SerializerOptions));
        services.AddOpenApi("v1", OpenApiText.Describe);
    }

    public static void MapSiloApi(this WebApplication application)
    {
        application.Use(CheckAsync);
        var api = application.MapGroup(Root);
        api.MapGroup("").WithTags("session").MapSession();
        api.MapGroup("").WithTags("runs").MapRuns();
        api.MapGroup("").WithTags("snapshots").MapSnapshots();
        api.MapGroup("").WithTags("sweeps").MapSweeps();
        api.MapGroup("").WithTags("silos").MapSilos();
        application.MapOpenApi(Root + "/openapi.json").For(Role.None);
    }

    /// <summary>Says who may call an endpoint.</summary>
    public static TBuilder For<TBuilder>(this TBuilder endpoint, Role role, bool isStream = false)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ApiEndpoint(role, isStream));

    /// <summary>Says that an endpoint takes a body.</summary>
    public static TBuilder TakesBody<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));

    private static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Path.StartsWithSegments("/api"))
        {
            return next(context);
        }

        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.RequestServices.GetRequiredService<ApiProblems>().InvokeAsync(context, context => AnswerAsync(context, next));
    }

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ApiEndpoint>() is not { } endpoint)
        {
            await next(context); // no such path, or no such method there
            if (context.Response is { HasStarted: false, StatusCode: >= 400 and var status })
            {
                await ApiProblems.WriteAsync(context, Nothing(status));
            }

            return;
        }

        var (role, problem) = context.RequestServices.GetRequiredService<ApiAccess>().Identify(context);
        if (role < endpoint.Role)
        {
            await RefuseAsync(context, role, endpoint.Role, problem);
            return;
        }

        if (endpoint.IsStream)
        {
            await next(context);
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(_patience);
        context.RequestAborted = patience.Token;
        await next(context);
    }

    private static ProblemDetails Nothing(int status) => new()
    {
        Status = status,
        Title = "There is nothing to call here.",
        Detail = status switch
        {
            StatusCodes.Status405MethodNotAllowed => $"The path takes other methods; see {Root}/openapi.json.",
            StatusCodes.Status415UnsupportedMediaType => "The body is of another type than is expected here: for JSON send 'Content-Type: application/json', for a sweep's file 'application/yaml'.",
            _ => $"See {Root}/openapi.json.",
        },
    };

    private static Task RefuseAsync(HttpContext context, Role role, Role least, string problem)
    {
        Measures.CountRefused("request");
        var isUnknown = role == Role.None;
        return ApiProblems.WriteAsync(context, new ProblemDetails
        {
            Status = isUnknown ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden,
            Title = "The caller may not do that.",
            Detail = $"This is for the role '{CertificateRoles.TextOf(least)}', and {problem}; nothing was done.",
        });
    }
}
