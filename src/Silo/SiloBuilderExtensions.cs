using Lcnn.Distributed.Grains;

namespace Lcnn.Distributed.Silo;

/// <summary>What every silo of the system needs, wherever it is hosted.</summary>
public static class SiloBuilderExtensions
{
    /// <summary>Adds the services behind the grains.</summary>
    public static ISiloBuilder AddLcnn(this ISiloBuilder builder)
    {
        builder.Services.AddLcnnGrains();
        return builder.AddMemoryGrainStorage(StorageNames.Grains).UseInMemoryReminderService();
    }
}
