using Lcnn.Distributed.Grains;
using Lcnn.Distributed.Grains.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Persistence.Redis;
using Orleans.Storage;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>Records in Redis; what goes wrong is said in a sentence, where the library's text is a page long.</summary>
internal sealed class PlainGrainStorage(IGrainStorage redis) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => AskAsync("read", () => redis.ReadStateAsync(stateName, grainId, grainState));

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => AskAsync("write", () => redis.WriteStateAsync(stateName, grainId, grainState));

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => AskAsync("clear", () => redis.ClearStateAsync(stateName, grainId, grainState));

    public void Participate(ISiloLifecycle lifecycle) => (redis as ILifecycleParticipant<ISiloLifecycle>)?.Participate(lifecycle);

    private static async Task AskAsync(string operation, Func<Task> ask)
    {
        try
        {
            await Measures.TimeStoreAsync(operation, ask);
        }
        catch (RedisStorageException exception)
        {
            throw RedisTrouble.Of(exception);
        }
    }
}

/// <summary>Puts it before the storage that is registered.</summary>
internal static class PlainGrainStorageServices
{
    public static void SayPlainlyWhatRedisDoes(this IServiceCollection services)
    {
        var registered = services.Last(service => service.ServiceType == typeof(IGrainStorage) && GrainStorageNames.Lcnn.Equals(service.ServiceKey));
        services.Remove(registered);
        services.AddKeyedSingleton<IGrainStorage>(
            GrainStorageNames.Lcnn, (provider, key) => new PlainGrainStorage((IGrainStorage)registered.KeyedImplementationFactory!(provider, key)));
        // Orleans logs every attempt in the storage's name, one a second; who writes says it once.
        services.AddLogging(static logging => logging.AddFilter(typeof(PlainGrainStorage).FullName, LogLevel.None));
    }
}
