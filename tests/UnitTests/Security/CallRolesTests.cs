using System.Reflection;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Grains;

namespace Lcnn.Distributed.UnitTests.Security;

public sealed class CallRolesTests
{
    // Whoever adds a method to a grain decides here whether clients may call it; what is not listed is for silos.
    private static readonly string[] _forClients =
    [
        "IGangPlacementGrain.GetSilosAsync View",
        "IRunCatalogGrain.ListAsync View",
        "IRunCoordinatorGrain.CancelAsync Operate",
        "IRunCoordinatorGrain.GetHistoryAsync View",
        "IRunCoordinatorGrain.GetMetricsAsync View",
        "IRunCoordinatorGrain.GetMetricsAsync View",
        "IRunCoordinatorGrain.GetProgressAsync View",
        "IRunCoordinatorGrain.GetRanksAsync View",
        "IRunCoordinatorGrain.GetSeriesAsync View",
        "IRunCoordinatorGrain.GetSpecAsync View",
        "IRunCoordinatorGrain.GetStatusAsync View",
        "IRunCoordinatorGrain.ListSnapshotsAsync View",
        "IRunCoordinatorGrain.SetTagsAsync Operate",
        "IRunCoordinatorGrain.StartAsync Operate",
        "IRunCoordinatorGrain.WatchAsync View",
        "ISiloStorageGrain.ReadAsync Operate",
        "ISnapshotFilesGrain.ListAsync View",
        "ISnapshotFilesGrain.ReadAsync View",
        "ISweepCatalogGrain.ListAsync View",
        "ISweepGrain.AddTrialsAsync Operate",
        "ISweepGrain.GetSpecAsync View",
        "ISweepGrain.GetStatusAsync View",
        "ISweepGrain.GetTrialsAsync View",
        "ISweepGrain.PauseAsync Operate",
        "ISweepGrain.ResumeAsync Operate",
        "ISweepGrain.StartAsync Operate",
        "ISweepGrain.StopAsync Operate",
        "ISweepGrain.WatchAsync View",
    ];

    [Fact]
    public void MethodsOfGrains_ForClients_AreTheListedOnes()
    {
        var methods = new[] { typeof(IRunCoordinatorGrain).Assembly, typeof(GrainStorageNames).Assembly }
            .SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))
            .SelectMany(type => type.GetMethods().Select(method => (type.Name, Method: method))).ToList();

        var found = methods.Where(entry => entry.Method.GetCustomAttribute<RequiresRoleAttribute>() is not null)
            .Select(entry => $"{entry.Name}.{entry.Method.Name} {entry.Method.GetCustomAttribute<RequiresRoleAttribute>()!.Role}");

        Assert.Equal(_forClients, found.Order(StringComparer.Ordinal));
        Assert.Contains(methods, entry => entry.Method.Name == "CommitSnapshotAsync"); // those for silos were looked at, too
        Assert.Contains(methods, entry => entry.Name == "IParcelRelay");
    }
}
