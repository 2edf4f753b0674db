using Lcnn.Distributed.Contracts.Workers;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Lcnn.Distributed.UnitTests.Contracts;

public sealed class StaleGenerationExceptionTests
{
    [Fact]
    public void Serialize_AsAnyException_KeepsItsTypeAndNumbers()
    {
        using var services = new ServiceCollection()
            .AddSerializer(builder => builder.AddAssembly(typeof(StaleGenerationException).Assembly))
            .BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer<Exception>>();
        var sent = new StaleGenerationException("run", generation: 2, current: 3);

        var received = Assert.IsType<StaleGenerationException>(serializer.Deserialize(serializer.SerializeToArray(sent)));

        Assert.Equal((2, 3, sent.Message), (received.Generation, received.Current, received.Message));
    }
}
