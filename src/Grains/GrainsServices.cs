using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Grains;

/// <summary>Registers what the grains of this project need.</summary>
public static class GrainsServices
{
    /// <summary>Adds the services shared by all workers of a process.</summary>
    public static IServiceCollection AddLcnnGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<DataSetLoader>(_ => new DataSetLoader());
        services.AddSingleton<DataSetCache>();
        services.AddOptions<TransportOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<TransportOptions>, TransportOptionsValidator>();
        services.AddSingleton<TransportHub>();
        return services;
    }
}
