using System.Security.Cryptography;
using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Runs;

/// <summary>One output folder, what the last command said of it, and what lies in it that no run may touch.</summary>
internal sealed class RunningFolder(string path)
{
    private readonly Dictionary<string, string> _foreign = [];
    private readonly Dictionary<string, string> _setAside = [];
    private readonly Dictionary<(int Seed, long Step), string> _weights = [];

    public string Path => path;

    /// <summary>Steps and weights of the snapshot that the folder has to yield.</summary>
    public (long Step, string Weights) Reported { get; private set; }

    /// <summary>Seed of the run in it.</summary>
    public int Seed { get; set; }

    public bool HasRun => File.Exists(In("latest"));

    public string In(string name) => System.IO.Path.Combine(path, name);

    public IReadOnlyList<string> Snapshots => FinishedRun.SnapshotsOf(path).Where(folder => File.Exists(System.IO.Path.Combine(folder, "state.json"))).ToList();

    /// <summary>Puts files of a user into the folder, some under names that look like a run's, and a link to another run.</summary>
    public void Plant(string otherRun)
    {
        foreach (var name in new[] { "notes.txt", "step-by-step.md", "my.tmp", "latest.txt", ".tmp-mine", "snapshots" })
        {
            File.WriteAllText(In(name), name);
        }

        File.Copy(In("model.safetensors"), In("kept.safetensors"));
        Directory.CreateSymbolicLink(In("other"), otherRun);
        foreach (var file in Directory.GetFiles(path).Where(file => System.IO.Path.GetFileName(file) is not ("latest" or "report.json" or "report.html" or "series.lcns" or "model.safetensors"))
            .Concat(Directory.GetFiles(In("other"), "*", SearchOption.AllDirectories)))
        {
            _foreign[file] = Hash(file);
        }
    }

    /// <summary>Takes in what a run said before it ended, however it ended.</summary>
    /// <param name="events">Its events.</param>
    /// <param name="wasKilled">Whether it may have got further than it could say.</param>
    public void Take(IReadOnlyList<JsonElement> events, bool wasKilled)
    {
        foreach (var line in events)
        {
            switch (line.Kind)
            {
                case "started" when line.Whole("resumedAtStep") is > 0 and var step:
                    Reported = (step, Know(step));
                    break;
                case "setAside":
                    foreach (var name in line.GetProperty("snapshots").EnumerateArray().Select(name => name.GetString()!))
                    {
                        var folder = System.IO.Path.Combine(line.Text("folder"), name);
                        _setAside[folder] = Know(StepOf(folder));
                    }

                    break;
                case "snapshot":
                    Reported = (line.Whole("step"), Learn(line.Whole("step"), line.Weights));
                    break;
                case "completed":
                    Reported = (line.Whole("steps"), Learn(line.Whole("steps"), line.Weights));
                    break;
            }
        }

        if (wasKilled && HasRun)
        {
            var (step, weights) = Latest();
            Assert.True(step >= Reported.Step || events.Count == 0, $"after step {Reported.Step} was reported, the folder goes on from step {step}");
            Reported = (step, Learn(step, weights));
            LearnUnreported();
        }
    }

    /// <summary>What each way into the folder yields is what was reported last, and nothing else was touched.</summary>
    public void Check(bool hasEnded, bool isComplete)
    {
        Assert.Equal(Reported, Latest());
        Assert.True(hasEnded ? File.Exists(In("model.safetensors")) : true, "no model");
        Assert.True(isComplete ? File.Exists(In("report.json")) : true, "no report");
        if (File.Exists(In("model.safetensors")))
        {
            Assert.Equal(Reported.Weights, WeightsFile.Sha256(In("model.safetensors")));
        }

        if (File.Exists(In("report.json")))
        {
            using var report = JsonDocument.Parse(File.ReadAllText(In("report.json")));
            Assert.Equal(Reported, (report.RootElement.Whole("steps"), report.RootElement.Weights));
        }

        Assert.All(_foreign, file => Assert.Equal(file.Value, Hash(file.Key)));
        Assert.All(_setAside, snapshot => Assert.Equal(snapshot.Value, WeightsFile.Sha256(System.IO.Path.Combine(snapshot.Key, "model.safetensors"))));
    }

    /// <summary>Everything in the folder, by content, but for claims: whoever comes takes over what a dead process left.</summary>
    public IReadOnlyList<string> Everything() =>
        [.. Directory.GetFiles(path, "*", SearchOption.AllDirectories).Where(file => !System.IO.Path.GetFileName(file).StartsWith(".lcnn-claim", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(file => $"{file} {Hash(file)}")];

    public static long StepOf(string snapshot) => long.Parse(System.IO.Path.GetFileName(snapshot)[5..].Split('.')[0], null);

    private (long Step, string Weights) Latest()
    {
        var snapshot = In(File.ReadAllText(In("latest")).Trim());
        using var state = JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(snapshot, "state.json")));
        Assert.Equal(state.RootElement.Weights, WeightsFile.Sha256(System.IO.Path.Combine(snapshot, "model.safetensors")));
        return (state.RootElement.Whole("step"), state.RootElement.Weights);
    }

    // One that was whole before the kill and not yet said or made the latest may still be gone back to.
    private void LearnUnreported()
    {
        foreach (var snapshot in Snapshots)
        {
            Learn(StepOf(snapshot), WeightsFile.Sha256(System.IO.Path.Combine(snapshot, "model.safetensors")));
        }
    }

    // The schedule is constant: what a step leads to follows from the seed, on whatever way it was come to.
    private string Learn(long step, string weights)
    {
        Assert.Equal(weights, _weights.GetValueOrDefault((Seed, step), weights));
        return _weights[(Seed, step)] = weights;
    }

    private string Know(long step) => _weights[(Seed, step)];

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
