using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class SnapshotProbeTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Check_SameFolder_SucceedsUntilItIsDeleted()
    {
        var first = SnapshotProbe.Write(_root["run"], 1);
        var second = SnapshotProbe.Write(_root["run"], 1);

        SnapshotProbe.Check(_root["run"], first);
        SnapshotProbe.Check(_root["run"] + "/", second);
        SnapshotProbe.Delete(_root["run"], first);
        SnapshotProbe.Delete(_root["run"], first);

        AssertRefused(_root["run"], first);
        SnapshotProbe.Check(_root["run"], second);
    }

    [Fact]
    public void Check_AnotherFolder_NamesIt()
    {
        var probe = SnapshotProbe.Write(_root["run"], 1);
        Directory.CreateDirectory(_root["elsewhere"]);

        AssertRefused(_root["elsewhere"], probe);
        AssertRefused(_root["missing"], probe);
    }

    [Theory]
    [InlineData("")]
    [InlineData("torn")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    public void Check_FileOfAnotherContent_NamesTheFolder(string content)
    {
        var probe = SnapshotProbe.Write(_root["run"], 1);
        File.WriteAllText(Assert.Single(Directory.GetFiles(_root["run"])), content);

        AssertRefused(_root["run"], probe);
    }

    [Fact]
    public void Probe_InARunsFolder_IsNoSnapshotAndPrunedOnceItsGenerationHasWritten()
    {
        var committed = SnapshotWriter.Write(_root.Path, Samples.Content(1));
        var left = SnapshotProbe.Write(_root.Path, committed.Generation);
        var next = SnapshotProbe.Write(_root.Path, committed.Generation + 1);

        SnapshotStore.Prune(_root.Path, keep: 2, committed);

        Assert.Equal([committed], SnapshotStore.List(_root.Path));
        AssertRefused(_root.Path, left);
        SnapshotProbe.Check(_root.Path, next);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../../../etc/passwd")]
    [InlineData("g1.0123")]
    public void Check_WhatIsNoProbe_IsAnArgumentError(string probe) =>
        Assert.Throws<ArgumentException>(() => SnapshotProbe.Check(_root.Path, probe));

    private static void AssertRefused(string folder, string probe)
    {
        var problem = Assert.Throws<CheckpointException>(() => SnapshotProbe.Check(folder, probe));
        Assert.Equal(folder, problem.File);
        Assert.Contains("must be shared between silos", problem.Message, StringComparison.Ordinal);
    }
}
