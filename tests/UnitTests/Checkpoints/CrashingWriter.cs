using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

/// <summary>A process of its own, this very program, that writes snapshots until it is killed.</summary>
internal static class CrashingWriter
{
    private const string FolderVariable = "LCNN_TEST_WRITE_SNAPSHOTS_TO";
    private const string ProgressVariable = "LCNN_TEST_WRITER_PROGRESS";
    private const int Numbers = 200_000;

    // Under "dotnet test.dll" the process is dotnet itself.
    private static IEnumerable<string> Arguments =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(CrashingWriter).Assembly.Location] : [];

    /// <summary>Starts it; it goes on after the newest snapshot of the folder.</summary>
    public static Process Start(string folder, string progress) => Process.Start(new ProcessStartInfo(Environment.ProcessPath!, Arguments)
    {
        Environment = { [FolderVariable] = folder, [ProgressVariable] = progress },
    })!;

    /// <summary>What it writes at a step: every number of it is the step.</summary>
    public static SnapshotContent Content(long step)
    {
        var numbers = new float[Numbers];
        Array.Fill(numbers, step);
        return new SnapshotContent(step, Epoch: 1, Generation: 1, [SafeTensor.Create<float>("weight", numbers, Numbers)],
            [SafeTensor.Create<float>("weight.momentum", numbers, Numbers)], new JsonObject { ["metrics"] = new string('m', 4 * Numbers) });
    }

    // Before the test runner's own entry point.
    [ModuleInitializer]
    internal static void WriteIfTold()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { } folder)
        {
            using var progress = new WriterProgress(Environment.GetEnvironmentVariable(ProgressVariable)!);
            Write(folder, progress);
        }
    }

    private static void Write(string folder, WriterProgress progress)
    {
        try
        {
            var disk = new PhasedDisk(progress);
            for (var step = SnapshotStore.List(folder).Select(name => name.Step).FirstOrDefault() + 1; ; step++)
            {
                var content = Content(step);
                var name = SnapshotWriter.Write(folder, content, disk);
                SnapshotStore.SetLatest(folder, name, disk);
                progress.Pointed = step;
                SnapshotStore.Prune(folder, keep: 2, name, disk);
                progress.Phase = WriterPhase.Idle;
            }
        }
        catch (Exception problem)
        {
            Environment.FailFast(string.Create(CultureInfo.InvariantCulture, $"the snapshot writer failed by itself: {problem}"));
        }
    }
}
