using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Lcnn.Distributed.UnitTests.Contracts;

/// <summary>Errors as they reach a client, which has this one assembly of ours.</summary>
public sealed class ErrorsTests
{
    private readonly Serializer _serializer =
        new ServiceCollection().AddSerializer(builder => builder.AddAssembly(typeof(RunSpec).Assembly)).BuildServiceProvider().GetRequiredService<Serializer>();

    public static TheoryData<Exception> Errors =>
    [
        new RunNotFoundException("run-1", "why"),
        new RunExistsException("another spec"),
        new InvalidSpecException([new SpecProblem("Epochs", "expected at least 1, got 0")]),
        new SnapshotNotFoundException("run-1", "step-1"),
        new SnapshotDamagedException("torn"),
        new RunFolderNotFoundException("nowhere"),
        new CoordinatorReplacedException("replaced"),
        new GangTooLargeException("too large"),
    ];

    [Theory]
    [MemberData(nameof(Errors))]
    public void Error_OverTheWire_KeepsTypeMessageAndMembers(Exception error)
    {
        var arrived = _serializer.Deserialize<Exception>(_serializer.SerializeToArray(error));

        Assert.Equal((error.GetType(), error.Message), (arrived!.GetType(), arrived.Message));
        Assert.All(
            error.GetType().GetProperties().Where(property => property.DeclaringType == error.GetType()),
            property => Assert.Equal(property.GetValue(error), property.GetValue(arrived)));
    }
}
