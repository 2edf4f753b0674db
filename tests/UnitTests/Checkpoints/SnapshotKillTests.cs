using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class SnapshotKillTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private static readonly WriterPhase[] _files = [WriterPhase.Model, WriterPhase.Optimizer, WriterPhase.State, WriterPhase.Latest];

    private readonly TemporaryFolder _root = new();
    private readonly TemporaryFolder _outside = new();

    public void Dispose()
    {
        _root.Dispose();
        _outside.Dispose();
    }

    [Fact]
    public void Writer_KilledAtAnyMoment_NewestSnapshotAlwaysLoads()
    {
        var kills = TestTier.IsLong ? 100 : 15;
        var random = new Random(1);
        var caught = new Dictionary<WriterPhase, int>();
        using var progress = new WriterProgress(_outside["progress"]);

        // On a busy machine the killer may come late; then a few more.
        for (var kill = 0; kill < kills || (!IsCovered() && kill < 3 * kills); kill++)
        {
            // Five in six inside a file, each file in turn; the others wherever they hit.
            KillWriter(progress, kill % 6 == 5 ? null : _files[kill % _files.Length], random);
            caught[progress.Phase] = caught.GetValueOrDefault(progress.Phase) + 1;

            var newest = SnapshotStore.FindNewest(_root.Path, warning => Assert.Fail(warning));
            Assert.InRange(newest.Step, progress.Pointed, progress.Pointed + 1);
            Assert.Equal(WeightsHash.Compute(CrashingWriter.Content(newest.Step).Model), newest.WeightsSha256);
            Assert.All(SnapshotStore.List(_root.Path), name => SnapshotReader.Read(_root[name.ToString()]));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{caught.Values.Sum()} kills: {string.Join(", ", caught.OrderBy(entry => entry.Key).Select(entry => $"{entry.Value} in {entry.Key}"))}");
        Assert.True(IsCovered(), $"{caught.Values.Sum()} kills were not enough");
        AssertNextWriteClearsUp(progress.Pointed + 2);

        bool IsCovered() => _files.All(caught.ContainsKey) && _files.Sum(file => caught[file]) + caught.GetValueOrDefault(WriterPhase.Folder) >= kills * 8 / 10;
    }

    private void KillWriter(WriterProgress progress, WriterPhase? wanted, Random random)
    {
        var before = progress.Pointed;
        progress.Phase = WriterPhase.Idle;
        using var writer = CrashingWriter.Start(_root.Path, _outside["progress"]);
        var wholeOnes = before + random.Next(1, 4);
        Await(() => progress.Pointed >= wholeOnes);
        if (wanted is { } phase)
        {
            Await(() => progress.Phase == phase);
        }

        // Somewhere inside: small files are written in a moment, the others take milliseconds.
        Thread.SpinWait(random.Next(wanted is WriterPhase.Latest ? 2 : 20_000));
        writer.Kill();
        writer.WaitForExit();

        void Await(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(() => isSo() || writer.HasExited, _patience) && !writer.HasExited,
            $"the writer is at {progress.Phase} of step {progress.Pointed}, has ended: {writer.HasExited}");
    }

    private void AssertNextWriteClearsUp(long step)
    {
        var name = SnapshotWriter.Write(_root.Path, CrashingWriter.Content(step));
        SnapshotStore.SetLatest(_root.Path, name);
        SnapshotStore.Prune(_root.Path, keep: 2, name);

        Assert.Equal(step, SnapshotStore.FindNewest(_root.Path, warning => Assert.Fail(warning)).Step);
        Assert.Equal(3, Directory.GetFileSystemEntries(_root.Path).Length);
    }
}
