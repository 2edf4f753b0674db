using Lcnn.Distributed.Grains.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class SharedStorageTests
{
    private readonly Dictionary<string, FakeFolders> _silos = new() { ["a"] = new(), ["b"] = new(), ["c"] = new() };
    private readonly List<string> _warnings = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_EverySiloSeesIt_LeavesTheGenerationAlone()
    {
        var generation = await CheckAsync(number: 1, coordinator: "c", "a", "b");

        Assert.False(generation.End.IsCompleted);
        Assert.Equal(["find", "leave", "remove"], _silos["a"].Asked);
        Assert.All(new[] { "b", "c" }, silo => Assert.Equal(["read"], _silos[silo].Asked));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a", "b")]
    public async Task Check_CoordinatorsSiloDoesNotSeeItAtTheStart_IsRefusedByName(params string[] members)
    {
        _silos["c"].Blindness = "/shared: not the storage";

        var generation = await CheckAsync(number: 1, coordinator: "c", members);

        var broken = Assert.IsType<GenerationEnd.Broken>(await generation.End);
        Assert.True(broken.BadInput);
        Assert.Equal("silo c, which coordinates the run, does not see the snapshots that silo a writes: /shared: not the storage", broken.Error);
        Assert.Equal("remove", _silos["a"].Asked[^1]);
    }

    [Fact]
    public async Task Check_CoordinatorsSiloDoesNotSeeItLater_GoesOnWithAWarning()
    {
        _silos["c"].Blindness = "/shared: not the storage.";

        var generation = await CheckAsync(number: 2, coordinator: "c", "a");

        Assert.False(generation.End.IsCompleted);
        Assert.Contains("silo c, which coordinates the run, does not see", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_FreshRunInAUsedFolder_IsRefusedNamingTheSnapshot()
    {
        _silos["a"].Snapshot = "step-20.g1.00000000";

        var generation = await CheckAsync(number: 1, coordinator: "a", "a");

        var broken = Assert.IsType<GenerationEnd.Broken>(await generation.End);
        Assert.True(broken.BadInput);
        Assert.Equal(
            "silo a: /shared already holds a run, whose newest snapshot is step-20.g1.00000000; expected none. Go on from it with --resume, or choose another --out",
            broken.Error);
    }

    [Fact]
    public async Task Check_SnapshotOfAnotherFolderInAUsedOne_IsRefusedNamingBoth()
    {
        _silos["a"].Snapshot = "step-20.g1.00000000";

        var generation = await CheckAsync(number: 1, coordinator: "a", ["a"], isLaterSegment: false, "/other/step-10.g1.00000000");

        var broken = Assert.IsType<GenerationEnd.Broken>(await generation.End);
        Assert.True(broken.BadInput);
        Assert.All(["/shared already holds a run", "step-20.g1.00000000", "/other/step-10.g1.00000000"], part => Assert.Contains(part, broken.Error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, "/shared/step-20.g1.00000000", "rewind to step-20.g1.00000000")]
    [InlineData(false, "/other/step-20.g1.00000000", null)]
    [InlineData(false, null, null)]
    [InlineData(true, null, "rewind to the beginning")]
    public async Task Rewind_RunThatTakesUpItsFolder_AsksTheWritersSilo(bool isLaterSegment, string? resumeFrom, string? asked)
    {
        var rewind = await Folder("c", isLaterSegment).RewindAsync(Generation(1, "a", "b"), "/shared", resumeFrom, Token);

        Assert.Equal(asked, Assert.Single(_silos["a"].Asked.DefaultIfEmpty()));
        Assert.Equal(asked is null ? null : "/shared/set-aside", rewind?.Folder);
        Assert.Empty(_silos["b"].Asked);
    }

    [Fact]
    public async Task Rewind_DiskRefuses_EndsTheRunByName()
    {
        _silos["a"].RewindProblem = "/shared: no space left on device";
        var generation = Generation(1, "a");

        await Folder("c", isLaterSegment: false).RewindAsync(generation, "/shared", "/shared/step-20.g1.00000000", Token);

        var broken = Assert.IsType<GenerationEnd.Broken>(await generation.End);
        Assert.Contains("step-20.g1.00000000: /shared: no space left on device", broken.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 2, null)]
    [InlineData(false, 1, "/shared/step-20.g1.00000000")]
    [InlineData(true, 1, null)]
    public async Task Check_RunThatGoesOnInItsFolder_IsNotRefused(bool isLaterSegment, int number, string? resumeFrom)
    {
        _silos["a"].Snapshot = "step-20.g1.00000000";

        var generation = await CheckAsync(number, coordinator: "a", ["a", "b"], isLaterSegment, resumeFrom);

        Assert.False(generation.End.IsCompleted);
        Assert.Contains("leave", _silos["a"].Asked);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("no such file", false)]
    public async Task IsUsable_OfASnapshotThatTheCoordinatorDoesNotSee_IsTheMembersWord(string? blindness, bool expected)
    {
        _silos["a"].Blindness = "no such file";
        _silos["b"].Blindness = blindness;

        Assert.Equal(expected, await Folder("c", isLaterSegment: false).IsUsableAsync(Generation(2, "a", "b"), "/shared/step-20.g1.00000000", Token));
        Assert.Empty(_silos["c"].Asked);
    }

    private static RunGeneration Generation(int number, params string[] members) =>
        new(number, [.. members.Select((silo, rank) => new MemberRecord { Rank = rank, Silo = silo, Incarnation = Guid.NewGuid() })], new FakeTimeProvider());

    private Task<RunGeneration> CheckAsync(int number, string coordinator, params string[] members) => CheckAsync(number, coordinator, members, isLaterSegment: false, null);

    private async Task<RunGeneration> CheckAsync(int number, string coordinator, string[] members, bool isLaterSegment, string? resumeFrom)
    {
        var generation = Generation(number, members);
        await Folder(coordinator, isLaterSegment).CheckAsync(generation, "/shared", resumeFrom, _warnings.Add, Token);
        return generation;
    }

    private SharedStorage Folder(string coordinator, bool isLaterSegment) =>
        new(coordinator, isLaterSegment, GrainsByKey.With((_, silo) => _silos[silo]), NullLogger.Instance);
}
