using System.Globalization;
using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.LongRuns;

/// <summary>A packed set of 3 GB: it stays on disk, and training takes the memory that it takes on a small one.</summary>
public sealed class PackedSetTests(PackedSetTests.Sets sets) : IClassFixture<PackedSetTests.Sets>
{
    private const double MegabytesAbove = 700;
    private const long GroupBytes = 3L << 29; // 1.5 GB

    [Fact]
    public async Task Train_OnThreeGigabytes_TakesTheMemoryOfASmallSet()
    {
        TestTier.SkipUnlessLong();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");

        var (_, small) = await TrainAsync(LcnnProcess.Start(sets.Arguments(sets.Small, "small")));
        var (completed, large) = await TrainAsync(LcnnProcess.Start(sets.Arguments(sets.Large, "large")));

        TestContext.Current.TestOutputHelper?.WriteLine($"peak of anonymous memory: {small:0} MB on {Sets.SmallCount} images, {large:0} MB on {Sets.LargeCount}; {completed.Number("samplesPerSecond"):0} samples/s");
        Assert.True(large - small <= MegabytesAbove, $"{small:0} MB on a small set, {large:0} MB on 3 GB");
    }

    [Fact]
    public async Task Train_OnThreeGigabytesInAGroupOfHalfOfThat_Finishes()
    {
        TestTier.SkipUnlessLong();
        using var group = new MemoryGroup(GroupBytes);

        var (completed, peak) = await TrainAsync(LcnnProcess.StartInShell($"echo $$ > '{group.Members}' && exec \"$@\"", sets.Arguments(sets.Large, "group")));

        TestContext.Current.TestOutputHelper?.WriteLine($"peak of anonymous memory: {peak:0} MB; {completed.Number("samplesPerSecond"):0} samples/s");
        Assert.InRange(peak, 1, GroupBytes / 1e6);
    }

    // The system keeps no peak of anonymous memory: it is looked at again and again.
    private static async Task<(JsonElement Completed, double PeakMegabytes)> TrainAsync(LcnnProcess started)
    {
        await using var lcnn = started;
        var peak = 0.0;
        using var moments = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!lcnn.HasExited && await moments.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            peak = Math.Max(peak, await AnonymousMegabytesAsync(lcnn.Id));
        }

        return (await lcnn.CompletedAsync(), peak);
    }

    private static async Task<double> AnonymousMegabytesAsync(int process)
    {
        try
        {
            var status = await File.ReadAllLinesAsync($"/proc/{process}/status", TestContext.Current.CancellationToken);
            return status.FirstOrDefault(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)) is { } line
                ? double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024 / 1e6
                : 0;
        }
        catch (IOException)
        {
            return 0; // it has ended
        }
    }

    /// <summary>Both sets, made when the first test wants them.</summary>
    public sealed class Sets : IDisposable
    {
        public const int SmallCount = 512;
        public const int LargeCount = 16_384; // of 196,608 bytes
        public const int BatchSize = 32;

        private readonly TemporaryFolder _folder = new();
        private readonly Lazy<string> _small;
        private readonly Lazy<string> _large;

        public Sets() => (_small, _large) = (new Lazy<string>(() => GeneratedSet.Write(_folder["small.lcds"], SmallCount)), new Lazy<string>(() => GeneratedSet.Write(_folder["large.lcds"], LargeCount)));

        public string Small => _small.Value;

        public string Large => _large.Value;

        public IReadOnlyList<string> Arguments(string dataset, string run)
        {
            File.WriteAllText(_folder["net.yaml"], """
                name: strided
                style: lcnn
                layers:
                  - conv: {channels: 8, kernel: 8, stride: 8, padding: 0}
                  - activation
                  - globalAveragePool
                  - flatten
                  - linear: {features: classes}
                """);
            return
            [
                "train", "--json", "--dataset", dataset, "--arch", _folder["net.yaml"], "--epochs", "1", "--batch-size", $"{BatchSize}", "--shards", "2", "--workers", "1",
                "--augment", "--curvature-samples", "4", "--out", _folder[run],
            ];
        }

        public void Dispose() => _folder.Dispose();
    }

    // Of either version; removed when its last process has ended.
    private sealed class MemoryGroup : IDisposable
    {
        private static readonly (string Root, string Limit)[] _places = [("/sys/fs/cgroup", "memory.max"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")];

        private readonly string _folder;

        public MemoryGroup(long bytes)
        {
            foreach (var (root, limit) in _places)
            {
                _folder = Path.Combine(root, $"lcnn-{Guid.NewGuid():N}");
                try
                {
                    Directory.CreateDirectory(_folder);
                    if (File.Exists(Path.Combine(_folder, limit)))
                    {
                        File.WriteAllText(Path.Combine(_folder, limit), $"{bytes}");
                        return;
                    }
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // Not of this version, or not ours to make.
                }

                if (Directory.Exists(_folder))
                {
                    Directory.Delete(_folder);
                }
            }

            _folder = "";
            Assert.Skip("no memory cgroup can be made here");
        }

        public string Members => Path.Combine(_folder, "cgroup.procs");

        public void Dispose()
        {
            if (_folder.Length > 0)
            {
                Directory.Delete(_folder);
            }
        }
    }
}
