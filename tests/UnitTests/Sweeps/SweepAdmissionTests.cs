using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class SweepAdmissionTests : IDisposable
{
    private static readonly SweepSpec _spec = new()
    {
        Base = Recipes.Default() with { LogicalShards = 8, Workers = 1 },
        Parameters = [ParameterSpec.OneOf("workers", 2, 5, 1)],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-sweep-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void CheckSlots_TrialLargerThanTheCluster_IsRefusedByWhatItNeeds()
    {
        var workers = _spec.MostWorkers();

        Assert.Equal(5, workers);
        Assert.Equal(
            new SpecProblem("parameters.workers", "a trial of 5 workers needs 5 slots, the cluster has 4; start more silos or lower workers"),
            SweepAdmission.CheckSlots(_spec, workers, [Silo(2), Silo(2)]));
        Assert.Null(SweepAdmission.CheckSlots(_spec, workers, [Silo(2), Silo(3)]));
    }

    [Fact]
    public void CheckSlots_WorkersAmongOtherParameters_IsNamedByItsPlace()
    {
        var spec = _spec with { Parameters = [ParameterSpec.OneOf("lr", 0.1, 0.2), .. _spec.Parameters] };

        Assert.Equal("parameters.workers", SweepAdmission.CheckSlots(spec, 5, [Silo(2)])?.Field);
        Assert.Equal("base.workers", SweepAdmission.CheckSlots(spec with { Parameters = [ParameterSpec.OneOf("lr", 0.1, 0.2)] }, 5, [Silo(2)])?.Field);
    }

    [Fact]
    public void CheckSlots_SilosThatGiveAnyNumberOrDoNotAnswer_RefuseNothing()
    {
        Assert.Null(SweepAdmission.CheckSlots(_spec, 5, [Silo(0) with { IsUnlimited = true }]));
        Assert.Null(SweepAdmission.CheckSlots(_spec, 5, []));
    }

    [Fact]
    public void MarkFolder_OfAnotherSweep_IsRefusedByItsName()
    {
        var folder = Path.Combine(_folder, "new", "sweep");

        Assert.Null(SweepAdmission.MarkFolder(folder, "sweep-1"));
        Assert.Null(SweepAdmission.MarkFolder(folder, "sweep-1"));
        var problem = SweepAdmission.MarkFolder(folder, "sweep-2");

        Assert.Equal(("out", $"the folder '{folder}' is that of sweep sweep-1; give this one another"), (problem?.Field, problem?.Message));
        Assert.Equal([SweepMark.MarkName], Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void MarkFolder_ThatCannotBeWritten_SaysWhy()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "x");

        Assert.StartsWith($"cannot write to the folder '{file}': ", SweepAdmission.MarkFolder(file, "sweep-1")?.Message, StringComparison.Ordinal);
    }

    private static SiloReport Silo(int slots) => new() { Slots = [.. Enumerable.Range(0, slots).Select(index => new SlotReport(new DeviceSlot("silo", index, "cpu"), null))] };
}
