using Lcnn.Distributed.Cli;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Folders;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console.Testing;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>The command line with everything around it faked, in a folder of its own.</summary>
internal sealed class CliHarness : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public CliHarness()
    {
        Folder = Directory.CreateTempSubdirectory("lcnn-cli-").FullName;
        Services = new CliServices
        {
            Console = Console,
            Out = _output,
            Error = _error,
            WorkingDirectory = Folder,
            ProcessorCount = 8,
            Clock = Clock,
            Signals = Signals,
            ExitNow = ExitedAtOnce.Add,
            ParentSignals = Signals,
            Variable = Variables.GetValueOrDefault,
            VariableNames = () => Variables.Keys,
            OpenHost = Host.OpenAsync,
            SiloRunner = Silo,
            ReadFolder = RunFolderReader.Read,
            Evaluator = new Unavailable(),
            Inspector = new Unavailable(),
            Moons = new Unavailable(),
            Predictor = new Unavailable(),
            Exchange = new Unavailable(),
            Diagnostics = new Unavailable(),
            Datasets = new Unavailable(),
            DataTools = new Unavailable(),
            NetworkBenchmark = new Unavailable(),
            StepBenchmark = new Unavailable(),
            AllReduceBenchmark = new Unavailable(),
            ScalingBenchmark = new Unavailable(),
            PingBenchmark = new Unavailable(),
            SweepBenchmark = new Unavailable(),
        };
    }

    public string Folder { get; }

    public TestConsole Console { get; } = new TestConsole().Width(200);

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public FakeSignals Signals { get; } = new();

    public FakeHost Host { get; } = new();

    public FakeSiloRunner Silo { get; } = new();

    /// <summary>The environment.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public List<int> ExitedAtOnce { get; } = [];

    public CliServices Services { get; set; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public IReadOnlyList<string> OutputLines => Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public IReadOnlyList<string> ErrorLines => Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public RunSpec Spec => Host.Spec ?? throw new InvalidOperationException($"no run was started: {Error}");

    public Task<int> RunAsync(params IReadOnlyList<string> arguments) => CommandLine.RunAsync(arguments, Services);

    public Task<int> RunLineAsync(string line) => RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>A folder under the working directory with one file in it.</summary>
    public string FolderWithFile(string name, string file = "notes.txt")
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
        File.WriteAllText(Path.Combine(folder, file), "x");
        return folder;
    }

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        Console.Dispose();
        _output.Dispose();
        _error.Dispose();
    }
}
